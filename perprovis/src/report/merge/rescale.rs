//! A snapshot in ticks of another length.

use perprovis_core::histogram::{Histogram, bucket_bounds, bucket_of};
use perprovis_core::snapshot::{Node, Snapshot};
use perprovis_core::statistics::Statistics;
use perprovis_core::units::{TickRate, Ticks};

/// Turns every time from ticks of the one length into ticks of the other.
pub(super) fn snapshot(snapshot: &mut Snapshot, from: TickRate, to: TickRate) {
    let factor = from.nanos_per_tick() / to.nanos_per_tick();
    let scale = |ticks: &mut Ticks| *ticks = scaled(*ticks, factor);
    for function in &mut snapshot.functions {
        statistics(&mut function.statistics, factor);
        for call in &mut function.slowest {
            scale(&mut call.start);
            scale(&mut call.duration);
        }
    }
    for call in &mut snapshot.calls {
        scale(&mut call.start);
        scale(&mut call.duration);
    }
    let node = |node: &mut Node| {
        scale(&mut node.self_time);
        scale(&mut node.truncated_time);
    };
    snapshot.threads.iter_mut().flat_map(|thread| &mut thread.nodes).for_each(node);
    snapshot.exited.iter_mut().for_each(node);
    snapshot.open.iter_mut().for_each(|scope| scale(&mut scope.since));
    for source in &mut snapshot.sources {
        scale(&mut source.run);
        scale(&mut source.time);
    }
    scale(&mut snapshot.clock.started);
    scale(&mut snapshot.clock.now);
    snapshot.clock.rate = to;
}

fn statistics(statistics: &mut Statistics, factor: f64) {
    for ticks in [
        &mut statistics.sum,
        &mut statistics.total,
        &mut statistics.self_time,
        &mut statistics.busy,
        &mut statistics.idle,
        &mut statistics.min,
        &mut statistics.max,
    ] {
        *ticks = scaled(*ticks, factor);
    }
    // The sum lies between the shortest and the longest, times the number, also after rounding.
    let of_all = |each: Ticks| each.0.saturating_mul(statistics.count);
    let sum = statistics.sum.0.max(of_all(statistics.min)).min(of_all(statistics.max));
    statistics.sum = Ticks(sum);
    statistics.total = statistics.total.min(statistics.sum);
    statistics.squares = squares(statistics.squares, factor);
    let buckets = statistics.histogram.buckets().iter().map(|&(bucket, count)| {
        let (low, high) = bucket_bounds(bucket as usize);
        let middle = Ticks(low + (high - low) / 2);
        (bucket_of(scaled(middle, factor).0) as u32, count)
    });
    statistics.histogram = Histogram::from_buckets(buckets);
}

fn scaled(ticks: Ticks, factor: f64) -> Ticks {
    Ticks((ticks.0 as f64 * factor).round() as u64) // `as` saturates
}

fn squares(squares: u128, factor: f64) -> u128 {
    (squares as f64 * factor * factor).round() as u128
}
