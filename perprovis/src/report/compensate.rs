//! Subtracting the profiler's own cost.
//!
//! # Derivation
//!
//! Profiling one call costs `i` inside its measured interval and `o` outside of it. The outside
//! part of a call lies inside its caller's interval, in the caller's self time. An async function
//! is measured once per poll, so its node has `n = calls * polls / calls` intervals; any other
//! node has `n = calls`. Then
//!
//! ```text
//! self(node)      -=  i * n(node)  +  o * (n of its direct children + its truncated calls)
//! truncated(node) -=  i * truncated calls
//! inclusive(node)  =  by addition, as in every tree; so it loses
//!                     i * n(node) + (i + o) * D(node),   D = intervals below the node
//! ```
//!
//! The calls of a function lose the same on average. Of a path with scopes open now, only the
//! part `calls / (calls + open)` of what is below it belongs to completed calls. Calls that limits
//! kept out of the tree are taken for leaves. Summed over the paths of a function, the cost is
//!
//! ```text
//! sum   -= cost over all its paths             (every call, recursive ones too)
//! total -= cost over its outermost paths       (recursion once)
//! self  -= i * n + o * direct children, over all its paths
//! busy  -= as sum; idle is outside of every interval and stays
//! min, max, histogram, logged and slowest calls: each minus the mean, cost / calls
//! ```
//!
//! Nothing falls below zero, `min <= mean <= max` is kept, and since every duration is shifted by
//! the same, the deviation stays (`sum of squares` is adjusted for exactly that).

use perprovis_core::histogram::{Histogram, bucket_bounds, bucket_of};
use perprovis_core::snapshot::{Call, Node, Overhead, Snapshot};
use perprovis_core::statistics::Statistics;
use perprovis_core::units::Ticks;

use super::Report;
use super::build::{new_indexes, outermost};
use super::totals::{PathTotal, PathTotals};

/// The profiler's cost, in ticks.
#[derive(Clone, Copy)]
struct Cost {
    inside: f64,
    outside: f64,
}

/// The cost in one function's numbers, in ticks.
#[derive(Clone, Copy, Default)]
struct FunctionCost {
    all: f64,       // in the time of all calls
    outermost: f64, // in the time of those without a call of the same function above them
    own: f64,       // in the self time
    calls: u64,     // calls that the tree knows of
}

impl Report {
    /// This report without the profiler's own cost, as far as it is known: [`Report::overhead`]
    /// of each call is subtracted from its own time and from that of its callers. Times of single
    /// calls, extremes and percentiles lose the mean cost of a call of their function, and none
    /// falls below zero. Counts stay. The overhead of the result is zero, so compensating twice
    /// is compensating once; this report keeps the raw numbers.
    #[must_use]
    pub fn compensated(&self) -> Report {
        let mut snapshot = self.to_snapshot();
        let per_tick = snapshot.clock.rate.nanos_per_tick();
        let cost = Cost {
            inside: self.overhead.inside_nanos / per_tick,
            outside: self.overhead.outside_nanos / per_tick,
        };
        if cost.inside > 0.0 || cost.outside > 0.0 {
            compensate(&mut snapshot, cost);
        }
        snapshot.overhead = Overhead::default();
        let indexes = new_indexes(&snapshot.functions);
        let mut report = Report::from_snapshot(snapshot);
        for (function, index) in self.functions.iter().zip(indexes) {
            report.functions[index as usize].unread = function.unread;
        }
        report
    }
}

fn compensate(snapshot: &mut Snapshot, cost: Cost) {
    let shifts = compensate_functions(snapshot, cost);
    compensate_nodes(snapshot, cost);
    for (function, &shift) in snapshot.functions.iter_mut().zip(&shifts) {
        shift_calls(&mut function.slowest, |_| shift);
    }
    shift_calls(&mut snapshot.calls, |call| shifts[call.function as usize]);
}

/// Intervals per call of each function: polls per call if it is async, else one.
fn intervals_per_call(snapshot: &Snapshot) -> Vec<f64> {
    let intervals = |statistics: &Statistics| match (statistics.polls, statistics.count) {
        (0, _) | (_, 0) => 1.0,
        (polls, calls) => polls as f64 / calls as f64,
    };
    snapshot.functions.iter().map(|function| intervals(&function.statistics)).collect()
}

/// Corrects the functions; returns the mean cost of a call of each, in whole ticks.
fn compensate_functions(snapshot: &mut Snapshot, cost: Cost) -> Vec<u64> {
    let per_call = intervals_per_call(snapshot);
    let costs = function_costs(snapshot, cost, &per_call);
    let functions = snapshot.functions.iter_mut().zip(costs).zip(per_call);
    functions
        .map(|((function, mut found), per_call)| {
            let statistics = &mut function.statistics;
            // What the tree does not know of was truncated.
            let unknown = statistics.count.saturating_sub(found.calls) as f64;
            let leaves = unknown * per_call * cost.inside;
            found.all += leaves;
            found.outermost += leaves;
            found.own += leaves;
            correct(statistics, found)
        })
        .collect()
}

