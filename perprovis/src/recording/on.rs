//! Recording on: the engine as it is.

pub(crate) use perprovis_core::Recorder;
pub use perprovis_core::{Callsite, Profiled, Scope, TaggedScope, Task};

/// Records a future as `task`.
#[inline(always)]
pub const fn profile_future<F>(task: Task, future: F) -> Profiled<F> {
    Profiled::new(task, future)
}
