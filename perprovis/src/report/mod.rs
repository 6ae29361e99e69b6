//! [`Report`]: everything known at one moment, as plain data.
//!
//! A report keeps ticks and derives durations from them. It is always made from a
//! snapshot, whether that comes from the recorder, from a file, or from another report whose
//! numbers were corrected, so whatever holds of one report holds of all.

mod build;
mod call;
mod compensate;
mod filter;
mod function;
mod hotspot;
mod merge;
mod names;
mod paths;
mod since;
mod source;
mod summary;
mod thread;
mod totals;
mod tree;

use std::sync::Arc;
use std::time::Duration;

use perprovis_core::snapshot::{ClockFaults, Node, Path};
use perprovis_core::units::{TickRate, Ticks};

pub use perprovis_core::snapshot::{ClockSource, Dropped, Overhead};

#[cfg(feature = "json")]
pub(crate) use build::new_indexes;
pub(crate) use build::outermost;
pub(crate) use call::CallLog;
pub use call::{CallMetadata, FunctionCall};
pub use function::FunctionStats;
pub use hotspot::{Hotspot, SortBy};
pub use merge::Merger;
pub(crate) use names::{find as find_name, last_part, shorten as shorten_names};
pub use source::Source;
pub use summary::Summary;
pub use thread::{OpenScope, ThreadId, ThreadInfo};
pub(crate) use tree::share_of;
pub use tree::{CallNode, CallTree};

/// Everything the profiler knew at one moment.
///
/// Plain data: it needs no profiler to be queried, printed, exported or loaded. `Display` is the
/// text report, [`Report::default`] the empty report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub(crate) functions: Vec<FunctionStats>, // by total time, the largest first, then by name
    pub(crate) by_name: Vec<u32>,             // indexes into `functions`, by name
    pub(crate) paths: Vec<Path>,              // indexes into `functions`; parents before children
    pub(crate) log: CallLog,
    pub(crate) open: Vec<OpenScope>,
    pub(crate) threads: Vec<ThreadInfo>,
    pub(crate) nodes: Vec<Vec<Node>>, // of each of `threads`
    pub(crate) exited: Vec<Node>,
    pub(crate) exited_threads: u64,
    pub(crate) tree: CallTree,
    pub(crate) dropped: Dropped,
    pub(crate) clock: ClockFacts,
    pub(crate) overhead: Overhead,
    pub(crate) sources: Vec<Source>, // by their threads' ids
    pub(crate) session: Session,
}

/// Which session of a recorder in this process a report is of, if that is known. No part of what a report
/// says: no file has it, and reports that differ in nothing else are equal.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Session(pub(crate) Option<u64>);

impl PartialEq for Session {
    fn eq(&self, _: &Session) -> bool {
        true
    }
}

/// The clock that timed a report.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ClockFacts {
    /// Where the ticks come from.
    pub source: ClockSource,
    /// The length of a tick in nanoseconds: the resolution of a single measurement.
    pub nanos_per_tick: f64,
    /// From the profiler's start, or its last `clear`, to the report.
    pub run_time: Duration,
    pub(crate) rate: TickRate,
    pub(crate) run_ticks: Ticks,
    pub(crate) faults: ClockFaults, // lost in a file
}

impl Default for ClockFacts {
    fn default() -> ClockFacts {
        ClockFacts::new(ClockSource::default(), TickRate::NANOSECOND, Ticks::ZERO)
    }
}

impl ClockFacts {
    fn new(source: ClockSource, rate: TickRate, run_ticks: Ticks) -> ClockFacts {
        let (nanos_per_tick, run_time) = (rate.nanos_per_tick(), rate.duration(run_ticks));
        let faults = ClockFaults::default();
        ClockFacts { source, nanos_per_tick, run_time, rate, run_ticks, faults }
    }
}

impl Report {
    /// The functions, by total time, the largest first; equal ones by name.
    #[must_use]
    pub fn functions(&self) -> &[FunctionStats] {
        &self.functions
    }

    /// The function of this name: its full name, or anything shorter that no other function may be
    /// called: a suffix after a `::`, `Type::method` or `<Type as Trait>::method`, types in brackets
    /// without their paths. `None` if there is no such function or there are several.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&FunctionStats> {
        let names = self.functions.iter().map(|function| function.name.as_str());
        names::find(names, name).map(|index| &self.functions[index])
    }

    /// `name` as tables show it: the shortest form of a function's full name by which
    /// [`Report::function`] still finds it. A name that is no function's, such as `[truncated]`, is
    /// given back as it is.
    ///
    /// Takes the name of a function, of a call, a node or a hotspot alike:
    ///
    /// ```
    /// # let report = perprovis::Report::default();
    /// for call in report.slowest_calls(3) {
    ///     println!("{}", report.short_name(&call.name));
    /// }
    /// ```
    #[must_use]
    pub fn short_name<'n>(&'n self, name: &'n str) -> &'n str {
        let function = |index: &u32| &self.functions[*index as usize];
        let found = self.by_name.binary_search_by(|index| function(index).name.as_str().cmp(name));
        found.map_or(name, |at| &function(&self.by_name[at]).short)
    }

    /// The calls still in the log, oldest first. Names and stacks are shared between calls, see
    /// [`FunctionCall`]; they are looked up when the report is first asked for its calls.
    #[must_use]
    pub fn calls(&self) -> &[FunctionCall] {
        self.log.named(self)
    }

    /// The scopes open when the report was taken, per thread from the outermost to the innermost.
    #[must_use]
    pub fn open_scopes(&self) -> &[OpenScope] {
        &self.open
    }

    /// The threads that recorded something, by id, except for those that exited too long ago to
    /// be kept apart: see [`Report::merged_threads`].
    #[must_use]
    pub fn threads(&self) -> &[ThreadInfo] {
        &self.threads
    }

    /// How many exited threads are not in [`Report::threads`]. Their calls are in everything but
    /// [`Report::thread_tree`].
    #[must_use]
    pub fn merged_threads(&self) -> u64 {
        self.exited_threads
    }

    /// The call tree of all threads, exited ones included.
    #[must_use]
    pub fn call_tree(&self) -> &CallTree {
        &self.tree
    }

    /// The call tree of one thread; `None` if it is not in [`Report::threads`]. Built anew for
    /// each call.
    #[must_use]
    pub fn thread_tree(&self, thread: ThreadId) -> Option<CallTree> {
        let index = self.threads.iter().position(|info| info.id == thread)?;
        let nodes = self.nodes[index].iter().copied();
        let open = self.open.iter().filter(|scope| scope.thread_id == thread);
        let names = self.names();
        let open = open.map(|scope| scope.path);
        Some(CallTree::build(&self.paths, &names, self.clock.rate, nodes, open))
    }

    /// What the limits dropped.
    #[must_use]
    pub fn dropped(&self) -> Dropped {
        self.dropped
    }

    /// What profiling one call costs on the machine that recorded this; zero in a
    /// [compensated](Report::compensated) report.
    #[must_use]
    pub fn overhead(&self) -> Overhead {
        self.overhead
    }

    /// The clock that timed this report, and for how long.
    #[must_use]
    pub fn clock(&self) -> ClockFacts {
        self.clock
    }

    /// Whether there is nothing in it: no function was met.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// The names of all functions, shared, by index.
    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        self.functions.iter().map(|function| Arc::from(function.name.as_str())).collect()
    }

    /// The nodes of all threads, exited ones included.
    pub(crate) fn all_nodes(&self) -> impl Iterator<Item = Node> + '_ {
        self.nodes.iter().flatten().chain(&self.exited).copied()
    }
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
pub(crate) mod tests;
