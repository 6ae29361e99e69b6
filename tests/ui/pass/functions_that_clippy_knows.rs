//! Functions of a form that clippy asks for keep it: its lints stay silent (`lints.rs` looks).
#![deny(warnings)]

use std::cmp::Ordering;

use perprovis::profile;

/// Empty, for its bounds.
#[profile]
fn is_sync<T: Sync + ?Sized>() {}

#[derive(PartialEq, Eq)]
struct Grade(u8);

#[profile]
impl PartialOrd for Grade {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[profile]
impl Ord for Grade {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.cmp(&self.0)
    }
}

#[derive(Copy)]
struct Position(u8);

impl Clone for Position {
    #[profile]
    fn clone(&self) -> Self {
        *self
    }
}

fn main() {
    is_sync::<str>();
    assert!(Grade(1) > Grade(2));
    #[expect(clippy::clone_on_copy, reason = "it is what is shown")]
    let position = Position(3).clone();
    assert_eq!(position.0, 3);
    assert_eq!(perprovis::global().report().summary().total_calls, 4);
}
