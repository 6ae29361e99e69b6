//! What is kept of a run: some numbers a function.

use std::collections::HashMap;

use perprovis_core::histogram::{Histogram, bucket_bounds};
use perprovis_core::statistics::Statistics;

use crate::report::{FunctionStats, Report, outermost};

use super::student::normal_quantile;

/// The quantiles between which a call is typical, by way of looking; the first is the usual one, the
/// last one is the mean.
const TYPICAL: [(f64, f64); WAYS] = [(0.25, 0.75), (0.05, 0.5), (0.0, 1.0)];
/// How many ways there are.
pub(super) const WAYS: usize = 3;
/// Half the relative width of a bucket.
const HALF_BUCKET: f64 = 1.0 / 128.0;
/// Intervals within a run miss the true value in this share of the cases.
const ERROR: f64 = 0.05;

/// One run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) functions: HashMap<String, Figures>,
}

/// One function in one run. Times are nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    pub(super) count: f64,
    pub(super) total: Within,
    pub(super) own: Within,
    pub(super) busy: f64,
    pub(super) median: Within,
    pub(super) p95: Within,
    /// The typical time of a call in the function itself, in several ways.
    pub(super) typical: [Typical; WAYS],
    /// The part of the function itself in the profiled time, in 0..=1.
    pub(super) share: f64,
}

/// A typical time of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typical {
    pub(super) time: Within,
    /// How far, relatively, it may be off for want of resolution.
    pub(super) blur: f64,
    /// The part of it in the time with callees, in 0..=1.
    pub(super) part: f64,
}

/// A figure and the interval in which it lies as far as the calls of one run tell.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Within {
    pub(super) value: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Within {
    fn around(value: f64, half: f64) -> Within {
        Within { value, low: (value - half).max(0.0), high: value + half }
    }

    pub(super) fn times(self, factor: f64) -> Within {
        Within { value: self.value * factor, low: self.low * factor, high: self.high * factor }
    }
}

impl Run {
    pub(super) fn of(report: &Report) -> Run {
        let inclusive: Vec<[Typical; WAYS]> = report.functions.iter().map(inclusive).collect();
        let below = Below::of(report);
        let mut figures: Vec<Figures> = Vec::with_capacity(report.functions.len());
        for (index, function) in report.functions.iter().enumerate() {
            let typical =
                std::array::from_fn(|way| below.taken_out(report, &inclusive, index, way));
            figures.push(Figures::of(function, typical));
        }
        let whole: f64 = figures.iter().map(|figures| figures.own.value).sum();
        let typical = |figures: &Figures| figures.typical[0].time.value * figures.count;
        let typical_whole: f64 = figures.iter().map(typical).sum();
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        for one in &mut figures {
            // By typical time, too: one interruption would make a function large.
            one.share = share(one.own.value, whole).max(share(typical(one), typical_whole));
        }
        let called = report.functions.iter().zip(figures).filter(|(_, one)| one.count > 0.0);
        Run { functions: called.map(|(function, one)| (function.name.clone(), one)).collect() }
    }
}

/// What the functions of a report called.
struct Below {
    calls: Vec<HashMap<u32, f64>>, // of each function: which ones, how often
    recursive: Vec<bool>,
}

impl Below {
    fn of(report: &Report) -> Below {
        let mut calls = vec![HashMap::new(); report.functions.len()];
        let mut recursive = vec![false; report.functions.len()];
        let outermost = outermost(&report.paths);
        for (path, outermost) in report.paths.iter().zip(&outermost) {
            recursive[path.function as usize] |= !outermost;
        }
        for node in report.all_nodes() {
            let path = report.paths[node.path as usize];
            if let Some(parent) = path.parent {
                let caller = report.paths[parent as usize].function;
                *calls[caller as usize].entry(path.function).or_insert(0.0) += node.calls as f64;
            }
        }
        Below { calls, recursive }
    }

    /// The typical time of a call in the function itself: without that of what it called. The mean is known
    /// exactly; of a recursion the same part is taken as of the mean, since typical times do not add up.
    fn taken_out(
        &self,
        report: &Report,
        inclusive: &[[Typical; WAYS]],
        index: usize,
        way: usize,
    ) -> Typical {
        let (function, typical) = (&report.functions[index], inclusive[index][way]);
        if way == WAYS - 1 || self.recursive[index] {
            let sum = function.rate.nanos(function.statistics.sum);
            let sum = if function.is_async() { sum * busy_part(function) } else { sum };
            let part = if sum > 0.0 { function.self_nanos() / sum } else { 0.0 };
            return Typical { time: typical.time.times(part), blur: typical.blur, part };
        }
        let count = function.call_count.max(1) as f64;
        let (mut own, mut blur) = (typical.time.value, typical.time.value * typical.blur);
        for (&called, calls) in &self.calls[index] {
            let below = inclusive[called as usize][way];
            own -= below.time.value * calls / count;
            blur += below.time.value * below.blur * calls / count;
        }
        let part = if typical.time.value > 0.0 { own / typical.time.value } else { 0.0 };
        if own <= 0.0 {
            return Typical { time: Within::default(), blur: 0.0, part: 0.0 };
        }
        Typical { time: typical.time.times(part), blur: blur / own, part }
    }
}

