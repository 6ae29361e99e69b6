//! A crate without the standard library in its own names.
#![no_std]
#![deny(warnings)]

use core::fmt::Debug;

#[perprovis::profile(metadata(?value))]
fn plain<T: Debug>(value: T) -> Option<T> {
    Some(value)
}

#[perprovis::profile]
async fn later(number: u8) -> u8 {
    number
}

fn main() {
    assert_eq!(plain(1), Some(1));
    assert_eq!(futures::executor::block_on(later(2)), 2);
    assert_eq!(perprovis::global().report().functions().len(), 2);
}
