//! Reports whose clocks tick alike, added up one by one into a snapshot. Added as snapshots, too: of what a
//! report derives (short names, the tree) nothing is needed here.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use perprovis_core::Limits;
use perprovis_core::snapshot::{
    Call, ClockFacts, ClockFaults, Dropped, Function, Node, OpenScope, Overhead, Path, Snapshot,
    Source, Thread,
};
use perprovis_core::units::Ticks;

/// Logged calls kept, as many as a recorder keeps: 48 MiB. Above that the earliest go.
const CALLS: usize = Limits::DEFAULT.calls_in_all;
/// Nodes of the trees of threads that are told apart: 80 MiB.
const NODES: usize = 1 << 21;

/// What was added so far.
#[derive(Debug)]
pub(super) struct Fold {
    snapshot: Snapshot, // its log is in `logs`
    functions: HashMap<Arc<str>, u32>,
    floors: Vec<Ticks>, // of each function: which calls are surely among the slowest of all
    paths: HashMap<Path, u32>,
    exited: HashMap<u32, usize>, // index of each path in `snapshot.exited`
    logs: Vec<Vec<Call>>,        // of each report, by start
    logged: usize,
    nodes_left: usize, // how many more nodes of threads told apart there may be
    last_thread: u64,
    measured: f64, // intervals measured, which overheads are weighted by
}

/// Where the parts of one report are in the merged one.
struct Places {
    functions: Vec<u32>,
    paths: Vec<u32>,
    threads: BTreeMap<u64, u64>,
}

impl Places {
    fn renew_calls(&self, calls: &mut [Call]) {
        for call in calls {
            call.thread = self.threads[&call.thread];
            call.function = self.functions[call.function as usize];
            call.path = call.path.map(|path| self.paths[path as usize]);
        }
    }

    fn renew_nodes(&self, nodes: &mut [Node]) {
        nodes.iter_mut().for_each(|node| node.path = self.paths[node.path as usize]);
    }
}

impl Fold {
    /// Nothing yet, timed by this clock.
    pub(super) fn new(clock: ClockFacts) -> Fold {
        let clock = ClockFacts { source: clock.source, rate: clock.rate, ..ClockFacts::default() };
        Fold {
            snapshot: Snapshot { clock, ..Snapshot::default() },
            functions: HashMap::new(),
            floors: Vec::new(),
            paths: HashMap::new(),
            exited: HashMap::new(),
            logs: Vec::new(),
            logged: 0,
            nodes_left: NODES,
            last_thread: 0,
            measured: 0.0,
        }
    }

    /// Adds a report and what it comes from, with threads numbered as there. Its times count from the
    /// profiler's start.
    pub(super) fn add(&mut self, sources: Vec<Source>, mut report: Snapshot) {
        self.rest(&report);
        let places = Places {
            functions: report.functions.iter().map(|function| self.function(function)).collect(),
            paths: Vec::with_capacity(report.paths.len()),
            threads: self.threads(sources, &report),
        };
        let places = self.paths(places, &report.paths);
        for (function, &at) in report.functions.iter_mut().zip(&places.functions) {
            self.statistics(at as usize, function, &places);
        }
        let open = report.open.iter().map(|scope| OpenScope {
            thread: places.threads[&scope.thread],
            path: places.paths[scope.path as usize],
            since: scope.since,
        });
        self.snapshot.open.extend(open);
        places.renew_calls(&mut report.calls);
        report.calls.sort_by_key(|call| call.start); // sorted already, unless a file says otherwise
        self.log(report.calls);
        for thread in report.threads {
            self.thread(thread, &places);
        }
        places.renew_nodes(&mut report.exited);
        report.exited.into_iter().for_each(|node| self.exited(node));
        let merged = &mut self.snapshot.exited_threads;
        *merged = merged.saturating_add(report.exited_threads);
    }

    /// Sets how many nodes of threads told apart there may be.
    #[cfg(test)]
    pub(super) fn leave_nodes(&mut self, nodes: usize) {
        self.nodes_left = nodes;
    }

    /// The snapshot of all that was added.
    pub(super) fn finish(mut self) -> Snapshot {
        self.trim_logs(CALLS);
        self.snapshot.calls = self.logs.into_iter().flatten().collect();
        self.snapshot
    }

    /// The place of a function, which is there from now on.
    fn function(&mut self, function: &Function) -> u32 {
        if let Some(&at) = self.functions.get(&function.name) {
            return at;
        }
        let (at, name) = (self.floors.len() as u32, function.name.clone());
        self.snapshot.functions.push(Function { name: name.clone(), ..Function::default() });
        self.floors.push(Ticks::ZERO);
        self.functions.insert(name, at);
        at
    }

    fn paths(&mut self, mut places: Places, paths: &[Path]) -> Places {
        for path in paths {
            let path = Path {
                parent: path.parent.map(|parent| places.paths[parent as usize]),
                function: places.functions[path.function as usize],
            };
            let table = &mut self.snapshot.paths;
            let at = *self.paths.entry(path).or_insert_with(|| {
                table.push(path);
                table.len() as u32 - 1
            });
            places.paths.push(at);
        }
        places
    }

