//! Words that are keywords in some places only, as names of functions and parameters.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn default(auto: u8) -> u8 {
    auto
}

#[profile]
fn union(default: u8) -> u8 {
    default
}

#[profile]
fn macro_rules(raw: u8) -> u8 {
    raw
}

#[profile]
async fn safe(union: u8) -> u8 {
    union
}

fn main() {
    assert_eq!(default(1) + union(2) + macro_rules(3), 6);
    assert_eq!(futures::executor::block_on(safe(4)), 4);
}
