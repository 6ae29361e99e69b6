//! How long a tick of the CPU's counter is, and whether it stays as long.
//!
//! Each report reads both clocks, so that the run falls into parts. The length of a tick is that of the whole run;
//! where it differs between parts, the counter or the system's clock is not steady, or the machine was
//! suspended, as the system's clock then stands still and the counter may go on, or begin anew. The first
//! report measures the overhead, a part that is short and free of that.

use std::hint;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Clock, os, tsc};
use crate::units::TickRate;

/// The counter and the operating system's clock, read at the same moment.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    ticks: u64,
    apart: u64, // ticks that the moment lasted
    instant: Instant,
}

/// The shortest time between two anchors that gives a rate: a reading of the two clocks is some
/// 50 ns apart at worst, so 5 ms make the rate good to 2e-5. A report taken sooner waits for it.
const SHORTEST: Duration = Duration::from_millis(5);

/// Parts of a run shorter than this are not compared.
const SHORTEST_PART: Duration = Duration::from_millis(1);

/// Up to this the length of a tick may differ between parts: a system's clock that is being set right runs
/// up to 5e-4 faster or slower (adjtimex(2)).
const TOLERANCE: f64 = 1e-3;

/// The rate of `clock`, measured since the first session of the process began; so only a report in
/// the first 5 ms of it has to wait.
pub(crate) fn rate(clock: &Clock) -> TickRate {
    START.as_ref().map_or(TickRate::NANOSECOND, |start| start.rate(clock))
}

/// By how much the length of a tick has differed so far between parts of the run: relative, infinite if
/// the counter went back, zero if it is within what is usual.
pub(crate) fn disagreement(clock: &Clock) -> f64 {
    match Anchor::now() {
        Some(now) if clock.is_counter() => watch(now),
        _ => 0.0,
    }
}

/// Notes the time if nobody has yet.
pub(crate) fn start() {
    LazyLock::force(&START);
}

/// None where there is no clock to compare with; then the counter is not used.
static START: LazyLock<Option<Anchor>> = LazyLock::new(Anchor::now);

/// Ends a part of the run; gives the disagreement.
fn watch(now: Anchor) -> f64 {
    static PARTS: Mutex<Option<Parts>> = Mutex::new(None);
    let mut parts = PARTS.lock().unwrap_or_else(PoisonError::into_inner);
    let parts = parts.get_or_insert_with(|| Parts::since(START.unwrap_or(now)));
    parts.end(now);
    parts.disagreement()
}

impl Anchor {
    /// Reads both clocks: the closest of a few attempts, since one can be interrupted in between.
    fn now() -> Option<Anchor> {
        if !tsc::is_invariant() {
            return None; // it may not even be there
        }
        let attempt = |_| {
            let before = tsc::read();
            let instant = os::now()?;
            let after = tsc::read();
            let apart = after.wrapping_sub(before);
            Some(Anchor { ticks: before / 2 + after / 2, apart, instant })
        };
        (0..5).filter_map(attempt).min_by_key(|anchor| anchor.apart)
    }

    /// The rate of `clock` since this anchor. Spins until [`SHORTEST`] has passed if the clock is
    /// the counter.
    fn rate(&self, clock: &Clock) -> TickRate {
        if !matches!(clock, Clock::Counter) {
            return TickRate::NANOSECOND;
        }
        while self.instant.elapsed() < SHORTEST {
            hint::spin_loop();
        }
        let Some(now) = Anchor::now() else { return TickRate::NANOSECOND };
        watch(now);
        TickRate::new(self.nanos_per_tick(now)).unwrap_or(TickRate::NANOSECOND)
    }

    /// The length of a tick from here to `later`; infinite if the counter went back.
    fn nanos_per_tick(&self, later: Anchor) -> f64 {
        let nanos = later.instant.duration_since(self.instant).as_nanos() as f64;
        nanos / later.ticks.saturating_sub(self.ticks) as f64
    }
}

/// The run, in parts.
#[derive(Debug)]
struct Parts {
    latest: Anchor,
    shortest: f64, // tick of any part, in nanoseconds
    longest: f64,
}

impl Parts {
    fn since(start: Anchor) -> Parts {
        Parts { latest: start, shortest: f64::INFINITY, longest: 0.0 }
    }

    /// Ends a part, unless it would be too short to tell.
    fn end(&mut self, now: Anchor) {
        let nanos = now.instant.duration_since(self.latest.instant);
        let ticks = now.ticks.abs_diff(self.latest.ticks) as f64;
        let apart = self.latest.apart.saturating_add(now.apart) as f64;
        if nanos >= SHORTEST_PART
            && (now.ticks < self.latest.ticks || apart < ticks * TOLERANCE / 2.0)
        {
            let length = self.latest.nanos_per_tick(now);
            self.shortest = self.shortest.min(length);
            self.longest = self.longest.max(length);
            self.latest = now;
        }
    }

    fn disagreement(&self) -> f64 {
        let by = self.longest / self.shortest - 1.0;
        if self.longest == f64::INFINITY {
            f64::INFINITY
        } else if by > TOLERANCE {
            by
        } else {
            0.0
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// The disagreement of a run whose clocks say so: ticks of the counter, microseconds of the system.
    fn of(readings: &[(u64, u64)]) -> f64 {
        let zero = Instant::now();
        let anchor = |&(ticks, micros)| {
            let instant = zero + Duration::from_micros(micros);
            Anchor { ticks, apart: 100, instant }
        };
        let mut parts = Parts::since(anchor(&readings[0]));
        readings[1..].iter().for_each(|reading| parts.end(anchor(reading)));
        parts.disagreement()
    }

    #[test]
    fn steady_clocks_agree() {
        assert_eq!(of(&[(5_000, 0)]), 0.0);
        assert_eq!(of(&[(5_000, 0), (20_005_000, 10_000)]), 0.0);
        assert_eq!(of(&[(5_000, 0), (20_005_000, 10_000), (40_015_000, 20_000)]), 0.0);
    }

    #[test]
    fn a_suspended_machine_whose_counter_goes_on_is_found() {
        // Ten seconds of a counter, of which the system knows one; then the overhead's measurement.
        let by = of(&[(0, 0), (20_000_000_000, 1_000_000), (20_008_000_000, 1_004_000)]);
        assert!((by - 9.0).abs() < 1e-9, "{by}");
    }

    #[test]
    fn a_counter_that_changes_its_rate_is_found() {
        let by = of(&[(0, 0), (20_000_000, 10_000), (39_900_000, 20_000)]);
        assert!((by - 0.005).abs() < 1e-4, "{by}");
    }

    #[test]
    fn a_counter_that_begins_anew_is_found() {
        assert_eq!(of(&[(9_000_000, 0), (29_000_000, 10_000), (5_000, 20_000)]), f64::INFINITY);
    }

    #[test]
    fn parts_too_short_to_tell_are_not_compared() {
        // Half a millisecond, with a reading that was interrupted for a tenth of it.
        assert_eq!(of(&[(0, 0), (20_000_000, 10_000), (21_100_000, 10_500)]), 0.0);
    }

    #[test]
    fn the_clocks_of_this_machine_agree() {
        let clock = Clock::of_machine();
        start();
        rate(&clock);
        assert!(disagreement(&clock) < 0.5);
    }
}
