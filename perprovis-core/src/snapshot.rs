//! Plain-data copy of everything a recorder holds at one moment.
//!
//! Threads share one table of call paths, so that a path is the same number in every thread's
//! tree, in the call log and in the list of open scopes.

use std::sync::Arc;

use crate::metadata::Metadata;
use crate::statistics::Statistics;
use crate::units::{TickRate, Ticks};

/// Index into [`Snapshot::functions`].
pub type FunctionIndex = u32;
/// Index into [`Snapshot::paths`].
pub type PathIndex = u32;

/// Everything a recorder holds at one moment.
///
/// The numbers of a function agree with each other exactly. Functions, trees and log are read one
/// after the other, so a call that completed meanwhile can be in one and not yet in the other.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The functions, in the order in which they were first met.
    pub functions: Vec<Function>,
    /// The distinct call paths of all threads; a parent stands before its children.
    pub paths: Vec<Path>,
    /// The threads that recorded something, by id. Those that exited long ago are only in
    /// [`Snapshot::exited`].
    pub threads: Vec<Thread>,
    /// The trees of all threads that exited too long ago to be kept apart, merged.
    pub exited: Vec<Node>,
    /// How many threads are merged into [`Snapshot::exited`].
    pub exited_threads: u64,
    /// The calls still in the log, by start.
    pub calls: Vec<Call>,
    /// The scopes that are open now, per thread from the outermost to the innermost.
    pub open: Vec<OpenScope>,
    /// What the limits dropped.
    pub dropped: Dropped,
    /// The clock that timed all this.
    pub clock: ClockFacts,
    /// What profiling one call costs on this machine.
    pub overhead: Overhead,
    /// Where it was merged from, by thread id; empty for what one recorder held.
    pub sources: Vec<Source>,
    /// The recorder's session, by a number that no other one in this process has; `None` of what was
    /// read, merged or worked out.
    pub session: Option<u64>,
}

/// One of the recordings that were merged into a snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// What it is called: a file, a process, a run.
    pub name: Arc<str>,
    /// From its start to the moment it was taken.
    pub run: Ticks,
    /// Its completed calls.
    pub calls: u64,
    /// Its time in profiled code, added up over its threads.
    pub time: Ticks,
    /// The highest id of its threads, which are all above those of the source before.
    pub last_thread: u64,
}

/// One function: all places that share a name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Function {
    /// The full name.
    pub name: Arc<str>,
    /// All that was counted, over all threads.
    pub statistics: Statistics,
    /// The slowest calls, the slowest first.
    pub slowest: Vec<Call>,
}

/// One call path: a function and the path it was called from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    /// The caller's path; `None` where nothing profiled called it.
    pub parent: Option<PathIndex>,
    /// The function at the end of the path.
    pub function: FunctionIndex,
}

/// A thread and its call tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thread {
    /// A small number, unique in the process, counted from 1.
    pub id: u64,
    /// The name given to the thread by the program.
    pub name: Option<Arc<str>>,
    /// Whether it has exited.
    pub exited: bool,
    /// Its calls per path, a parent before its children.
    pub nodes: Vec<Node>,
}

/// The calls of one thread on one path.
///
/// A path's inclusive time is its `self_time`, plus that of all paths below it, plus
/// `truncated_time` of each: trees add up by construction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Which path.
    pub path: PathIndex,
    /// Completed calls.
    pub calls: u64,
    /// Time on this path without its profiled callees. Includes the time so far of a scope that
    /// is open now.
    pub self_time: Ticks,
    /// Calls made further down, which a limit kept out of the tree.
    pub truncated_calls: u64,
    /// The inclusive time of these.
    pub truncated_time: Ticks,
}

impl Node {
    /// Adds the calls of `other`, which is on the same path.
    pub fn add(&mut self, other: &Node) {
        self.calls = self.calls.saturating_add(other.calls);
        self.self_time += other.self_time;
        self.truncated_calls = self.truncated_calls.saturating_add(other.truncated_calls);
        self.truncated_time += other.truncated_time;
    }
}

/// One completed call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The thread it completed on.
    pub thread: u64,
    /// What was called.
    pub function: FunctionIndex,
    /// The path of the call itself; `None` if a limit kept it out of the tree.
    pub path: Option<PathIndex>,
    /// When it began, in the clock's ticks.
    pub start: Ticks,
    /// How long it took.
    pub duration: Ticks,
    /// Whether it unwound.
    pub panicked: bool,
    /// What the program attached to it.
    pub metadata: Option<Arc<Metadata>>,
}

/// A scope that is open while the snapshot is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenScope {
    /// The thread it is open on.
    pub thread: u64,
    /// Its path.
    pub path: PathIndex,
    /// When it was opened; for an async function when its current poll began.
    pub since: Ticks,
}

/// What the limits kept out, since the last clear. Statistics are exact all the same, except for
/// `unrecorded` calls, which are in nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Calls no longer (or never) in the log.
    pub log_calls: u64,
    /// Calls that a depth or path limit kept out of the tree.
    pub truncated_calls: u64,
    /// Calls counted under `[other]`, because there were too many names.
    pub unnamed_calls: u64,
    /// Calls that could not be recorded: made while the thread was being torn down, or from inside
    /// the profiler itself (a profiled memory allocator).
    pub unrecorded_calls: u64,
}

/// The time source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockSource {
    /// The CPU's invariant counter.
    Counter,
    /// The operating system's monotonic clock.
    #[default]
    Os,
    /// Driven by a test.
    Manual,
}

/// The clock at the moment of the snapshot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockFacts {
    /// Where the ticks come from.
    pub source: ClockSource,
    /// How long a tick is.
    pub rate: TickRate,
    /// When the profiler started, or was last cleared.
    pub started: Ticks,
    /// When the snapshot was taken.
    pub now: Ticks,
    /// What is wrong with it.
    pub faults: ClockFaults,
}

impl Default for ClockFacts {
    fn default() -> ClockFacts {
        ClockFacts {
            source: ClockSource::default(),
            rate: TickRate::NANOSECOND,
            started: Ticks::ZERO,
            now: Ticks::ZERO,
            faults: ClockFaults::default(),
        }
    }
}

/// What was found wrong with a clock; nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClockFaults {
    /// Calls that ended before they began, and count as no time.
    pub negative_calls: u64,
    /// By how much the length of the counter's tick, by the operating system's clock, differed between
    /// parts of the run: relative, infinite if the counter went back, zero where it is too little to matter.
    pub disagreement: f64,
}

/// What profiling one call costs on this machine, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Overhead {
    /// The part inside the measured interval: what an empty call is reported to take.
    pub inside_nanos: f64,
    /// The part outside of it: what the caller pays on top.
    pub outside_nanos: f64,
}
