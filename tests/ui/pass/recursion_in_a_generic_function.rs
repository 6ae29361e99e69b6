//! A generic function that calls itself, also with another type, is one function in the report.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn length<T>(values: &[T]) -> usize {
    match values {
        [] => 0,
        [_, rest @ ..] => 1 + length(rest),
    }
}

#[profile]
fn alternate<T: Default, U: Default>(rest: u32) -> usize {
    if rest == 0 { std::mem::size_of::<T>() } else { alternate::<U, T>(rest - 1) }
}

#[profile]
async fn fall<T: Copy>(rest: u32, value: T) -> T {
    if rest == 0 { value } else { Box::pin(fall(rest - 1, value)).await }
}

fn main() {
    assert_eq!(length(&["a", "b"]) + length(&[1]), 3);
    assert_eq!((alternate::<u8, u64>(2), alternate::<u8, u64>(3)), (1, 8));
    assert_eq!(futures::executor::block_on(fall(4, 'x')), 'x');
    let calls = |name| perprovis::global().function_stats(name).unwrap().call_count;
    assert_eq!((calls("length"), calls("alternate"), calls("fall")), (5, 7, 5));
}
