//! Attributes of functions, above and below.
#![deny(warnings)]

use perprovis::profile;

#[inline(always)]
#[must_use]
#[profile]
#[cold]
#[doc(hidden)]
pub fn mixed() -> u8 {
    1
}

#[profile]
#[inline]
#[must_use = "with a reason"]
#[doc(alias = "other")]
pub fn below() -> u8 {
    2
}

#[inline(never)]
#[cold]
#[must_use = "with a reason"]
#[profile]
pub fn above() -> u8 {
    3
}

#[deprecated = "for a reason"]
#[profile]
pub fn old() -> u8 {
    4
}

#[profile]
#[deprecated(since = "1", note = "for a reason")]
#[must_use]
pub async fn old_later() -> u8 {
    5
}

#[profile]
#[rustfmt::skip]
#[allow(unused_variables, clippy::all)]
#[expect(unused_mut, reason = "passes through")]
pub fn lints(unused: u8) -> u8 { let mut x = 6; x }

fn main() {
    assert_eq!(mixed() + below() + above() + lints(0), 12);
    #[allow(deprecated)]
    let sum = old() + futures::executor::block_on(old_later());
    assert_eq!(sum, 9);
    assert_eq!(perprovis::global().report().functions().len(), 6);
}
