//! The operating system's monotonic clock, in nanoseconds.

use std::sync::LazyLock;
use std::time::Instant;

static ZERO: LazyLock<Option<Instant>> = LazyLock::new(now);

/// Nanoseconds since the process first asked; zero for ever where there is no clock.
pub(crate) fn read() -> u64 {
    let nanos = ZERO.map_or(0, |zero| zero.elapsed().as_nanos());
    u64::try_from(nanos).unwrap_or(u64::MAX)
}

/// The time now, unless the target has no clock: there `Instant::now` panics.
pub(crate) fn now() -> Option<Instant> {
    let missing =
        cfg!(perprovis_clock = "none") || cfg!(all(target_family = "wasm", target_os = "unknown"));
    (!missing).then(Instant::now)
}
