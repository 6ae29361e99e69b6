//! Recording on: the engine as it is.

pub(crate) use perprovis_core::Recorder;
#[cfg(feature = "report")]
pub(crate) use perprovis_core::at_exit;
pub use perprovis_core::{Callsite, Profiled, Scope, TaggedScope, Task};

/// Whether anything is ever recorded.
#[cfg(feature = "report")]
pub(crate) const RECORDS: bool = true;

/// Records a future as `task`.
#[inline(always)]
pub const fn profile_future<F>(task: Task, future: F) -> Profiled<F> {
    Profiled::new(task, future)
}
