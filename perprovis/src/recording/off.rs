//! Recording off: what `on` has, of size zero, doing nothing.

use std::borrow::Cow;
use std::marker::PhantomData;

use perprovis_core::metadata::{Metadata, Value};
use perprovis_core::snapshot::Snapshot;
use perprovis_core::{Filter, Limits, ManualClock};

/// Whether anything is ever recorded.
#[cfg(feature = "report")]
pub(crate) const RECORDS: bool = false;

/// Does nothing: there will be nothing to tell.
#[cfg(feature = "report")]
pub(crate) fn at_exit(_: fn()) -> bool {
    false
}

/// An instrumented place.
#[derive(Debug)]
pub struct Callsite;

impl Callsite {
    /// A place that has no name here.
    #[must_use]
    pub const fn named(_: &'static str) -> Callsite {
        Callsite
    }

    /// A place that has no name here.
    #[must_use]
    pub const fn of<T>() -> Callsite {
        Callsite
    }
}

/// Records nothing.
#[derive(Debug, Default)]
pub struct Recorder;

impl Recorder {
    /// A recorder that records nothing.
    #[must_use]
    pub const fn new() -> Recorder {
        Recorder
    }

    /// A recorder that records nothing.
    #[must_use]
    pub fn with(_: bool, _: Limits, _: Option<ManualClock>) -> Recorder {
        Recorder
    }

    /// A recorder that records nothing.
    #[must_use]
    pub fn filtered(self, _: Option<Filter>) -> Recorder {
        Recorder
    }

    /// Does nothing.
    pub fn change_limits(&self, _: impl FnOnce(&mut Limits)) {}

    /// Does nothing.
    pub fn set_filter(&self, _: Option<Filter>) {}

    /// Never.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        false
    }

    /// Does nothing.
    pub const fn enable(&self) {}

    /// Does nothing.
    pub const fn disable(&self) {}

    /// Does nothing.
    pub const fn clear(&self) {}

    /// Nothing.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::default()
    }
}

/// A call that is not recorded. As with recording, it stays on its thread.
#[must_use = "the scope ends where this is dropped: bind it to a variable"]
#[derive(Debug)]
pub struct Scope(PhantomData<*const ()>);

/// A call that is not recorded, with metadata that is not made.
#[must_use = "the scope ends where this is dropped: bind it to a variable"]
#[derive(Debug)]
pub struct TaggedScope(Scope);

impl Scope {
    /// Nothing to close.
    #[inline(always)]
    pub const fn enter(_: &Recorder, _: &'static Callsite) -> Scope {
        Scope(PhantomData)
    }

    /// Nothing to close.
    #[inline(always)]
    pub const fn enter_named(_: &Recorder, _: &str) -> Scope {
        Scope(PhantomData)
    }

    /// Whether the call is recorded: never.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        false
    }
}

// Says to lints that dropping a scope is a meaningful thing to do, as it is with recording.
impl Drop for Scope {
    #[inline(always)]
    fn drop(&mut self) {}
}

impl TaggedScope {
    /// Nothing to close.
    #[inline(always)]
    pub fn enter(
        _: &Recorder,
        site: &'static Callsite,
        _: impl FnOnce() -> Metadata,
    ) -> TaggedScope {
        TaggedScope(Scope::enter(&Recorder, site))
    }

    /// Nothing to close.
    #[inline(always)]
    pub fn enter_named(_: &Recorder, name: &str, _: impl FnOnce() -> Metadata) -> TaggedScope {
        TaggedScope(Scope::enter_named(&Recorder, name))
    }

    /// Attaches nothing.
    #[inline(always)]
    pub fn with(self, _: &'static str, _: impl Into<Value>) -> TaggedScope {
        self
    }

    /// Attaches nothing.
    #[inline(always)]
    pub fn set(&mut self, _: &'static str, _: impl Into<Value>) {}
}

impl From<Scope> for TaggedScope {
    fn from(scope: Scope) -> TaggedScope {
        TaggedScope(scope)
    }
}

/// The call that a future is not recorded as.
#[must_use = "a task is recorded as part of a `Profiled` future"]
#[derive(Debug)]
pub struct Task;

impl Task {
    /// A call that is not recorded.
    #[inline(always)]
    pub fn named(_: &'static Recorder, _: impl Into<Cow<'static, str>>) -> Task {
        Task
    }

    /// A call that is not recorded.
    #[inline(always)]
    pub fn named_on(_: &Recorder, _: impl Into<Cow<'static, str>>) -> Task {
        Task
    }
}

/// The future itself.
pub type Profiled<F> = F;

/// The future itself.
#[inline(always)]
pub fn profile_future<F>(_: Task, future: F) -> Profiled<F> {
    future
}
