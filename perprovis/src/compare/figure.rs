//! What is kept of a run: some numbers a function.

use std::collections::HashMap;

use perprovis_core::histogram::{Histogram, bucket_bounds};
use perprovis_core::statistics::Statistics;

use crate::report::{FunctionStats, Report};

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
        let whole: f64 = report.functions.iter().map(FunctionStats::self_nanos).sum();
        let called = report.functions.iter().filter(|function| function.call_count > 0);
        let figures =
            |function: &FunctionStats| (function.name.clone(), Figures::of(function, whole));
        Run { functions: called.map(figures).collect() }
    }
}

impl Figures {
    fn of(function: &FunctionStats, whole: f64) -> Figures {
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
        let own_part = match rate.nanos(statistics.sum) {
            0.0 => 0.0,
            sum => function.self_nanos() / sum,
        };
        let typical = |way: usize| {
            if way == WAYS - 1 {
                let mean = Within::around(statistics.mean(), statistics.mean() * relative);
                return Typical { time: mean.times(nanos * own_part), blur: 0.0 };
            }
            let middle = Middle::of(&statistics.histogram, TYPICAL[way]);
            let time = Within::around(middle.mean, z * middle.width / count.sqrt());
            Typical { time: time.times(nanos * own_part), blur: middle.blur }
        };
        Figures {
            count,
            total: sum(function.total_nanos()),
            own: sum(function.self_nanos()),
            busy: rate.nanos(statistics.busy),
            median: quantile(statistics, 0.5, z).times(nanos),
            p95: quantile(statistics, 0.95, z).times(nanos),
            typical: std::array::from_fn(typical),
            share: if whole > 0.0 { function.self_nanos() / whole } else { 0.0 },
        }
    }
}

/// A quantile between two order statistics: as many calls lie below it as the binomial distribution
/// allows, in its normal form. Half a bucket more for where in their buckets the calls lie.
fn quantile(statistics: &Statistics, fraction: f64, z: f64) -> Within {
    let count = statistics.count as f64;
    let off = z * (fraction * (1.0 - fraction) / count).sqrt() + 0.5 / count;
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
