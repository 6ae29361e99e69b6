//! Choice of the time source, and the length of its ticks.
//!
//! The CPU's counter is read wherever it is invariant, which is decided once per process; how long
//! its tick is, is found out when a report asks, by comparison with the operating system's clock
//! over the whole time since the profiler started.

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
        static INVARIANT: LazyLock<bool> = LazyLock::new(tsc::is_invariant);
        #[cfg(all(test, not(loom)))]
        if by_hand::ticks().is_some() {
            return Clock::Counter;
        }
        if *INVARIANT { Clock::Counter } else { Clock::Os }
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
