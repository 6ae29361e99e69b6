//! What happened between two reports of one profiler.
//!
//! Everything that is counted or added up is a difference of two exact numbers, and so exact. Calls are
//! those that the earlier report has not, as many times as it has them not. An extreme that is newer
//! than the earlier report is known; any other is found in the difference of the histograms.

use std::cmp::Reverse;
use std::collections::HashMap;

use perprovis_core::histogram::{Histogram, bucket_bounds};
use perprovis_core::snapshot::{Call, Dropped, Function, Node, Path, Snapshot, Thread};
use perprovis_core::statistics::Statistics;
use perprovis_core::units::Ticks;

use super::Report;

impl Report {
    /// What happened since `earlier`, a report of the same profiler: the calls that completed in
    /// between, each with its whole duration; in the call tree the time that was spent in between.
    ///
    /// Counts, sums, deviation and histograms are exact. So are the shortest and the longest call if they
    /// are the shortest and the longest ever; else they, as percentiles always, are at most 0.78 % off.
    /// The slowest calls are those that are among the slowest ever, or in the log. Times count from `earlier`; a call that began before it begins there with zero.
    ///
    /// If the profiler was cleared in between, all of this report is newer, and is given back whole; which
    /// cannot be told if more was recorded after the clear than before.
    ///
    /// # Examples
    ///
    /// ```
    /// let profiler = perprovis::Profiler::new();
    /// profiler.measure("before", || ());
    /// let earlier = profiler.report();
    /// profiler.measure("after", || ());
    /// let between = profiler.report().since(&earlier);
    /// # #[cfg(feature = "enable")]
    /// assert_eq!(between.functions().len(), 1);
    /// # #[cfg(feature = "enable")]
    /// assert_eq!(between.function("after").map(|after| after.call_count), Some(1));
    /// ```
    #[must_use]
    pub fn since(&self, earlier: &Report) -> Report {
        let snapshot = Difference::new(self.to_snapshot(), earlier.to_snapshot());
        snapshot.map_or_else(|| self.clone(), |difference| Report::from_snapshot(difference.take()))
    }
}

/// Two snapshots of one session, and how the earlier one's numbers are called in the later one.
struct Difference {
    now: Snapshot,
    before: Snapshot,
    paths: Vec<u32>, // by path of `before`
}

impl Difference {
    /// `None` if the later one does not go on from the earlier one.
    fn new(mut now: Snapshot, mut before: Snapshot) -> Option<Difference> {
        if now.clock.now < before.clock.now {
            return None;
        }
        let names = now.functions.iter().map(|function| function.name.clone()).zip(0..);
        let by_name: HashMap<_, u32> = names.collect();
        let mut functions = Vec::with_capacity(before.functions.len());
        for function in &before.functions {
            let &at = by_name.get(&function.name)?;
            let later = &mut now.functions[at as usize].statistics;
            subtract(later, &function.statistics)?;
            functions.push(at);
        }
        let by_path: HashMap<Path, u32> = now.paths.iter().copied().zip(0..).collect();
        let mut paths: Vec<u32> = Vec::with_capacity(before.paths.len());
        for path in &before.paths {
            let parent = path.parent.map(|parent| paths[parent as usize]);
            let function = functions[path.function as usize];
            paths.push(*by_path.get(&Path { parent, function })?);
        }
        let slowest = before.functions.iter_mut().flat_map(|function| &mut function.slowest);
        for call in slowest.chain(&mut before.calls) {
            call.function = functions[call.function as usize];
            call.path = call.path.map(|path| paths[path as usize]);
        }
        Some(Difference { now, before, paths })
    }

    fn take(mut self) -> Snapshot {
        self.take_nodes();
        let Difference { mut now, before, .. } = self;
        let mut known = Counted::new(&before.calls);
        now.calls.retain(|call| !known.take(call));
        let slowest = before.functions.iter().flat_map(|function| &function.slowest);
        retain_slowest(&mut now, Counted::new(slowest));

        let completed: u64 = now.functions.iter().map(|function| function.statistics.count).sum();
        let less = |of: fn(&Dropped) -> u64| of(&now.dropped).saturating_sub(of(&before.dropped));
        now.dropped = Dropped {
            log_calls: completed.saturating_sub(now.calls.len() as u64),
            truncated_calls: less(|dropped| dropped.truncated_calls),
            unnamed_calls: less(|dropped| dropped.unnamed_calls),
            unrecorded_calls: less(|dropped| dropped.unrecorded_calls),
        };
        now.exited_threads = now.exited_threads.saturating_sub(before.exited_threads);
        now.clock.started = before.clock.now;
        retain_used(&mut now);
        now
    }

