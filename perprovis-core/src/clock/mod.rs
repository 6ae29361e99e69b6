//! Choice of the time source, and the length of its ticks.
//!
//! The CPU's counter is read wherever it is invariant, which is decided once per process; how long
//! its tick is, is found out when a report asks, by comparison with the operating system's clock
//! over the whole time since the profiler started.
//!
//! `--cfg perprovis_clock="os"` forces the system's clock, as on a CPU without such a counter, and `"none"`
//! no clock, as on wasm32-unknown-unknown: for tests.

pub(crate) mod calibrate;
mod os;
mod tsc;

use std::sync::LazyLock;

use crate::manual::ManualClock;
use crate::snapshot::ClockSource;

/// The time now of [`Clock::Counter`].
#[inline(always)]
pub(crate) fn counter() -> u64 {
    #[cfg(all(test, not(loom)))]
    if let Some(ticks) = by_hand::ticks() {
        return ticks;
    }
    tsc::read()
}

/// The counter as tests drive it, so that they run the usual paths with exact numbers.
#[cfg(all(test, not(loom)))]
pub(crate) mod by_hand {
    use std::cell::Cell;

    thread_local!(static TICKS: Cell<Option<u64>> = const { Cell::new(None) });

    /// What the counter says on this thread from now on; `None` for the real one.
    pub(crate) fn set(ticks: Option<u64>) {
        TICKS.set(ticks);
    }

    pub(crate) fn ticks() -> Option<u64> {
        TICKS.get()
    }
}

/// A source of ticks. A reading is never zero, so that zero can stand for "none".
#[derive(Clone, Debug)]
pub(crate) enum Clock {
    Counter,
    Os,
    Manual(ManualClock),
}

impl Clock {
    /// The best clock of this machine.
    pub(crate) fn of_machine() -> Clock {
        static SOUND: LazyLock<bool> = LazyLock::new(|| {
            let forced_away = cfg!(any(perprovis_clock = "os", perprovis_clock = "none"));
            !forced_away && tsc::is_invariant() && os::now().is_some()
        });
        #[cfg(all(test, not(loom)))]
        if by_hand::ticks().is_some() {
            return Clock::Counter;
        }
        if *SOUND { Clock::Counter } else { Clock::Os }
    }

    #[inline(always)]
    pub(crate) fn is_counter(&self) -> bool {
        matches!(self, Clock::Counter)
    }

    /// The time now, in ticks.
    pub(crate) fn now(&self) -> u64 {
        match self {
            Clock::Counter => counter(),
            Clock::Os => os::read().saturating_add(1),
            Clock::Manual(clock) => clock.nanos().saturating_add(1),
        }
    }

    pub(crate) fn source(&self) -> ClockSource {
        match self {
            Clock::Counter => ClockSource::Counter,
            Clock::Os => ClockSource::Os,
            Clock::Manual(_) => ClockSource::Manual,
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::callsite::Callsite;
    use crate::recorder::Recorder;
    use crate::scope::Scope;
    use crate::units::Ticks;

    static SITE: Callsite = Callsite::named("site");

    #[test]
    fn calls_are_counted_whatever_the_clock_even_without_one() {
        let recorder = Recorder::new();
        (0..3).for_each(|_| drop(Scope::enter(&recorder, &SITE)));
        let snapshot = recorder.snapshot();
        let function = &snapshot.functions[0].statistics;
        assert_eq!((function.count, function.histogram.count()), (3, 3));
        if cfg!(perprovis_clock = "none") {
            assert_eq!((function.sum, function.max), (Ticks::ZERO, Ticks::ZERO));
            assert_eq!(snapshot.clock.started, snapshot.clock.now);
        }
        let forced = cfg!(any(perprovis_clock = "os", perprovis_clock = "none"));
        let counter = !forced && tsc::is_invariant();
        assert_eq!(snapshot.clock.source == ClockSource::Counter, counter);
    }
}
