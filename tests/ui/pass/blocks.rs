//! Every form of `profile_block!`.
#![deny(warnings)]

use perprovis::{Profiler, profile_block};

static P: Profiler = Profiler::new();

fn run(text: &str) -> Option<i32> {
    let name = format!("load {text}");
    let number: i32 = profile_block!("parse", { text.parse().ok()? });
    let _whole = profile_block!(name, number);
    for attempt in 0..3 {
        profile_block!(profiler = P, "attempt", attempt, ?text, %number, {
            if attempt == 1 {
                break;
            }
            if attempt == 0 {
                continue;
            }
        });
    }
    let mut moved = String::new();
    profile_block!(profiler = &P, &name, size = moved.len(), kind = ?text, {
        moved.push('x');
    });
    let owned = String::from("x");
    let back = profile_block!("moves", ?owned, { owned });
    profile_block!("empty", {});
    (back == moved).then_some(number)
}

fn main() {
    assert_eq!(run("7"), Some(7));
    assert_eq!(run("x"), None);
}
