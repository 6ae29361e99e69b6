//! `#![...]` and `//!` at the beginning of a body.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn plain(unused: u8) -> u8 {
    //! Documented inside.
    #![allow(unused_variables)]
    #![allow(dead_code)]
    fn never_called() {}
    1
}

#[profile]
async fn later(unused: u8) -> u8 {
    //! Documented inside.
    #![allow(unused_variables)]
    #![allow(dead_code)]
    fn never_called() {}
    2
}

fn main() {
    assert_eq!(plain(0) + futures::executor::block_on(later(0)), 3);
}