    /// Takes off each thread's tree what it held before. A thread that was merged into the others since
    /// is taken off those.
    fn take_nodes(&mut self) {
        let Difference { now, before, paths } = self;
        let mut exited: HashMap<u32, Node> = HashMap::new();
        let mut of_thread: HashMap<u64, HashMap<u32, Node>> = HashMap::new();
        for Thread { id, nodes, .. } in &before.threads {
            let lives = now.threads.iter().any(|thread| thread.id == *id);
            let former = if lives { of_thread.entry(*id).or_default() } else { &mut exited };
            add_nodes(former, nodes, paths);
        }
        add_nodes(&mut exited, &before.exited, paths);
        for thread in &mut now.threads {
            if let Some(former) = of_thread.get(&thread.id) {
                take_nodes(&mut thread.nodes, former);
            }
        }
        take_nodes(&mut now.exited, &exited);
    }
}

fn add_nodes(sums: &mut HashMap<u32, Node>, nodes: &[Node], paths: &[u32]) {
    for node in nodes {
        sums.entry(paths[node.path as usize]).or_default().add(node);
    }
}

fn take_nodes(nodes: &mut Vec<Node>, former: &HashMap<u32, Node>) {
    nodes.retain_mut(|node| {
        if let Some(former) = former.get(&node.path) {
            node.calls = node.calls.saturating_sub(former.calls);
            node.self_time = node.self_time.since(former.self_time);
            node.truncated_calls = node.truncated_calls.saturating_sub(former.truncated_calls);
            node.truncated_time = node.truncated_time.since(former.truncated_time);
        }
        *node != Node { path: node.path, ..Node::default() }
    });
}

/// Takes off what was counted before; `None` if less was counted than that.
fn subtract(now: &mut Statistics, before: &Statistics) -> Option<()> {
    if before.count == 0 && before.cancelled == 0 {
        return Some(());
    }
    let (min, max) = (now.min, now.max);
    now.count = now.count.checked_sub(before.count)?;
    now.panicked = now.panicked.checked_sub(before.panicked)?;
    now.cancelled = now.cancelled.checked_sub(before.cancelled)?;
    now.polls = now.polls.checked_sub(before.polls)?;
    now.squares = now.squares.checked_sub(before.squares)?;
    now.histogram = less(&now.histogram, &before.histogram)?;
    for (now, before) in [
        (&mut now.sum, before.sum),
        (&mut now.total, before.total),
        (&mut now.self_time, before.self_time),
        (&mut now.busy, before.busy),
        (&mut now.idle, before.idle),
    ] {
        *now = Ticks(now.0.checked_sub(before.0)?);
    }
    if now.count == 0 {
        (now.min, now.max) = (Ticks::ZERO, Ticks::ZERO);
    } else if before.count > 0 {
        let middle = |bucket: Option<&(u32, u64)>| {
            let (low, high) = bucket_bounds(bucket.map_or(0, |&(bucket, _)| bucket as usize));
            Ticks(low + (high - low) / 2)
        };
        let buckets = now.histogram.buckets();
        // An extreme that is not newer lies in the outermost bucket; and never beyond the mean.
        if min == before.min {
            now.min = middle(buckets.first()).max(min).min(Ticks(now.sum.0 / now.count));
        }
        if max == before.max {
            now.max = middle(buckets.last()).min(max).max(Ticks(now.sum.0.div_ceil(now.count)));
        }
    }
    Some(())
}

fn less(now: &Histogram, before: &Histogram) -> Option<Histogram> {
    let mut left: Vec<(u32, u64)> = now.buckets().to_vec();
    for &(bucket, count) in before.buckets() {
        let at = left.binary_search_by_key(&bucket, |&(bucket, _)| bucket).ok()?;
        left[at].1 = left[at].1.checked_sub(count)?;
    }
    Some(Histogram::from_buckets(left))
}

