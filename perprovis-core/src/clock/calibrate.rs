//! How long a tick of the CPU's counter is.

use std::hint;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use super::{Clock, os, tsc};
use crate::units::TickRate;

/// The counter and the operating system's clock, read at the same moment.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    ticks: u64,
    instant: Instant,
}

/// The shortest time between two anchors that gives a rate: a reading of the two clocks is some
/// 50 ns apart at worst, so 5 ms make the rate good to 2e-5. A report taken sooner waits for it.
const SHORTEST: Duration = Duration::from_millis(5);

/// The rate of `clock`, measured since the first session of the process began; so only a report in
/// the first 5 ms of it has to wait.
pub(crate) fn rate(clock: &Clock) -> TickRate {
    START.as_ref().map_or(TickRate::NANOSECOND, |start| start.rate(clock))
}

/// Notes the time if nobody has yet.
pub(crate) fn start() {
    LazyLock::force(&START);
}

/// None where there is no clock to compare with; then the counter is not used.
static START: LazyLock<Option<Anchor>> = LazyLock::new(Anchor::now);

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
            Some((after.wrapping_sub(before), Anchor { ticks: before / 2 + after / 2, instant }))
        };
        let closest = (0..5).filter_map(attempt).min_by_key(|(apart, _)| *apart);
        closest.map(|(_, anchor)| anchor)
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
        let nanos = now.instant.duration_since(self.instant).as_nanos() as f64;
        let ticks = now.ticks.saturating_sub(self.ticks) as f64;
        TickRate::new(nanos / ticks).unwrap_or(TickRate::NANOSECOND)
    }
}
