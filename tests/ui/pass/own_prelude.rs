//! The user's own items of the names that expanded code could stumble over.
#![deny(warnings)]
#![allow(dead_code, non_camel_case_types)]

mod core {}
mod std {}
mod perprovis_core {}
struct Some;
struct Option;
struct str;

#[perprovis::profile(metadata(value))]
fn plain(value: u32) -> u32 {
    let sum = value + 1;
    let __perprovis_scope = sum - 1;
    __perprovis_scope
}

#[perprovis::profile]
async fn asynchronous(value: u32) -> u32 {
    value
}

fn main() {
    assert_eq!(plain(1), 1);
    drop(asynchronous(1));
}
