//! How long a tick of the CPU's counter is.

use std::hint;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use super::{Clock, tsc};
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
    START.rate(clock)
}

/// Notes the time if nobody has yet.
pub(crate) fn start() {
    LazyLock::force(&START);
}

static START: LazyLock<Anchor> = LazyLock::new(Anchor::now);

impl Anchor {
    /// Reads both clocks: the closest of a few attempts, since one can be interrupted in between.
    fn now() -> Anchor {
        let attempt = || {
            let before = tsc::read();
            let instant = Instant::now();
            let after = tsc::read();
            (after.wrapping_sub(before), Anchor { ticks: before / 2 + after / 2, instant })
        };
        let mut best = attempt();
        for _ in 0..4 {
            let next = attempt();
            if next.0 < best.0 {
                best = next;
            }
        }
        best.1
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
        let now = Anchor::now();
        let nanos = now.instant.duration_since(self.instant).as_nanos() as f64;
        let ticks = now.ticks.saturating_sub(self.ticks) as f64;
        TickRate::new(nanos / ticks).unwrap_or(TickRate::NANOSECOND)
    }
}
