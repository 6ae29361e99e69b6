//! Threads and the scopes open on them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use perprovis_core::units::Ticks;

/// A thread: a small number, unique in the process, counted from 1 in the order in which the
/// threads first recorded something.
///
/// It displays as that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadId(pub(crate) u64);

impl ThreadId {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A thread that recorded something.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreadInfo {
    /// Which thread.
    pub id: ThreadId,
    /// The name the program gave it.
    pub name: Option<Arc<str>>,
    /// Whether it had exited when the report was taken.
    pub exited: bool,
    /// Time in profiled code on it: its root calls, those still open included.
    pub total_time: Duration,
}

/// A scope that was open when the report was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenScope {
    /// Its function.
    pub name: Arc<str>,
    /// The names from the outermost call to this one.
    pub call_stack: Arc<[Arc<str>]>,
    /// The thread it is open on.
    pub thread_id: ThreadId,
    /// When it was opened, since the profiler's start; for an async function when its current
    /// poll began.
    pub since: Duration,
    /// How long it had been open.
    pub elapsed: Duration,
    pub(crate) path: u32,
    pub(crate) since_ticks: Ticks, // since the profiler's start
}
