//! The guards: a call is open while one lives.

#![expect(unsafe_code, reason = "a guard points to its node and to its thread's memory")]

use std::fmt::{self, Debug};
use std::ptr;
use std::sync::Arc;

use crate::callsite::Callsite;
use crate::clock;
use crate::entry::Tag;
use crate::metadata::{Metadata, Value};
use crate::recorder::{OFF, Recorder};
use crate::slot;
use crate::thread::{Callee, OpenCall, Thread};

/// An open call; dropping it closes the call. It stays on its thread.
///
/// Scopes are meant to be closed in the reverse order of their opening, as blocks are. A scope that
/// is still open when the one around it closes takes no more time in the call tree, and is counted
/// with its full duration when it is dropped. A scope that is never dropped is never counted, and
/// keeps the memory that its thread has in the profiler until the thread ends, also past a clear.
#[must_use = "the scope ends where this is dropped: bind it to a variable"]
pub struct Scope {
    // Of an `OpenCall`, opaque: a debug build describes to debuggers all that a type leads to, in every
    // part of a program that has a profiled function. A typed pointer to the node, and with it half the
    // engine, was half of what the attribute added to the time of a build.
    node: *const (), // null if nothing is recorded
    start: u64,
}

/// An open call with metadata; dropping it closes the call. See [`Scope`].
#[must_use = "the scope ends where this is dropped: bind it to a variable"]
#[derive(Debug)]
pub struct TaggedScope {
    scope: Scope,
    metadata: Option<Arc<Metadata>>,
}

impl Scope {
    /// Nothing to close.
    const CLOSED: Scope = Scope { node: ptr::null(), start: 0 };

    /// Opens a call of a place in the source.
    // In a debug build not inlined, where all functions of a program would only take longer to compile.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn enter(recorder: &Recorder, site: &'static Callsite) -> Scope {
        if site.is_left_out(recorder.token()) { Scope::CLOSED } else { Scope::open(recorder, site) }
    }

    /// Opens a call of a name known at run time only: a look-up in a map slower.
    #[inline]
    pub fn enter_named(recorder: &Recorder, name: &str) -> Scope {
        if recorder.token() == OFF { Scope::CLOSED } else { Scope::open_named(recorder, name) }
    }

    // Not inlined: what stands at every call is one comparison and one call. The question whether
    // the thread is unwinding is asked apart from the rest, because its answer may need a call, for
    // which the rest would have to save registers.
    #[inline(never)]
    fn open(recorder: &Recorder, site: &'static Callsite) -> Scope {
        if std::thread::panicking() {
            Scope::open_unusual(recorder, site)
        } else {
            Scope::open_usual(recorder, site)
        }
    }

    #[inline(never)]
    fn open_usual(recorder: &Recorder, site: &'static Callsite) -> Scope {
        let slot = slot::get();
        // Switched off since the caller looked, the recorder's token matches no slot.
        if slot.usual_token.get() == recorder.token()
            && let Some(call) = Thread::enter_usual(slot, ptr::from_ref(site).addr())
        {
            return Scope::of(call);
        }
        Scope::open_unusual(recorder, site)
    }

    #[cold]
    #[inline(never)]
    fn open_unusual(recorder: &Recorder, site: &'static Callsite) -> Scope {
        let Some(thread) = recorder.thread() else {
            site.forget();
            return Scope::CLOSED;
        };
        // SAFETY: the memory in use is owned by this thread.
        let thread = unsafe { &*thread };
        let key = thread.key_of_site(site);
        key.map_or(Scope::CLOSED, |key| Scope::of(thread.enter(key, Callee::Site(site))))
    }

    #[inline(never)]
    fn open_named(recorder: &Recorder, name: &str) -> Scope {
        let Some(thread) = recorder.thread() else { return Scope::CLOSED };
        // SAFETY: the memory in use is owned by this thread.
        let thread = unsafe { &*thread };
        let key = thread.key_of(name);
        key.map_or(Scope::CLOSED, |key| Scope::of(thread.enter(key, Callee::Named(name))))
    }

    /// Whether the call is recorded.
    #[must_use]
    #[inline]
    pub fn is_recorded(&self) -> bool {
        !self.node.is_null()
    }

    #[inline(always)]
    const fn of(call: OpenCall) -> Scope {
        Scope { node: call.node.cast(), start: call.start }
    }

    #[inline(always)]
    const fn call(&self) -> OpenCall {
        OpenCall { node: self.node.cast(), start: self.start }
    }
}

