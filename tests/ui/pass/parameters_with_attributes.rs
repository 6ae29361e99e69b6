//! Attributes on parameters: lints, and `cfg` that removes one.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn plain(#[cfg(any())] gone: Missing, #[allow(unused_variables)] kept: u8, value: u8) -> u8 {
    #[cfg(any())]
    let value = gone.value(value);
    value
}

#[profile]
async fn later(#[cfg(any())] gone: Missing, #[allow(unused_variables)] kept: u8, value: u8) -> u8 {
    #[cfg(any())]
    let value = gone.value(value);
    value
}

fn main() {
    assert_eq!(plain(1, 2), 2);
    assert_eq!(futures::executor::block_on(later(1, 2)), 2);
}
