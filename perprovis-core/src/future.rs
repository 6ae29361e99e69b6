//! Futures as calls: timed from their first poll to completion, on whatever threads they run.
//!
//! Every poll is a call on the stack of the thread that polls, so stacks of interleaved tasks never
//! mix, and the tree gets the time inside polls, under whoever polled. The sums of one call travel
//! with the future, and go to the function's statistics on the thread that completes it.

#![expect(unsafe_code, reason = "pin projection, and the memory of the polling thread")]

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::ptr;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::callsite::Callsite;
use crate::entry::Tag;
use crate::half::Polled;
use crate::metadata::Metadata;
use crate::recorder::{Engine, OFF, Recorder};
use crate::slot;
use crate::thread::{Callee, Elapsed, OpenCall, Thread};

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
#[must_use = "a task is recorded as part of a `Profiled` future"]
#[derive(Debug)]
pub struct Task {
    recorder: Target,
    name: Name,
    metadata: Option<Arc<Metadata>>,
    state: State,
    token: u64, // of the session it began in
    start: u64, // of the first poll, in ticks
    busy: u64,
    self_time: u64,
    polls: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Unpolled,
    /// Begun while the recorder was off, or completed.
    Unrecorded,
    Begun,
}

/// Who records a future.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Static(&'static Recorder),
    Shared(Arc<Engine>),
}

#[derive(Debug)]
enum Name {
    Site(&'static Callsite),
    Given(Cow<'static, str>),
}

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
        if self.state != State::Begun {
            return;
        }
        match self.thread() {
            Some(thread) => {
                // SAFETY: memory that this thread owns.
                let thread = unsafe { &*thread };
                let (key, callee) = self.key(thread);
                thread.cancel(key, callee);
            }
            None => self.end_unrecorded(),
        }
    }
}

impl Task {
    /// A call of a place in the source, recorded by a recorder that lives for ever.
    pub const fn new(recorder: &'static Recorder, site: &'static Callsite) -> Task {
        Task::of(Target::Static(recorder), Name::Site(site))
    }

    /// A call of a place in the source. If the recorder is dropped before the future, the call is
    /// not recorded.
    pub fn on(recorder: &Recorder, site: &'static Callsite) -> Task {
        Task::of(Target::of(recorder), Name::Site(site))
    }

    /// A call of a name known at run time, recorded by a recorder that lives for ever.
    pub fn named(recorder: &'static Recorder, name: impl Into<Cow<'static, str>>) -> Task {
        Task::of(Target::Static(recorder), Name::Given(name.into()))
    }

    /// A call of a name known at run time, as [`Task::on`].
    pub fn named_on(recorder: &Recorder, name: impl Into<Cow<'static, str>>) -> Task {
        Task::of(Target::of(recorder), Name::Given(name.into()))
    }

    /// The same with metadata, which is made now, and only if the recorder is enabled now.
    pub fn with_metadata(mut self, metadata: impl FnOnce() -> Metadata) -> Task {
        if self.recorder.token() != OFF {
            self.metadata = Some(Arc::new(metadata()));
        }
        self
    }

    const fn of(recorder: Target, name: Name) -> Task {
        Task {
            recorder,
            name,
            metadata: None,
            state: State::Unpolled,
            token: OFF,
            start: 0,
            busy: 0,
            self_time: 0,
            polls: 0,
        }
    }

    /// Puts a poll on this thread's stack; `None` if the call is not recorded.
    fn begin_poll(&mut self) -> Option<OpenPoll> {
        let first = self.state == State::Unpolled;
        if first {
            self.token = self.recorder.token();
            self.state = if self.token == OFF { State::Unrecorded } else { State::Begun };
        }
        if self.state == State::Unrecorded {
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
        let (key, callee) = self.key(owned);
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
            self.state = State::Unrecorded;
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
        if self.state == State::Begun && !slot::is_alive() {
            self.recorder.count_unrecorded();
        }
        self.state = State::Unrecorded;
    }

    /// This thread's memory in the session that the call began in; `None` if that is over.
    fn thread(&self) -> Option<*const Thread> {
        let slot = slot::get();
        if slot.token.get() == self.token {
            return Some(slot.thread.get());
        }
        slot::switch(self.token, || match &self.recorder {
            Target::Static(recorder) => recorder.engine().register(self.token),
            Target::Shared(engine) => engine.register(self.token),
        })
    }

    fn key(&self, thread: &Thread) -> (usize, Callee<'_>) {
        match &self.name {
            Name::Site(site) => (ptr::from_ref(*site).addr(), Callee::Site(site)),
            Name::Given(name) => (thread.key_of(name), Callee::Named(name)),
        }
    }
}

impl Target {
    fn of(recorder: &Recorder) -> Target {
        Target::Shared(slot::exclusive(|| Arc::clone(recorder.engine())))
    }

    fn token(&self) -> u64 {
        match self {
            Target::Static(recorder) => recorder.token(),
            Target::Shared(engine) => engine.token(),
        }
    }

    fn count_unrecorded(&self) {
        match self {
            Target::Static(recorder) => recorder.count_unrecorded(),
            Target::Shared(engine) => engine.count_unrecorded(),
        }
    }
}