/// Leaves out the slowest calls that were known, and puts those of the log in their place.
fn retain_slowest(now: &mut Snapshot, mut known: Counted) {
    let lengths = now.functions.iter().map(|function| function.slowest.len());
    let kept = lengths.max().unwrap_or(0);
    let mut logged: Vec<Vec<&Call>> = vec![Vec::new(); now.functions.len()];
    now.calls.iter().for_each(|call| logged[call.function as usize].push(call));
    for (function, logged) in now.functions.iter_mut().zip(logged) {
        let slowest = &mut function.slowest;
        slowest.retain(|call| !known.take(call));
        let wanted = function.statistics.count.min(kept as u64) as usize;
        if slowest.len() < wanted {
            let mut listed = Counted::new(&*slowest);
            slowest.extend(logged.into_iter().filter(|call| !listed.take(call)).cloned());
            slowest
                .sort_by_key(|call| (Reverse(call.duration), call.start, call.thread, call.path));
            slowest.truncate(wanted);
        }
    }
}

/// Calls, and how often there is one just like it.
struct Counted(HashMap<CallKey, usize>);

type CallKey = (u64, u32, Option<u32>, Ticks, Ticks);

impl Counted {
    fn new<'c>(calls: impl IntoIterator<Item = &'c Call>) -> Counted {
        let mut counts = HashMap::new();
        calls.into_iter().for_each(|call| *counts.entry(key(call)).or_default() += 1);
        Counted(counts)
    }

    /// Takes one like this out, if there is one.
    fn take(&mut self, call: &Call) -> bool {
        let left = self.0.get_mut(&key(call)).filter(|count| **count > 0);
        left.map(|count| *count -= 1).is_some()
    }
}

fn key(call: &Call) -> CallKey {
    (call.thread, call.function, call.path, call.start, call.duration)
}

/// Leaves out functions, paths and threads of which nothing is left.
fn retain_used(snapshot: &mut Snapshot) {
    let Snapshot { functions, paths, threads, exited, calls, open, .. } = snapshot;
    let busy = |thread: &Thread| {
        !thread.nodes.is_empty()
            || open.iter().any(|scope| scope.thread == thread.id)
            || calls.iter().any(|call| call.thread == thread.id)
    };
    threads.retain(busy);

    let mut used = vec![false; paths.len()];
    let nodes = threads.iter().flat_map(|thread| &thread.nodes).chain(&*exited);
    let slowest = functions.iter().flat_map(|function| &function.slowest);
    nodes.for_each(|node| used[node.path as usize] = true);
    open.iter().for_each(|scope| used[scope.path as usize] = true);
    calls.iter().chain(slowest).filter_map(|call| call.path).for_each(|path| {
        used[path as usize] = true;
    });
    // Children stand behind their parents.
    for index in (0..paths.len()).rev().filter(|&index| paths[index].parent.is_some()) {
        if let (true, Some(parent)) = (used[index], paths[index].parent) {
            used[parent as usize] = true;
        }
    }
    let new_path = renumber(&used);

    let is_counted =
        |function: &Function| function.statistics.count > 0 || function.statistics.cancelled > 0;
    let mut called: Vec<bool> = functions.iter().map(is_counted).collect();
    for (path, _) in paths.iter().zip(&used).filter(|(_, used)| **used) {
        called[path.function as usize] = true;
    }
    let new_function = renumber(&called);

    let mut at = 0..;
    functions.retain(|_| called[at.next().unwrap_or_default()]);
    let mut at = 0..;
    paths.retain(|_| used[at.next().unwrap_or_default()]);
    for path in paths {
        path.parent = path.parent.map(|parent| new_path[parent as usize]);
        path.function = new_function[path.function as usize];
    }
    let nodes = threads.iter_mut().flat_map(|thread| &mut thread.nodes).chain(exited);
    nodes.for_each(|node| node.path = new_path[node.path as usize]);
    open.iter_mut().for_each(|scope| scope.path = new_path[scope.path as usize]);
    let slowest = functions.iter_mut().flat_map(|function| &mut function.slowest);
    for call in calls.iter_mut().chain(slowest) {
        call.function = new_function[call.function as usize];
        call.path = call.path.map(|path| new_path[path as usize]);
    }
}

/// The new index of each that is kept.
fn renumber(kept: &[bool]) -> Vec<u32> {
    let mut next = 0;
    let number = |&kept: &bool| {
        let number = next;
        next += u32::from(kept);
        number
    };
    kept.iter().map(number).collect()
}
