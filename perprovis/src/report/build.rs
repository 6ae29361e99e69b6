//! Snapshot to report and back.
//!
//! A snapshot lists functions in the order in which they were met and times since the clock's own
//! zero; a report sorts functions by total time and counts from the profiler's start.

use std::cmp::Ordering;
use std::sync::Arc;

use perprovis_core::snapshot::{
    Call, ClockFacts as SnapshotClock, Function, OpenScope as SnapshotScope, Path, Snapshot, Thread,
};
use perprovis_core::units::{TickRate, Ticks};

use super::call::{CallConverter, CallLog};
use super::hotspot::place;
use super::names::{self, Shortener};
use super::totals::PathTotals;
use super::tree::share_of;
use super::{
    CallTree, ClockFacts, FunctionCall, FunctionStats, OpenScope, Overhead, Report, Session,
    Source, ThreadId, ThreadInfo,
};

impl Report {
    /// The report of what a recorder held. The snapshot's indexes must be in range and a parent
    /// path must stand before its children.
    pub(crate) fn from_snapshot(snapshot: Snapshot) -> Report {
        let Snapshot { functions, mut paths, threads, exited, exited_threads, .. } = snapshot;
        let Snapshot { mut calls, open, dropped, clock, overhead, sources, session, .. } = snapshot;
        let rate = clock.rate;
        let (mut functions, new_index) = sort_by_total(functions);
        for path in &mut paths {
            path.function = new_index[path.function as usize];
        }
        let names: Vec<Arc<str>> = functions.iter().map(|function| function.name.clone()).collect();

        let renew = |call: &mut Call| {
            call.function = new_index[call.function as usize];
            call.start = call.start.since(clock.started);
        };
        calls.sort_by_key(|call| call.start); // sorted already, unless a file says otherwise
        calls.iter_mut().for_each(renew);
        let logged = logged(&calls, functions.len());

        let shortener = Shortener::new(names.iter().map(|name| &**name));
        let mut converter = CallConverter::new(&paths, &names, rate);
        let mut stats: Vec<FunctionStats> = Vec::with_capacity(functions.len());
        for (function, logged) in functions.iter_mut().zip(logged) {
            let statistics = std::mem::take(&mut function.statistics);
            let mut stat = FunctionStats::new(&function.name, statistics, rate);
            function.slowest.iter_mut().for_each(renew);
            let mut slowest: Vec<_> =
                function.slowest.iter().map(|call| converter.convert(call)).collect();
            slowest.sort_by_key(place); // sorted already, unless a file says otherwise
            stat.slowest = slowest.into();
            stat.short = shortener.shorten(&stat.name).into();
            stat.logged = logged.into();
            stats.push(stat);
        }
        let open: Vec<OpenScope> = open
            .into_iter()
            .map(|scope| OpenScope {
                name: names[paths[scope.path as usize].function as usize].clone(),
                call_stack: converter.stacks.of_path(scope.path),
                thread_id: ThreadId(scope.thread),
                since: rate.duration(scope.since.since(clock.started)),
                elapsed: rate.duration(clock.now.since(scope.since.max(clock.started))),
                path: scope.path,
                since_ticks: scope.since.since(clock.started),
            })
            .collect();

        let (threads, nodes) = threads.into_iter().map(|thread| split(thread, rate)).unzip();
        let mut report = Report {
            functions: stats,
            by_name: names::by_name(&names),
            paths,
            log: CallLog::new(calls),
            open,
            threads,
            nodes,
            exited,
            exited_threads,
            tree: CallTree::default(),
            dropped,
            clock: ClockFacts {
                faults: clock.faults,
                ..ClockFacts::new(clock.source, rate, clock.now.since(clock.started))
            },
            overhead: finite(overhead),
            sources: sources.into_iter().map(|source| Source::new(source, rate)).collect(),
            session: Session(session),
        };
        report.grow_tree(&names);
        report.end_open_scopes();
        report
    }

    /// Tells the scopes of a merged report how long they were open: until their own run ended.
    fn end_open_scopes(&mut self) {
        if self.sources.is_empty() {
            return;
        }
        let end = |scope: &OpenScope| self.end_of(scope.thread_id).since(scope.since_ticks);
        let elapsed: Vec<Ticks> = self.open.iter().map(end).collect();
        for (scope, elapsed) in self.open.iter_mut().zip(elapsed) {
            scope.elapsed = self.clock.rate.duration(elapsed);
        }
    }

    /// Builds the merged tree and what the functions take from it.
    fn grow_tree(&mut self, names: &[Arc<str>]) {
        let open = || self.open.iter().map(|scope| scope.path);
        let tree = CallTree::build(&self.paths, names, self.clock.rate, self.all_nodes(), open());
        let totals = PathTotals::new(&self.paths, self.all_nodes(), open());
        let outermost = outermost(&self.paths);
        for (index, path) in self.paths.iter().enumerate() {
            let (function, total) =
                (&mut self.functions[path.function as usize], &totals.of_path[index]);
            function.tree_self_time += total.node.self_time;
            function.open += total.open;
            if outermost[index] {
                function.tree_time += total.inclusive;
            }
        }
        for function in &mut self.functions {
            function.share = share_of(function.tree_time, tree.whole());
        }
        self.tree = tree;
    }

