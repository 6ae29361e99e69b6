//! The thread-local slot: which recorder this thread recorded for last, and what it owns.
//!
//! The slot has no destructor, so that reading it is one instruction and works to the thread's very
//! end. What the thread owns has one, which hands it over. While the profiler itself is at work
//! (making a thread's memory, taking a report) the slot is shut: a profiled memory allocator
//! called from there records nothing, instead of finding things half done.

#![expect(unsafe_code, reason = "the thread-local is read through a pointer")]

use std::cell::{Cell, RefCell};
use std::hash::BuildHasherDefault;
use std::ptr;
use std::sync::Arc;

use crate::hash::MixMap;
use crate::thread::Thread;
use crate::tree::Node;

/// Matches no recorder, not even one that is off.
const NO_SESSION: u64 = u64::MAX;

/// What the recording path finds in one look.
pub(crate) struct Slot {
    /// The session of `thread`, or [`NO_SESSION`].
    pub(crate) token: Cell<u64>,
    /// The same if `thread` reads the CPU's counter: what the usual paths look at.
    pub(crate) usual_token: Cell<u64>,
    /// The thread memory in use; null before the first call and after the thread's end.
    pub(crate) thread: Cell<*const Thread>,
    /// The node of the innermost open call in `thread`, or its root. Here instead of there: the
    /// path to it is short.
    pub(crate) current: Cell<*const Node>,
    /// The same as `thread` if that reads the CPU's counter, else null.
    pub(crate) counting: Cell<*const Thread>,
    state: Cell<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Shut,
    /// The thread is being torn down; what it owned has been handed over.
    Dead,
}

/// What the thread owns: its memory in each session that it met, handed over at its end.
struct Owned(RefCell<MixMap<u64, Arc<Thread>>>); // by token

#[cfg(not(loom))]
thread_local! {
    static SLOT: Slot = const {
        Slot {
            token: Cell::new(NO_SESSION),
            usual_token: Cell::new(NO_SESSION),
            thread: Cell::new(ptr::null()),
            current: Cell::new(ptr::null()),
            counting: Cell::new(ptr::null()),
            state: Cell::new(State::Open),
        }
    };
    static OWNED: Owned = const { Owned(RefCell::new(MixMap::with_hasher(BuildHasherDefault::new()))) };
}

#[cfg(loom)]
loom::thread_local! {
    static SLOT: Slot = Slot {
        token: Cell::new(NO_SESSION),
        usual_token: Cell::new(NO_SESSION),
        thread: Cell::new(ptr::null()),
        current: Cell::new(ptr::null()),
        counting: Cell::new(ptr::null()),
        state: Cell::new(State::Open),
    };
    static OWNED: Owned = Owned(RefCell::new(MixMap::with_hasher(BuildHasherDefault::new())));
}

/// The end of a model's thread: loom destroys all thread-locals at once, the slot included.
#[cfg(all(test, loom))]
pub(crate) fn end_thread() {
    OWNED.with(Owned::end);
}

/// The slot of this thread. Never fails: it needs no initialisation and has no destructor.
#[inline(always)]
pub(crate) fn get<'a>() -> &'a Slot {
    // A pointer, since `with` is not inlined round a body as large as the recording path.
    let slot = SLOT.with(ptr::from_ref);
    // SAFETY: without a destructor the slot lives as long as its thread, and its cells keep the
    // reference from leaving that.
    unsafe { &*slot }
}

impl Slot {
    fn set_token(&self, token: u64) {
        self.token.set(token);
        self.usual_token.set(if self.counting.get().is_null() { NO_SESSION } else { token });
    }

    /// Puts memory of this thread in use, or none. The former keeps its place in its tree.
    fn put(&self, thread: *const Thread) {
        // SAFETY: null, or memory that this thread owns.
        if let Some(former) = unsafe { self.thread.get().as_ref() } {
            former.parked().set(self.current.get());
        }
        self.thread.set(thread);
        // SAFETY: as above.
        let parked = unsafe { thread.as_ref() }.map(|thread| thread.parked().get());
        self.current.set(parked.unwrap_or(ptr::null()));
    }
}

