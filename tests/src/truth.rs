//! The truth about a program: what must be counted, found out in the simplest way.
//!
//! A thread has a stack of open calls. Closing one closes those opened inside of it; such a *stray*
//! has had its self time by then, and is counted when its guard is dropped. The model knows nothing of
//! nodes, shards, tokens or memory.

use std::collections::BTreeMap;

use crate::program::{Action, NAMES, Polled, Step, TASKS, THREADS};

/// What must be in a report of one function, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that ended.
    pub calls: u64,
    /// Of these, unwound.
    pub panicked: u64,
    /// Time of the calls that were not inside another of the function.
    pub total: u64,
    /// Time outside of callees.
    pub own: u64,
    /// The shortest call, 0 if there is none.
    pub min: u64,
    /// The longest call.
    pub max: u64,
    /// Polls of futures that ended.
    pub polls: u64,
    /// Time inside of these, if not inside another call of the function.
    pub busy: u64,
    /// Time between these.
    pub idle: u64,
    /// Futures dropped half way.
    pub cancelled: u64,
}

/// A call that was begun.
#[derive(Clone, Copy, Debug)]
struct Call {
    id: u64,
    session: u64,
    name: &'static str,
    start: u64,
    /// Inside another call of the same function.
    inside_itself: bool,
    callees: u64,
}

/// A future: nothing of it is counted before it ends.
#[derive(Clone, Copy, Debug, Default)]
struct Task {
    name: &'static str,
    /// The session it began in; none if it began while the profiler was off, or ended.
    session: Option<u64>,
    start: u64,
    polls: u64,
    busy: u64,
    own: u64,
}

/// The state that a program is in.
#[derive(Debug, Default)]
pub struct Truth {
    now: u64,
    last_id: u64,
    session: u64, // the number of clears
    is_off: bool,
    counts: BTreeMap<&'static str, Counts>,
    unrecorded: u64,
    stacks: [Vec<Call>; THREADS],         // of this session
    guards: [Vec<Option<Call>>; THREADS], // none: not recorded
    forgotten: [u64; THREADS],            // of this session, by the thread's end
    tasks: [Option<Task>; TASKS],
}

impl Truth {
    /// What every function must have.
    #[must_use]
    pub fn counts(&self, name: &str) -> Counts {
        self.counts.get(name).copied().unwrap_or_default()
    }

    /// Calls that cannot have been recorded.
    #[must_use]
    pub fn unrecorded(&self) -> u64 {
        self.unrecorded
    }

