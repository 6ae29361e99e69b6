//! `impl Trait` and `dyn Trait` as arguments, sync and async.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn sum(values: impl IntoIterator<Item = u8>, map: &dyn Fn(u8) -> u8) -> u32 {
    values.into_iter().map(map).map(u32::from).sum()
}

#[profile]
fn run_twice(work: &mut impl FnMut()) {
    work();
    work();
}

#[profile]
async fn eventual_sum(values: impl IntoIterator<Item = u8>, map: &dyn Fn(u8) -> u8) -> u32 {
    values.into_iter().map(map).map(u32::from).sum()
}

fn main() {
    assert_eq!(sum([1, 2], &|value| value * 2), 6);
    let mut runs = 0;
    run_twice(&mut || runs += 1);
    assert_eq!(runs, 2);
    assert_eq!(futures::executor::block_on(eventual_sum(vec![1, 2], &|value| value + 1)), 5);
}