/// Opens the slot again when the profiler's own work is done, or unwinds.
struct Reopen {
    token: u64,
    state: State,
}

impl Drop for Reopen {
    fn drop(&mut self) {
        let slot = get();
        if slot.state.get() != State::Dead {
            slot.state.set(self.state);
            slot.set_token(self.token);
        }
    }
}

/// Does the profiler's own work: calls made meanwhile on this thread are not recorded.
pub(crate) fn exclusive<R>(work: impl FnOnce() -> R) -> R {
    let slot = get();
    let _reopen = Reopen { token: slot.token.get(), state: slot.state.get() };
    if slot.state.get() != State::Dead {
        slot.state.set(State::Shut);
        slot.set_token(NO_SESSION);
    }
    work()
}

/// The memory of this thread in the session with `token`, made by `make` if there is none. It
/// becomes the one in use. `None` while the slot is shut or the thread is being torn down, and if
/// `make` gives none.
#[cold]
#[inline(never)]
pub(crate) fn switch(
    token: u64,
    make: impl FnOnce() -> Option<Arc<Thread>>,
) -> Option<*const Thread> {
    if get().state.get() != State::Open {
        return None;
    }
    let found = exclusive(|| OWNED.try_with(|owned| owned.find_or_add(token, make)));
    let Ok(found) = found else {
        get().state.set(State::Dead);
        return None;
    };
    let thread = found?;
    // SAFETY: this thread owns it.
    adopt(unsafe { &*thread });
    Some(thread)
}

/// Makes `thread`, which this thread owns, the one in use, unless the slot is shut: what shut it
/// finds it as it was.
pub(crate) fn adopt(thread: &Thread) {
    let slot = get();
    if slot.state.get() == State::Open {
        slot.put(thread);
        slot.counting.set(if thread.clock.is_counter() { thread } else { ptr::null() });
        slot.set_token(thread.token());
    }
}

/// Frees this thread's memory in sessions that are over, as far as no guard points into it.
pub(crate) fn dispose() {
    let slot = get();
    if slot.state.get() != State::Open {
        return;
    }
    // SAFETY: null, or memory that this thread owns.
    if unsafe { slot.thread.get().as_ref() }.is_some_and(Thread::is_disposable) {
        slot.counting.set(ptr::null());
        slot.set_token(NO_SESSION);
        slot.put(ptr::null());
    }
    exclusive(|| {
        // While the thread is torn down, it owns nothing more.
        let _ = OWNED
            .try_with(|owned| owned.0.borrow_mut().retain(|_, thread| !thread.is_disposable()));
    });
}

/// Whether this thread still owns its memory: if so, nodes with an open call are alive.
pub(crate) fn is_alive() -> bool {
    get().state.get() != State::Dead
}

impl Owned {
    /// The memory with this token, or what `make` gives.
    fn find_or_add(
        &self,
        token: u64,
        make: impl FnOnce() -> Option<Arc<Thread>>,
    ) -> Option<*const Thread> {
        let mut threads = self.0.borrow_mut();
        if let Some(known) = threads.get(&token) {
            return Some(Arc::as_ptr(known));
        }
        let made = make()?;
        // Now and then, so that a thread with many profilers does not look at all for each.
        if threads.len().is_power_of_two() {
            let in_use = get().thread.get();
            threads.retain(|_, thread| {
                ptr::eq(Arc::as_ptr(thread), in_use) || !thread.is_disposable()
            });
        }
        let pointer = Arc::as_ptr(&made);
        threads.insert(made.token(), made);
        Some(pointer)
    }

    /// Hands everything over.
    fn end(&self) {
        let slot = get();
        slot.state.set(State::Dead);
        slot.set_token(NO_SESSION);
        slot.counting.set(ptr::null());
        slot.put(ptr::null());
        for thread in self.0.take().into_values() {
            thread.hand_over();
        }
    }
}

#[cfg(not(loom))]
impl Drop for Owned {
    fn drop(&mut self) {
        self.end();
    }
}