impl Drop for Scope {
    #[cfg_attr(not(debug_assertions), inline(always))] // as `enter`
    fn drop(&mut self) {
        if self.is_recorded() {
            leave(self.call());
        }
    }
}

impl TaggedScope {
    /// The guard of an open call, if it is recorded.
    pub(crate) fn of(call: Option<OpenCall>, metadata: Option<Arc<Metadata>>) -> TaggedScope {
        let scope = call.map_or(Scope::CLOSED, Scope::of);
        TaggedScope { scope, metadata }
    }

    /// Opens a call of a place in the source. The metadata is made before the call begins, and only
    /// if it is recorded.
    #[inline(always)]
    pub fn enter(
        recorder: &Recorder,
        site: &'static Callsite,
        metadata: impl FnOnce() -> Metadata,
    ) -> TaggedScope {
        if site.is_left_out(recorder.token()) {
            return TaggedScope { scope: Scope::CLOSED, metadata: None };
        }
        let metadata = Some(Arc::new(metadata()));
        TaggedScope { scope: Scope::open(recorder, site), metadata }
    }

    /// Opens a call of a name known at run time, as [`TaggedScope::enter`] does.
    #[inline(always)]
    pub fn enter_named(
        recorder: &Recorder,
        name: &str,
        metadata: impl FnOnce() -> Metadata,
    ) -> TaggedScope {
        if recorder.token() == OFF {
            return TaggedScope { scope: Scope::CLOSED, metadata: None };
        }
        let metadata = Some(Arc::new(metadata()));
        TaggedScope { scope: Scope::open_named(recorder, name), metadata }
    }

    /// Attaches one more value to the call.
    pub fn with(mut self, key: &'static str, value: impl Into<Value>) -> TaggedScope {
        self.set(key, value);
        self
    }

    /// Attaches one more value to the call, found out while it is open.
    pub fn set(&mut self, key: &'static str, value: impl Into<Value>) {
        if self.scope.is_recorded() {
            let metadata = self.metadata.get_or_insert_default();
            Arc::make_mut(metadata).push((key.into(), value.into()));
        }
    }
}

impl From<Scope> for TaggedScope {
    fn from(scope: Scope) -> TaggedScope {
        TaggedScope { scope, metadata: None }
    }
}

impl Drop for TaggedScope {
    fn drop(&mut self) {
        let call = std::mem::replace(&mut self.scope, Scope::CLOSED).into_call();
        if !call.node.is_null() {
            leave_unusual(call, None, Tag::new(self.metadata.take()));
        }
    }
}

impl Scope {
    fn into_call(self) -> OpenCall {
        let call = self.call();
        std::mem::forget(self);
        call
    }
}

impl Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("is_recorded", &self.is_recorded()).finish()
    }
}

#[inline(never)]
fn leave(call: OpenCall) {
    // Asked apart, as in `Scope::open`.
    if std::thread::panicking() { leave_unusual(call, None, Tag::NONE) } else { leave_usual(call) }
}

#[inline(never)]
fn leave_usual(call: OpenCall) {
    let slot = slot::get();
    // SAFETY: null, or memory that this thread owns.
    let Some(thread) = (unsafe { slot.counting.get().as_ref() }) else {
        return leave_unusual(call, None, Tag::NONE);
    };
    let end = clock::counter();
    if !thread.leave_usual(slot, call, end) {
        leave_unusual(call, Some(end), Tag::NONE);
    }
}

/// Closes any call: of this recorder or another, the innermost one or not. `end` is what the counter
/// said, if that was asked already.
#[cold]
#[inline(never)]
fn leave_unusual(call: OpenCall, end: Option<u64>, metadata: Tag) {
    if !slot::is_alive() {
        // The call was counted as unrecorded at the hand-over.
        // SAFETY: the tag is owned here, and not used again.
        drop(unsafe { metadata.into_metadata() });
        return;
    }
    // SAFETY: this thread still owns its memory, which is kept as long as a guard points to it.
    let owner = unsafe { (*call.node).owner };
    // SAFETY: as above; a node that was entered has an owner.
    let owner = unsafe { &*owner };
    // Not asked again: what is unusual about a call must not make it longer.
    let end = end.filter(|_| owner.clock.is_counter()).unwrap_or_else(|| owner.clock.now());
    owner.leave(call, end, metadata);
    slot::adopt(owner);
}