/// The part of the polls in the calls of an async function, one of every other.
fn busy_part(function: &FunctionStats) -> f64 {
    let (busy, total) = (function.statistics.busy.0, function.statistics.total.0);
    if function.is_async() && total > 0 { busy as f64 / total as f64 } else { 1.0 }
}

/// The typical time of a call with all that it called, in nanoseconds.
fn inclusive(function: &FunctionStats) -> [Typical; WAYS] {
    let statistics = &function.statistics;
    let count = (statistics.count as f64).max(1.0);
    let factor = function.rate.nanos_per_tick() * busy_part(function);
    let z = -normal_quantile(ERROR / 2.0);
    std::array::from_fn(|way| {
        let (value, width, blur) = if way == WAYS - 1 {
            (statistics.mean(), statistics.deviation(), 0.0)
        } else {
            let middle = Middle::of(&statistics.histogram, TYPICAL[way]);
            (middle.mean, middle.width, middle.blur)
        };
        let time = Within::around(value, z * width / count.sqrt()).times(factor);
        Typical { time, blur, part: 1.0 }
    })
}

impl Figures {
    fn of(function: &FunctionStats, typical: [Typical; WAYS]) -> Figures {
        let (statistics, rate) = (&function.statistics, function.rate);
        let count = statistics.count as f64;
        let nanos = rate.nanos_per_tick();
        let z = -normal_quantile(ERROR / 2.0);
        // The sum of the calls varies as that of independent ones would, at least.
        let relative = match statistics.mean() {
            0.0 => 0.0,
            mean => z * statistics.deviation() / count.sqrt() / mean,
        };
        let sum = |value: f64| Within::around(value, value * relative);
        Figures {
            count,
            total: sum(function.total_nanos()),
            own: sum(function.self_nanos()),
            busy: rate.nanos(statistics.busy),
            median: quantile(statistics, 0.5, z).times(nanos),
            p95: quantile(statistics, 0.95, z).times(nanos),
            typical,
            share: 0.0,
        }
    }
}

/// A quantile between two order statistics: as many calls lie below it as the binomial distribution
/// allows, in its normal form. Half a bucket more for where in their buckets the calls lie.
fn quantile(statistics: &Statistics, fraction: f64, z: f64) -> Within {
    let count = statistics.count as f64;
    let off = z * (fraction * (1.0 - fraction) / count.max(1.0)).sqrt() + 0.5 / count.max(1.0);
    let at = |fraction: f64| statistics.histogram.quantile(fraction);
    Within {
        value: at(fraction),
        low: at(fraction - off) * (1.0 - HALF_BUCKET),
        high: at(fraction + off) * (1.0 + HALF_BUCKET),
    }
}

/// The calls between two quantiles, in ticks.
struct Middle {
    mean: f64,
    width: f64,
    blur: f64,
}

impl Middle {
    fn of(histogram: &Histogram, (from, to): (f64, f64)) -> Middle {
        let count = histogram.count() as f64;
        let width = histogram.quantile(to) - histogram.quantile(from);
        let (from, to) = (from * count, to * count);
        let (mut seen, mut sum, mut blur) = (0.0, 0.0, 0.0);
        for &(bucket, number) in histogram.buckets() {
            let end = seen + number as f64;
            let inside = (end.min(to) - seen.max(from)).max(0.0);
            if inside > 0.0 {
                let (low, high) = bucket_bounds(bucket as usize);
                let weight = inside / (to - from);
                sum += weight * (low as f64 + (high - low) as f64 / 2.0);
                // Where calls fill several buckets, those at their edges even each other out.
                blur += weight * weight * (high - low) as f64 / 2.0;
            }
            seen = end;
        }
        Middle { mean: sum, width, blur: if sum > 0.0 { blur / sum } else { 0.0 } }
    }
}

#[cfg(test)]
mod tests {
    use perprovis_core::units::Ticks;

    use super::*;

    fn middle(values: impl IntoIterator<Item = u64>) -> Middle {
        let mut histogram = Histogram::default();
        values.into_iter().for_each(|value| histogram.record(Ticks(value)));
        Middle::of(&histogram, TYPICAL[0])
    }

    #[test]
    fn the_middle_half_counts_and_nothing_else() {
        assert_eq!(middle([1, 10, 12, 120]).mean, 11.0);
        assert_eq!(middle([7]).mean, 7.0);
        assert_eq!(middle([1, 2, 3, 4, 5, 6]).mean, 3.5);
        assert_eq!(middle([]).mean, 0.0);
        let quiet = middle(100..200).mean;
        let noisy = middle((100..180).chain((180..200).map(|value| value * 1_000))).mean;
        assert!((quiet / noisy - 1.0).abs() < 1e-9);
    }

    #[test]
    fn one_bucket_hides_more_than_many() {
        assert_eq!(middle([50; 9]).blur, 0.0, "such buckets hold one value");
        assert!((middle([10_000; 9]).blur - HALF_BUCKET).abs() < 0.004);
        assert!(middle((0..1_000).map(|value| 10_000 + 10 * value)).blur < HALF_BUCKET / 10.0);
    }
}