/// The cost in the numbers of each function, summed over its paths.
fn function_costs(snapshot: &Snapshot, cost: Cost, per_call: &[f64]) -> Vec<FunctionCost> {
    let nodes = snapshot.threads.iter().flat_map(|thread| &thread.nodes).chain(&snapshot.exited);
    let open = snapshot.open.iter().map(|scope| scope.path);
    let totals = PathTotals::new(&snapshot.paths, nodes.copied(), open);
    let intervals = |index: usize| {
        let function = snapshot.paths[index].function as usize;
        totals.of_path[index].node.calls as f64 * per_call[function]
    };
    let count = snapshot.paths.len();
    let truncated = |total: &PathTotal| total.node.truncated_calls as f64;
    let mut direct: Vec<f64> = totals.of_path.iter().map(truncated).collect();
    let mut below = direct.clone();
    for index in (0..count).rev() {
        if let Some(parent) = snapshot.paths[index].parent {
            direct[parent as usize] += intervals(index);
            below[parent as usize] += intervals(index) + below[index];
        }
    }
    let outermost = outermost(&snapshot.paths);
    let mut costs = vec![FunctionCost::default(); snapshot.functions.len()];
    for index in 0..count {
        let total = &totals.of_path[index];
        let calls = total.node.calls as f64;
        if total.node.calls == 0 {
            continue;
        }
        let completed = calls / (calls + total.open as f64);
        let inside = cost.inside * intervals(index);
        let all = inside + completed * (cost.inside + cost.outside) * below[index];
        let sum = &mut costs[snapshot.paths[index].function as usize];
        sum.all += all;
        sum.own += inside + completed * cost.outside * direct[index];
        sum.calls = sum.calls.saturating_add(total.node.calls);
        if outermost[index] {
            sum.outermost += all;
        }
    }
    costs
}

/// Takes the cost out of a function's numbers; returns the mean cost of a call in whole ticks.
fn correct(statistics: &mut Statistics, cost: FunctionCost) -> u64 {
    if statistics.count == 0 {
        return 0;
    }
    let count = statistics.count;
    let shift = ticks(cost.all / count as f64);
    let raw_sum = statistics.sum.0;
    let (min, max) = (statistics.min.0, statistics.max.0);
    statistics.min = Ticks(min.saturating_sub(shift));
    statistics.max = Ticks(max.saturating_sub(shift));
    let bound = |each: Ticks| count.saturating_mul(each.0);
    let (lowest, highest) = (bound(statistics.min), bound(statistics.max));
    let sum = raw_sum.saturating_sub(ticks(cost.all)).max(lowest).min(highest).min(raw_sum);
    statistics.sum = Ticks(sum);
    statistics.total = Ticks(statistics.total.0.saturating_sub(ticks(cost.outermost)).min(sum));
    statistics.self_time = Ticks(statistics.self_time.0.saturating_sub(ticks(cost.own)));
    if statistics.polls > 0 {
        statistics.busy = Ticks(statistics.busy.0.saturating_sub(ticks(cost.all)));
    }
    // n * squares - sum^2 is the deviation: both terms lose the same.
    let square = |sum: u64| u128::from(sum) * u128::from(sum);
    let lost = (square(raw_sum) - square(sum)) / u128::from(count);
    statistics.squares = statistics.squares.saturating_sub(lost);
    statistics.histogram = shifted(&statistics.histogram, shift);
    shift
}

/// Every value less by `shift`. A value moves with the middle of its bucket, so the error of a
/// percentile stays that of the unshifted value, plus half a finer bucket.
fn shifted(histogram: &Histogram, shift: u64) -> Histogram {
    let moved = histogram.buckets().iter().map(|&(bucket, count)| {
        let (low, high) = bucket_bounds(bucket as usize);
        let middle = low + (high - low) / 2;
        (bucket_of(middle.saturating_sub(shift)) as u32, count)
    });
    Histogram::from_buckets(moved)
}

/// Corrects the nodes of every tree.
fn compensate_nodes(snapshot: &mut Snapshot, cost: Cost) {
    let per_call = intervals_per_call(snapshot);
    let mut children = vec![0.0; snapshot.paths.len()];
    let trees = snapshot.threads.iter_mut().map(|thread| &mut thread.nodes);
    for nodes in trees.chain(std::iter::once(&mut snapshot.exited)) {
        let intervals = |node: &Node| {
            node.calls as f64 * per_call[snapshot.paths[node.path as usize].function as usize]
        };
        let parent = |node: &Node| snapshot.paths[node.path as usize].parent;
        for node in nodes.iter() {
            if let Some(parent) = parent(node) {
                children[parent as usize] += intervals(node);
            }
        }
        for node in nodes.iter_mut() {
            let direct = children[node.path as usize] + node.truncated_calls as f64;
            let own = ticks(cost.inside * intervals(node) + cost.outside * direct);
            node.self_time = Ticks(node.self_time.0.saturating_sub(own));
            let truncated = ticks(cost.inside * node.truncated_calls as f64);
            node.truncated_time = Ticks(node.truncated_time.0.saturating_sub(truncated));
        }
        for node in nodes.iter() {
            if let Some(parent) = parent(node) {
                children[parent as usize] = 0.0; // ready for the next thread's tree
            }
        }
    }
}

fn shift_calls(calls: &mut [Call], shift: impl Fn(&Call) -> u64) {
    for call in calls {
        call.duration = Ticks(call.duration.0.saturating_sub(shift(call)));
    }
}

/// A number of ticks, rounded; saturates at both ends.
fn ticks(number: f64) -> u64 {
    number.round() as u64
}
