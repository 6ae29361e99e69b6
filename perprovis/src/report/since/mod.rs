//! What happened between two reports of one profiler.
//!
//! Everything that is counted or added up is a difference of two exact numbers, and so exact. Calls are
//! those that the earlier report has not, as many times as it has them not. An extreme that is newer
//! than the earlier report is known; any other is found in the difference of the histograms.

mod used;

use std::cmp::Reverse;
use std::collections::HashMap;

use perprovis_core::histogram::{Histogram, bucket_bounds};
use perprovis_core::snapshot::{Call, Dropped, Function, Node, Path, Snapshot, Thread};
use perprovis_core::statistics::Statistics;
use perprovis_core::units::Ticks;

use super::Report;
use super::merge::is_same;
use used::retain_used;

impl Report {
    /// What happened since `earlier`, a report of the same profiler: the calls that completed in
    /// between, each with its whole duration; in the call tree the time that was spent in between.
    ///
    /// Counts, sums, deviation and histograms are exact. So are the shortest and the longest call if they
    /// are the shortest and the longest ever; else they, as percentiles always, are at most 0.78 % off.
    /// The slowest calls are those that are among the slowest ever, or in the log. Times count from `earlier`; a call that began before it begins there with zero.
    ///
    /// If the profiler was cleared in between, all of this report is newer, and is given back whole. Of reports
    /// from files nothing says so, but they contradict each other: the later one is shorter, or it
    /// lacks calls, extremes or slowest calls of the earlier one. Only a clear after which every function was
    /// called again, more often, and each time slower than before, would stay unnoticed. A merged
    /// report is of no one profiler, and is given back whole, too.
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
        if !goes_on(&now, &before) {
            return None;
        }
        let is_session_known = now.session.is_some() && before.session.is_some();
        let names = now.functions.iter().map(|function| function.name.clone()).zip(0..);
        let by_name: HashMap<_, u32> = names.collect();
        let mut functions = Vec::with_capacity(before.functions.len());
        for function in &before.functions {
            let &at = by_name.get(&function.name)?;
            let later = &mut now.functions[at as usize];
            if !is_session_known && !has_slowest(later, function) {
                return None;
            }
            subtract(&mut later.statistics, &function.statistics)?;
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
        let negative = &mut now.clock.faults.negative_calls;
        *negative = negative.saturating_sub(before.clock.faults.negative_calls);
        now.session = None;
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

/// Whether both may be of one session, by all but what was counted.
fn goes_on(now: &Snapshot, before: &Snapshot) -> bool {
    if let (Some(now), Some(before)) = (now.session, before.session)
        && now != before
    {
        return false;
    }
    let is_one_clock = before.functions.is_empty()
        || now.clock.source == before.clock.source && is_same(now.clock.rate, before.clock.rate);
    let is_merged = !now.sources.is_empty() || !before.sources.is_empty();
    is_one_clock && !is_merged && now.clock.now >= before.clock.now
}

/// Whether the slowest calls of before are still among the slowest, but for those that slower ones
/// replaced.
fn has_slowest(now: &Function, before: &Function) -> bool {
    let is_full = (now.slowest.len() as u64) < now.statistics.count;
    let least = now.slowest.last().map_or(Ticks(u64::MAX), |call| call.duration);
    let is_there = |call: &Call| {
        let when = |call: &Call| (call.thread, call.start, call.duration);
        now.slowest.iter().any(|other| when(other) == when(call))
    };
    before.slowest.iter().all(|call| is_there(call) || is_full && call.duration <= least)
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
    if before.count > 0 && (min > before.min || max < before.max) {
        return None;
    }
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
