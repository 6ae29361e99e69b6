//! Recursion: deeper than call paths are kept, branching, mutual, and unwinding.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::LazyLock;

use perprovis::{ManualClock, Profiler, Report, profile};

static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
static PROFILER: LazyLock<Profiler> =
    LazyLock::new(|| Profiler::builder().clock(CLOCK.clone()).build());

/// Calls inside each other; 512 are told apart.
const DEPTH: u64 = 600;

#[profile(profiler = PROFILER)]
fn fall(depth: u64) {
    CLOCK.advance_nanos(100 + depth);
    if depth > 1 {
        fall(depth - 1);
    }
    CLOCK.advance_nanos(7);
}

#[profile(profiler = PROFILER)]
fn fibonacci(number: u64) -> u64 {
    CLOCK.advance_nanos(10);
    if number < 2 { number } else { fibonacci(number - 1) + fibonacci(number - 2) }
}

#[profile(profiler = PROFILER)]
fn is_even(number: u64) -> bool {
    CLOCK.advance_nanos(1_500);
    number == 0 || is_odd(number - 1)
}

#[profile(profiler = PROFILER)]
fn is_odd(number: u64) -> bool {
    CLOCK.advance_nanos(2_500);
    number != 0 && is_even(number - 1)
}

#[profile(profiler = PROFILER)]
fn unwind(depth: u64) {
    CLOCK.advance_nanos(300);
    if depth == 0 {
        resume_unwind(Box::new("on purpose")); // a panic without a message on the terminal
    }
    unwind(depth - 1);
}

/// All of it on one thread.
pub(crate) fn report() -> Report {
    {
        let _main = PROFILER.block("main");
        CLOCK.advance_nanos(50);
        fall(DEPTH);
        assert_eq!(fibonacci(12), 144);
        assert!(is_even(40));
        for depth in 0..3 {
            let unwound = catch_unwind(AssertUnwindSafe(|| unwind(depth)));
            assert!(unwound.is_err(), "it always unwinds");
        }
    }
    PROFILER.report()
}
