//! Futures as calls: timed from their first poll to completion, on whatever threads they run.
//!
//! Every poll is a call on the stack of the thread that polls, so stacks of interleaved tasks never
//! mix, and the tree gets the time inside polls, under whoever polled. The sums of one call travel
//! with the future, and go to the function's statistics on the thread that completes it.

#![expect(unsafe_code, reason = "pin projection, and the memory of the polling thread")]

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::callsite::Callsite;
use crate::entry::Tag;
use crate::half::Polled;
use crate::metadata::Metadata;
use crate::recorder::{Engine, OFF, Recorder, UNUSED};
use crate::scope::TaggedScope;
use crate::slot;
use crate::thread::{Callee, Elapsed, OpenCall, Thread};
use crate::tree::Key;

/// A future that is recorded as one call.
///
/// A future dropped after its first poll and before completion counts as cancelled; one that was
/// never polled has not begun and counts nowhere.
#[must_use = "futures do nothing unless polled"]
#[derive(Debug)]
pub struct Profiled<F> {
    task: Task,
    future: F, // pinned with `self`
}

/// The call that a future is recorded as: who records it, under which name, and what it took so far.
///
/// Small, as every profiled future holds one: what the attribute makes needs no memory of its own,
/// and `token` also says whether the call has begun.
#[must_use = "a task is recorded as part of a `Profiled` future"]
#[derive(Debug)]
pub struct Task {
    call: Call,
    metadata: Option<Arc<Metadata>>,
    token: u64, // of the session it began in; UNPOLLED before, OFF if not recorded or completed
    start: u64, // of the first poll, in ticks
    busy: u64,
    self_time: u64,
    polls: u64,
}

/// The token of a task that has not begun. No session has it.
const UNPOLLED: u64 = UNUSED;

/// Who records a future, under which name.
#[derive(Debug)]
enum Call {
    Static(&'static Recorder, &'static Callsite),
    Other(Box<(Target, Name)>),
}

#[derive(Debug)]
enum Target {
    Static(&'static Recorder),
    Shared(Arc<Engine>),
}

#[derive(Clone, Copy)]
enum TargetRef<'a> {
    Static(&'static Recorder),
    Shared(&'a Engine),
}

#[derive(Debug)]
enum Name {
    Site(&'static Callsite),
    Given(Cow<'static, str>),
}

// Declared, because the compiler's own proof walks through the whole engine, in every future that
// awaits a profiled one, and so deep that chains of async functions soon meet its recursion limit.
//
// SAFETY: so is every part of a task, as `parts` has the compiler check.
unsafe impl Send for Task {}
// SAFETY: as above.
unsafe impl Sync for Task {}

const _: fn(&Task) = |parts| {
    fn check<T: Send + Sync>(_: &T) {}
    let Task { call, metadata, token, start, busy, self_time, polls } = parts;
    check(call);
    check(metadata);
    [token, start, busy, self_time, polls].into_iter().for_each(check);
};

impl<F> Profiled<F> {
    /// A future that is recorded as `task`.
    pub const fn new(task: Task, future: F) -> Profiled<F> {
        Profiled { task, future }
    }
}

impl<F: Future> Future for Profiled<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: `future` is not moved out of `this`, `task` is never pinned.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: pinned with `self`.
        let future = unsafe { Pin::new_unchecked(&mut this.future) };
        // Also closes the poll if it unwinds: then the call has ended.
        let open = this.task.begin_poll();
        let mut running = Running { task: &mut this.task, open, completed: true };
        let result = future.poll(context);
        running.completed = result.is_ready();
        result
    }
}

/// A poll in progress.
struct Running<'a> {
    task: &'a mut Task,
    open: Option<OpenPoll>, // none if the poll is not recorded
    completed: bool,
}

#[derive(Clone, Copy)]
struct OpenPoll {
    thread: *const Thread,
    call: OpenCall,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        match self.open {
            Some(open) => self.task.end_poll(open, self.completed),
            None if self.completed => self.task.end_unrecorded(),
            None => {}
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if !self.has_begun() {
            return;
        }
        match self.thread() {
            Some(thread) => {
                // SAFETY: memory that this thread owns.
                let thread = unsafe { &*thread };
                if let Some((key, callee)) = self.call.key(thread) {
                    thread.cancel(key, callee);
                }
            }
            None => self.end_unrecorded(),
        }
    }
}

impl Task {
    /// A call of a place in the source, recorded by a recorder that lives for ever.
    pub const fn new(recorder: &'static Recorder, site: &'static Callsite) -> Task {
        Task::of(Call::Static(recorder, site))
    }

    /// A call of a place in the source. If the recorder is dropped before the future, the call is
    /// not recorded.
    pub fn on(recorder: &Recorder, site: &'static Callsite) -> Task {
        Task::of(Call::other(|| (Target::of(recorder), Name::Site(site))))
    }

    /// A call of a name known at run time, recorded by a recorder that lives for ever.
    pub fn named(recorder: &'static Recorder, name: impl Into<Cow<'static, str>>) -> Task {
        let name = Name::Given(name.into());
        Task::of(Call::other(|| (Target::Static(recorder), name)))
    }

    /// A call of a name known at run time, as [`Task::on`].
    pub fn named_on(recorder: &Recorder, name: impl Into<Cow<'static, str>>) -> Task {
        let name = Name::Given(name.into());
        Task::of(Call::other(|| (Target::of(recorder), name)))
    }

