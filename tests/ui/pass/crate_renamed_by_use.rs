//! The crate under another name, by `use`.
#![deny(warnings)]

use perprovis as prof;
use prof::profile as measured;

#[prof::profile(name = "work", crate = prof)]
fn work() -> u8 {
    1
}

mod inner {
    #[super::prof::profile(crate = super::prof, metadata(number), profiler = super::prof::global())]
    pub(super) async fn later(number: u8) -> u8 {
        number
    }
}

#[measured]
fn attribute_renamed() -> u8 {
    3
}

fn main() {
    assert_eq!(work() + futures::executor::block_on(inner::later(2)) + attribute_renamed(), 6);
    assert_eq!(prof::global().report().functions().len(), 3);
}