    /// New ids for all threads that the report mentions, in their order, source by source.
    fn threads(&mut self, sources: Vec<Source>, report: &Snapshot) -> BTreeMap<u64, u64> {
        let slowest = report.functions.iter().flat_map(|function| function.slowest.iter());
        let ids = report.threads.iter().map(|thread| thread.id);
        let ids = ids.chain(report.open.iter().map(|scope| scope.thread));
        let ids = ids.chain(slowest.chain(&report.calls).map(|call| call.thread));
        let mut new: BTreeMap<u64, u64> = ids.map(|id| (id, 0)).collect();
        for (id, number) in new.values_mut().zip(self.last_thread + 1..) {
            *id = number;
        }
        let last = sources.len().saturating_sub(1);
        for (index, source) in sources.into_iter().enumerate() {
            // Whatever is above all sources, as only a file could have it, belongs to the last one.
            let upto = if index == last { u64::MAX } else { source.last_thread };
            let below = new.range(..=upto).next_back().map(|(_, &number)| number);
            self.last_thread = below.unwrap_or(0).max(self.last_thread);
            self.snapshot.sources.push(Source { last_thread: self.last_thread, ..source });
        }
        new
    }

    fn statistics(&mut self, at: usize, from: &mut Function, places: &Places) {
        let function = &mut self.snapshot.functions[at];
        // Sorted already, unless a file says otherwise.
        from.slowest.sort_by_key(place);
        let kept = function.slowest.len().max(from.slowest.len());
        let kept = kept.max(Limits::DEFAULT.slowest_per_function);
        // A list that lacks calls says nothing about those faster than the last one in it.
        if (from.slowest.len() as u64) < from.statistics.count {
            let last = from.slowest.last().map_or(Ticks(u64::MAX), |call| call.duration);
            self.floors[at] = self.floors[at].max(last);
        }
        function.statistics.merge(&from.statistics);
        from.slowest.retain(|call| call.duration >= self.floors[at]);
        places.renew_calls(&mut from.slowest);
        function.slowest.append(&mut from.slowest);
        function.slowest.sort_by_key(|call| (Reverse(call.duration), call.start));
        if let Some(cut) = function.slowest.get(kept) {
            self.floors[at] = self.floors[at].max(cut.duration);
            function.slowest.truncate(kept);
        }
        function.slowest.retain(|call| call.duration >= self.floors[at]);
    }

    fn thread(&mut self, mut thread: Thread, places: &Places) {
        places.renew_nodes(&mut thread.nodes);
        if thread.nodes.len() > self.nodes_left {
            thread.nodes.into_iter().for_each(|node| self.exited(node));
            let merged = &mut self.snapshot.exited_threads;
            *merged = merged.saturating_add(1);
            return;
        }
        self.nodes_left -= thread.nodes.len();
        thread.nodes.shrink_to_fit(); // they stay
        thread.id = places.threads[&thread.id];
        self.snapshot.threads.push(thread);
    }

    fn exited(&mut self, node: Node) {
        let exited = &mut self.snapshot.exited;
        match self.exited.get(&node.path) {
            Some(&at) => exited[at].add(&node),
            None => {
                self.exited.insert(node.path, exited.len());
                exited.push(node);
            }
        }
    }

    fn log(&mut self, mut calls: Vec<Call>) {
        self.logged += calls.len();
        calls.shrink_to_fit();
        self.logs.push(calls);
        // Not at each call above the limit: that would move all of them for every report.
        if self.logged > CALLS + CALLS / 4 {
            self.trim_logs(CALLS);
        }
    }

    /// Takes the earliest calls out of the longest logs until `limit` are left.
    pub(super) fn trim_logs(&mut self, limit: usize) {
        if self.logged <= limit {
            return;
        }
        let mut lengths: Vec<usize> = self.logs.iter().map(Vec::len).collect();
        lengths.sort_unstable();
        let (mut left, mut logs) = (limit, lengths.len());
        // The shorter ones stay whole, as long as the others can have as much each.
        for length in lengths {
            if length.saturating_mul(logs) > left {
                break;
            }
            left -= length;
            logs -= 1;
        }
        let each = left / logs.max(1);
        let dropped = &mut self.snapshot.dropped.log_calls;
        for log in self.logs.iter_mut().filter(|log| log.len() > each) {
            let early = log.len() - each;
            log.drain(..early);
            log.shrink_to_fit();
            self.logged -= early;
            *dropped = dropped.saturating_add(early as u64);
        }
    }

    /// Drops, run time, overhead.
    fn rest(&mut self, report: &Snapshot) {
        let Dropped { log_calls, truncated_calls, unnamed_calls, unrecorded_calls } =
            report.dropped;
        let dropped = &mut self.snapshot.dropped;
        for (sum, more) in [
            (&mut dropped.log_calls, log_calls),
            (&mut dropped.truncated_calls, truncated_calls),
            (&mut dropped.unnamed_calls, unnamed_calls),
            (&mut dropped.unrecorded_calls, unrecorded_calls),
        ] {
            *sum = sum.saturating_add(more);
        }
        let now = &mut self.snapshot.clock.now;
        *now = (*now).max(report.clock.now);
        let ClockFaults { negative_calls, disagreement } = report.clock.faults;
        let faults = &mut self.snapshot.clock.faults;
        faults.negative_calls = faults.negative_calls.saturating_add(negative_calls);
        faults.disagreement = faults.disagreement.max(disagreement);

        let intervals = report.functions.iter().map(|function| &function.statistics);
        let intervals = intervals.map(|statistics| statistics.count.max(statistics.polls));
        let measured: f64 = intervals.map(|number| number as f64).sum();
        self.measured += measured;
        if self.measured > 0.0 {
            let weight = measured / self.measured;
            let Overhead { inside_nanos, outside_nanos } = &mut self.snapshot.overhead;
            *inside_nanos += (report.overhead.inside_nanos - *inside_nanos) * weight;
            *outside_nanos += (report.overhead.outside_nanos - *outside_nanos) * weight;
        }
    }
}

/// Where a call stands among the slowest of its function.
fn place(call: &Call) -> (Reverse<Ticks>, Ticks, u64, Option<u32>) {
    (Reverse(call.duration), call.start, call.thread, call.path)
}