    /// The same with metadata, which is made now, and only if the recorder is enabled now.
    pub fn with_metadata(mut self, metadata: impl FnOnce() -> Metadata) -> Task {
        if !self.call.is_left_out(self.call.target().token()) {
            self.metadata = Some(Arc::new(metadata()));
        }
        self
    }

    /// Opens the call on this thread, as one that is no future.
    pub fn enter(mut self) -> TaggedScope {
        let open = self.begin_poll();
        self.token = OFF; // the scope ends it
        TaggedScope::of(open.map(|open| open.call), self.metadata.take())
    }

    const fn of(call: Call) -> Task {
        Task { call, metadata: None, token: UNPOLLED, start: 0, busy: 0, self_time: 0, polls: 0 }
    }

    const fn has_begun(&self) -> bool {
        !matches!(self.token, UNPOLLED | OFF)
    }

    /// Puts a poll on this thread's stack; `None` if the call is not recorded.
    fn begin_poll(&mut self) -> Option<OpenPoll> {
        let first = self.token == UNPOLLED;
        if first {
            let token = self.call.target().token();
            self.token = if self.call.is_left_out(token) { OFF } else { token };
        }
        if self.token == OFF {
            return None;
        }
        let Some(thread) = self.thread() else {
            if first {
                self.end_unrecorded(); // it has begun in no session
            }
            return None;
        };
        // SAFETY: memory that this thread owns.
        let owned = unsafe { &*thread };
        let Some((key, callee)) = self.call.key(owned) else {
            self.token = OFF;
            return None;
        };
        let call = owned.enter(key, callee);
        if first {
            self.token = owned.token(); // it may have begun the session
        }
        if self.polls == 0 {
            self.start = call.start;
        }
        Some(OpenPoll { thread, call })
    }

    fn end_poll(&mut self, open: OpenPoll, completed: bool) {
        // SAFETY: this thread's memory is kept while a call of it is open.
        let thread = unsafe { &*open.thread };
        let end = thread.clock.now();
        let (elapsed, recursive) = thread.leave_stack(open.call, end);
        self.polls += 1;
        self.busy = self.busy.saturating_add(elapsed.duration);
        self.self_time = self.self_time.saturating_add(elapsed.self_time);
        if completed {
            self.token = OFF;
            let duration = end.saturating_sub(self.start);
            let polled = Polled { count: self.polls, busy: self.busy.min(duration) };
            let tag = thread.tag(open.call, Tag::new(self.metadata.take()));
            let call = OpenCall { start: self.start, ..open.call };
            let elapsed = Elapsed { duration, self_time: self.self_time };
            thread.count_on_path(call);
            thread.complete(call, elapsed, recursive, Some(polled), tag);
        }
    }

    /// Gives up a call that has begun and cannot be recorded where it ends: its session is over, which
    /// leaves nothing to count, or its thread is being torn down.
    fn end_unrecorded(&mut self) {
        if self.token != OFF && !slot::is_alive() {
            self.call.target().count_unrecorded();
        }
        self.token = OFF;
    }

    /// This thread's memory in the session that the call began in; `None` if that is over.
    fn thread(&self) -> Option<*const Thread> {
        let slot = slot::get();
        if slot.token.get() == self.token {
            return Some(slot.thread.get());
        }
        slot::switch(self.token, || self.call.target().register(self.token))
    }
}

impl Call {
    fn other(parts: impl FnOnce() -> (Target, Name)) -> Call {
        slot::exclusive(|| Call::Other(Box::new(parts())))
    }

    /// `None` if the filter leaves the call out.
    fn key(&self, thread: &Thread) -> Option<(Key, Callee<'_>)> {
        let callee = self.callee();
        let key = match callee {
            Callee::Site(site) => thread.key_of_site(site),
            Callee::Named(name) => thread.key_of(name),
        };
        key.map(|key| (key, callee))
    }

    fn callee(&self) -> Callee<'_> {
        match self {
            Call::Static(_, site) => Callee::Site(site),
            Call::Other(parts) => match &parts.1 {
                Name::Site(site) => Callee::Site(site),
                Name::Given(name) => Callee::Named(name),
            },
        }
    }

    /// As [`Callsite::is_left_out`]; of a name known at run time only, whether the recorder is off.
    fn is_left_out(&self, token: u64) -> bool {
        match self.callee() {
            Callee::Site(site) => site.is_left_out(token),
            Callee::Named(_) => token == OFF,
        }
    }

    fn target(&self) -> TargetRef<'_> {
        match self {
            Call::Static(recorder, _) => TargetRef::Static(recorder),
            Call::Other(parts) => match &parts.0 {
                Target::Static(recorder) => TargetRef::Static(recorder),
                Target::Shared(engine) => TargetRef::Shared(engine),
            },
        }
    }
}

impl Target {
    fn of(recorder: &Recorder) -> Target {
        Target::Shared(Arc::clone(recorder.engine()))
    }
}

impl TargetRef<'_> {
    fn token(self) -> u64 {
        match self {
            TargetRef::Static(recorder) => recorder.token(),
            TargetRef::Shared(engine) => engine.token(),
        }
    }

    fn register(self, token: u64) -> Option<Arc<Thread>> {
        match self {
            TargetRef::Static(recorder) => recorder.engine().register(token),
            TargetRef::Shared(engine) => engine.register(token),
        }
    }

    fn count_unrecorded(self) {
        match self {
            TargetRef::Static(recorder) => recorder.count_unrecorded(),
            TargetRef::Shared(engine) => engine.count_unrecorded(),
        }
    }
}