    /// The names of the open calls of all threads, sorted.
    #[must_use]
    pub fn open(&self) -> Vec<&'static str> {
        let mut open: Vec<_> = self.stacks.iter().flatten().map(|call| call.name).collect();
        open.sort_unstable();
        open
    }

    /// How many guards a thread holds.
    #[must_use]
    pub fn guards(&self, thread: usize) -> usize {
        self.guards[thread].len()
    }

    /// Whether there is such a future.
    #[must_use]
    pub fn has_task(&self, task: usize) -> bool {
        self.tasks[task].is_some()
    }

    /// Takes a step.
    pub fn take(&mut self, Step { thread, action, nanos }: Step) {
        self.now += nanos;
        match action {
            Action::Enter(name) | Action::EnterTagged(name) => {
                let call = self.enter(thread, NAMES[name]);
                self.guards[thread].push(call);
            }
            Action::Leave => {
                self.drop_guard(thread, self.guards[thread].len().wrapping_sub(1), false)
            }
            Action::Close(number) if self.guards(thread) > 0 => {
                self.drop_guard(thread, number % self.guards(thread), false);
            }
            Action::Forget(number) if self.guards(thread) > 0 => {
                let forgotten = self.guards[thread].remove(number % self.guards(thread));
                self.forget(thread, forgotten);
            }
            Action::Close(_) | Action::Forget(_) | Action::Report => {}
            Action::Unwind(outer, inner) => {
                let outer = self.enter(thread, NAMES[outer]);
                let inner = self.enter(thread, NAMES[inner]);
                self.leave(thread, inner, true);
                self.leave(thread, outer, true);
            }
            Action::Poll(task, name, polled) => self.poll(thread, task, NAMES[name], polled),
            Action::Cancel(task) => {
                let Some(task) = self.tasks[task].take() else { return };
                if task.session == Some(self.session) && task.polls > 0 {
                    self.of(task.name).cancelled += 1;
                }
            }
            Action::End => self.end(thread),
            Action::Clear => {
                self.session += 1;
                self.counts.clear();
                self.unrecorded = 0;
                self.stacks.iter_mut().for_each(Vec::clear);
                self.forgotten = [0; THREADS];
            }
            Action::Disable => self.is_off = true,
            Action::Enable => self.is_off = false,
        }
    }

    fn of(&mut self, name: &'static str) -> &mut Counts {
        self.counts.entry(name).or_default()
    }

    fn enter(&mut self, thread: usize, name: &'static str) -> Option<Call> {
        (!self.is_off).then(|| self.push(thread, name))
    }

    fn push(&mut self, thread: usize, name: &'static str) -> Call {
        self.last_id += 1;
        let stack = &mut self.stacks[thread];
        let inside_itself = stack.iter().any(|call| call.name == name);
        let (id, session, start) = (self.last_id, self.session, self.now);
        let call = Call { id, session, name, start, inside_itself, callees: 0 };
        stack.push(call);
        call
    }

    /// Takes a call off its stack: its self time, zero if that is over already.
    fn pop(&mut self, thread: usize, call: Call) -> u64 {
        if !self.stacks[thread].iter().any(|open| open.id == call.id) {
            return 0;
        }
        while let Some(open) = self.stacks[thread].pop() {
            let duration = self.now - open.start;
            if let Some(caller) = self.stacks[thread].last_mut() {
                caller.callees += duration;
            }
            let own = duration.saturating_sub(open.callees);
            if open.id == call.id {
                return own;
            }
            self.of(open.name).own += own;
        }
        0
    }

    fn leave(&mut self, thread: usize, call: Option<Call>, unwinds: bool) {
        let Some(call) = call.filter(|call| call.session == self.session) else { return };
        let own = self.pop(thread, call);
        self.count(call, self.now - call.start, own, unwinds);
    }

    fn count(&mut self, call: Call, duration: u64, own: u64, unwinds: bool) {
        let counts = self.of(call.name);
        counts.min = if counts.calls == 0 { duration } else { counts.min.min(duration) };
        counts.max = counts.max.max(duration);
        counts.calls += 1;
        counts.panicked += u64::from(unwinds);
        counts.total += if call.inside_itself { 0 } else { duration };
        counts.own += own;
    }

    fn drop_guard(&mut self, thread: usize, at: usize, unwinds: bool) {
        if at < self.guards(thread) {
            let call = self.guards[thread].remove(at);
            self.leave(thread, call, unwinds);
        }
    }

    fn forget(&mut self, thread: usize, call: Option<Call>) {
        self.forgotten[thread] += u64::from(call.is_some_and(|call| call.session == self.session));
    }

    fn poll(&mut self, thread: usize, at: usize, name: &'static str, polled: Polled) {
        let is_new = self.tasks[at].is_none();
        let fresh =
            Task { name, session: (!self.is_off).then_some(self.session), ..Task::default() };
        let mut task = self.tasks[at].take().unwrap_or(fresh);
        let is_counted = task.session == Some(self.session);
        let call = is_counted.then(|| self.push(thread, task.name));
        if is_new {
            task.start = self.now;
        }
        // Whatever it does takes a nanosecond.
        match polled {
            Polled::Calls(name) => {
                let inner = self.enter(thread, NAMES[name]);
                self.now += 1;
                self.leave(thread, inner, false);
            }
            Polled::ClosesAround => {
                self.now += 1;
                self.drop_guard(thread, self.guards[thread].len().wrapping_sub(1), false);
            }
            Polled::Pending | Polled::Ready | Polled::Unwinds => self.now += 1,
        }
        let unwinds = polled == Polled::Unwinds;
        let ends = unwinds || polled == Polled::Ready;
        if let Some(call) = call {
            task.own += self.pop(thread, call);
            task.busy += self.now - call.start;
            task.polls += 1;
            if ends {
                let duration = self.now - task.start;
                self.count(call, duration, task.own, unwinds);
                let counts = self.of(task.name);
                counts.polls += task.polls;
                if !call.inside_itself {
                    counts.busy += task.busy;
                    counts.idle += duration - task.busy;
                }
            }
        }
        self.tasks[at] = (!ends).then_some(task);
    }

    /// What is open on a thread that ends is never counted, but for its self time up to then.
    fn end(&mut self, thread: usize) {
        for guard in std::mem::take(&mut self.guards[thread]) {
            self.forget(thread, guard);
        }
        while let Some(&outermost) = self.stacks[thread].first() {
            let own = self.pop(thread, outermost);
            self.of(outermost.name).own += own;
        }
        self.unrecorded += std::mem::take(&mut self.forgotten[thread]);
    }
}
