//! Parameters that are patterns: tuples, structs, slices, references, bindings, nothing.
#![deny(warnings)]

use perprovis::profile;

struct Point {
    x: u8,
    y: u8,
}

struct Wrapped(u8, u8);

struct Unit;

#[profile]
fn matched(
    (a, mut b): (u8, u8),
    Point { x, y: _ }: Point,
    Wrapped(w, ..): Wrapped,
    [head, .., tail]: [u8; 3],
    all @ [_, rest @ ..]: [u8; 2],
    &r: &u8,
    Unit: Unit,
    ref by_reference: u8,
    _: u8,
) -> u8 {
    b += 1;
    a + b + x + w + head + tail + all[0] + rest[0] + r + *by_reference
}

#[profile]
async fn matched_later(
    (a, mut b): (u8, u8),
    Point { x, y: _ }: Point,
    Wrapped(w, ..): Wrapped,
    [head, .., tail]: [u8; 3],
    all @ [_, rest @ ..]: [u8; 2],
    &r: &u8,
    Unit: Unit,
    ref by_reference: u8,
    _: u8,
) -> u8 {
    b += 1;
    a + b + x + w + head + tail + all[0] + rest[0] + r + *by_reference
}

#[profile]
fn either((Ok(number) | Err(number)): Result<u8, u8>) -> u8 {
    number
}

#[profile]
async fn either_later((Ok(number) | Err(number)): Result<u8, u8>) -> u8 {
    number
}

fn main() {
    use futures::executor::block_on;

    let point = || Point { x: 1, y: 9 };
    let wrapped = || Wrapped(1, 9);
    assert_eq!(point().y + wrapped().1, 18);
    let sum = matched((1, 1), point(), wrapped(), [1, 9, 1], [1, 1], &1, Unit, 1, 9);
    assert_eq!(sum, 11);
    let future = matched_later((1, 1), point(), wrapped(), [1, 9, 1], [1, 1], &1, Unit, 1, 9);
    assert_eq!(block_on(future), 11);
    assert_eq!(either(Ok(1)) + either(Err(2)) + block_on(either_later(Err(3))), 6);
}
