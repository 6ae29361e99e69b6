//! The operating system's monotonic clock, in nanoseconds.

use std::sync::LazyLock;
use std::time::Instant;

static ZERO: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Nanoseconds since the process first asked.
pub(crate) fn read() -> u64 {
    u64::try_from(ZERO.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
