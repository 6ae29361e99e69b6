//! More parameters than tuples have traits for.
#![deny(warnings)]

use perprovis::profile;

#[profile]
#[rustfmt::skip]
fn sum(
    a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: u8,
) -> u8 {
    a + b + c + d + e + f + g + h + i + j + k + l + m
}

#[profile]
#[rustfmt::skip]
async fn sum_later(
    a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: u8,
) -> u8 {
    a + b + c + d + e + f + g + h + i + j + k + l + m
}

fn main() {
    assert_eq!(sum(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 13);
    let future = sum_later(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    assert_eq!(futures::executor::block_on(future), 13);
}
