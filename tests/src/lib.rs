//! What the tests share: profilers on a clock driven by hand, a heap that counts, made-up programs and
//! the truth about them, and every view of a report.

pub mod heap;
pub mod machine;
pub mod program;
pub mod truth;
pub mod views;

use std::time::Duration;

use perprovis::{FunctionStats, ManualClock, Profiler, ProfilerBuilder};

/// A builder of profilers on a clock that stands still until told to move.
pub fn on_manual_clock() -> (ManualClock, ProfilerBuilder) {
    let clock = ManualClock::new();
    (clock.clone(), Profiler::builder().clock(clock))
}

/// A profiler with default limits on a clock that stands still until told to move.
#[must_use]
pub fn manual() -> (ManualClock, Profiler) {
    let (clock, builder) = on_manual_clock();
    (clock, builder.build())
}

/// Nanoseconds.
#[must_use]
pub const fn ns(nanos: u64) -> Duration {
    Duration::from_nanos(nanos)
}

/// The statistics of a function that must be there.
///
/// # Panics
///
/// If it is not.
#[must_use]
#[track_caller]
pub fn stats(profiler: &Profiler, name: &str) -> FunctionStats {
    match profiler.function_stats(name) {
        Some(stats) => stats,
        None => panic!("no function {name}:\n{}", profiler.report()),
    }
}

/// Numbers that look random and are the same in every run (SplitMix64, G. Steele et al., *Fast
/// splittable pseudorandom number generators*, 2014).
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The next number in `0..bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound
    }
}
