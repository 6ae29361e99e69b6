//! Bounds over every lifetime, on closures and on function pointers.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn apply<F>(shorten: F) -> usize
where
    for<'a> F: Fn(&'a str) -> &'a str,
{
    shorten("abc").len()
}

#[profile]
fn call(function: for<'a> fn(&'a [u8]) -> &'a u8) -> u8 {
    *function(&[4, 5])
}

#[profile]
fn first(values: &[u8]) -> &u8 {
    &values[0]
}

#[profile]
async fn eventually(shorten: impl for<'a> Fn(&'a str) -> &'a str) -> usize {
    shorten("abc").len()
}

fn main() {
    assert_eq!(apply(|text| &text[1..]), 2);
    assert_eq!(call(first), 4);
    assert_eq!(futures::executor::block_on(eventually(|text| &text[2..])), 1);
}