    /// The snapshot that this report is made from, with times since the profiler's start.
    pub(crate) fn to_snapshot(&self) -> Snapshot {
        let function = |function: &FunctionStats| Function {
            name: Arc::from(function.name.as_str()),
            statistics: function.statistics.clone(),
            slowest: function.slowest.iter().map(FunctionCall::to_plain).collect(),
        };
        let thread = |(info, nodes): (&ThreadInfo, &Vec<_>)| Thread {
            id: info.id.0,
            name: info.name.clone(),
            exited: info.exited,
            nodes: nodes.clone(),
        };
        let scope = |scope: &OpenScope| SnapshotScope {
            thread: scope.thread_id.0,
            path: scope.path,
            since: scope.since_ticks,
        };
        Snapshot {
            functions: self.functions.iter().map(function).collect(),
            paths: self.paths.clone(),
            threads: self.threads.iter().zip(&self.nodes).map(thread).collect(),
            exited: self.exited.clone(),
            exited_threads: self.exited_threads,
            calls: self.log.plain().to_vec(),
            open: self.open.iter().map(scope).collect(),
            dropped: self.dropped,
            clock: SnapshotClock {
                source: self.clock.source,
                rate: self.clock.rate,
                started: Ticks::ZERO,
                now: self.clock.run_ticks,
                faults: self.clock.faults,
            },
            overhead: self.overhead,
            sources: self.sources.iter().map(|source| source.plain.clone()).collect(),
            session: self.session.0,
        }
    }
}

/// For each path whether no path above it ends in the same function.
///
/// One walk up per path would take the square of the depth, a set per path the same memory. So:
/// walk the table depth first and count the functions open on the way.
pub(crate) fn outermost(paths: &[Path]) -> Vec<bool> {
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); paths.len()];
    let mut waiting: Vec<(u32, bool)> = Vec::new(); // path, whether it is being left
    for (index, path) in paths.iter().enumerate() {
        match path.parent {
            Some(parent) => children[parent as usize].push(index as u32),
            None => waiting.push((index as u32, false)),
        }
    }
    let functions = paths.iter().map(|path| path.function as usize + 1).max().unwrap_or(0);
    let mut above = vec![0u32; functions];
    let mut outermost = vec![false; paths.len()];
    while let Some((path, leaving)) = waiting.pop() {
        let count = &mut above[paths[path as usize].function as usize];
        if leaving {
            *count -= 1;
            continue;
        }
        outermost[path as usize] = *count == 0;
        *count += 1;
        waiting.push((path, true));
        waiting.extend(children[path as usize].iter().map(|&child| (child, false)));
    }
    outermost
}

/// A cost that is no time at all is none.
fn finite(overhead: Overhead) -> Overhead {
    let finite = |nanos: f64| if nanos.is_finite() { nanos.max(0.0) } else { 0.0 };
    Overhead {
        inside_nanos: finite(overhead.inside_nanos),
        outside_nanos: finite(overhead.outside_nanos),
    }
}

/// The functions by total time, and the new index of each old one.
fn sort_by_total(mut functions: Vec<Function>) -> (Vec<Function>, Vec<u32>) {
    let new_index = new_indexes(&functions);
    functions.sort_by(by_total);
    (functions, new_index)
}

/// Which index each function of a snapshot has in the report.
pub(crate) fn new_indexes(functions: &[Function]) -> Vec<u32> {
    let mut sorted: Vec<usize> = (0..functions.len()).collect();
    sorted.sort_by(|&left, &right| by_total(&functions[left], &functions[right]));
    let mut new_index = vec![0; sorted.len()];
    for (new, old) in sorted.into_iter().enumerate() {
        new_index[old] = new as u32;
    }
    new_index
}

fn by_total(left: &Function, right: &Function) -> Ordering {
    let by_total = right.statistics.total.cmp(&left.statistics.total);
    by_total.then_with(|| left.name.cmp(&right.name))
}

fn split(thread: Thread, rate: TickRate) -> (ThreadInfo, Vec<perprovis_core::snapshot::Node>) {
    let total = thread.nodes.iter().map(|node| node.self_time + node.truncated_time).sum();
    let info = ThreadInfo {
        id: ThreadId(thread.id),
        name: thread.name,
        exited: thread.exited,
        total_time: rate.duration(total),
    };
    (info, thread.nodes)
}

/// The durations of the calls of each function, in their order.
fn logged(calls: &[Call], functions: usize) -> Vec<Vec<Ticks>> {
    let mut counts = vec![0; functions];
    calls.iter().for_each(|call| counts[call.function as usize] += 1);
    let mut logged: Vec<Vec<Ticks>> = counts.into_iter().map(Vec::with_capacity).collect();
    calls.iter().for_each(|call| logged[call.function as usize].push(call.duration));
    logged
}
