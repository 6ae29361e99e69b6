//! A clock that moves when it is told to, so that tests can expect exact numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A clock driven by hand, in nanoseconds. Clones are the same clock.
///
/// It may also be set back; what is measured across that counts as no time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock {
    nanos: Arc<AtomicU64>,
}

impl ManualClock {
    /// A clock that stands at zero.
    #[must_use]
    pub fn new() -> ManualClock {
        ManualClock::default()
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        self.advance_nanos(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Moves the clock on by nanoseconds.
    pub fn advance_nanos(&self, nanos: u64) {
        // SeqCst, as everywhere here: a test's clock may be read on other threads, and speed is no
        // concern.
        self.nanos.fetch_add(nanos, Ordering::SeqCst);
    }

    /// Puts the clock to a time since its zero.
    pub fn set(&self, to: Duration) {
        let nanos = u64::try_from(to.as_nanos()).unwrap_or(u64::MAX);
        self.nanos.store(nanos, Ordering::SeqCst);
    }

    /// Nanoseconds since its zero.
    #[must_use]
    pub fn nanos(&self) -> u64 {
        self.nanos.load(Ordering::SeqCst)
    }
}
