//! `#[track_caller]` on either side: the location is the caller's.
#![deny(warnings)]

use std::panic::Location;

use perprovis::profile;

#[profile]
#[track_caller]
fn below() -> u32 {
    Location::caller().line()
}

#[track_caller]
#[profile]
fn above() -> u32 {
    Location::caller().line()
}

#[profile(metadata(line = Location::caller().line()))]
#[track_caller]
fn in_metadata() -> u32 {
    Location::caller().line()
}

trait Where {
    #[profile]
    #[track_caller]
    fn line(&self) -> u32 {
        Location::caller().line()
    }
}

impl Where for () {}

fn main() {
    assert_eq!(below(), line!());
    assert_eq!(above(), line!());
    assert_eq!(in_metadata(), line!());
    assert_eq!(().line(), line!());
    let pointer: fn() -> u32 = below;
    assert_ne!(pointer(), 0);
}
