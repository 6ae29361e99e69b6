//! All functions in a few numbers.

use std::time::Duration;

use perprovis_core::statistics::Statistics;
use perprovis_core::units::nanos_to_duration;

use super::Report;
use super::function::percentile_ticks;

/// All functions in a few numbers, over every call and not only those in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Functions met, those without a completed call included.
    pub total_functions: usize,
    /// Completed calls.
    pub total_calls: u64,
    /// Time in profiled code: that of the outermost calls, added up over all threads, with those
    /// still open so far.
    ///
    /// The Python ancestor added up every call, so that a call nested in another counted twice
    /// and the sum exceeded the run time. Here one thread's part never exceeds the run time.
    pub total_time: Duration,
    /// The mean duration of a call, nested ones included.
    pub avg_call_time: Duration,
    /// The median duration of a call, at most 1 % off.
    pub median_call_time: Duration,
    /// The duration that 95 % of the calls do not exceed, at most 1 % off.
    pub p95_call_time: Duration,
}

impl Report {
    /// All functions in a few numbers.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let rate = self.clock.rate;
        let all = self.merged_statistics();
        let nanos = |ticks: f64| nanos_to_duration(ticks * rate.nanos_per_tick());
        Summary {
            total_functions: self.functions.len(),
            total_calls: all.count,
            total_time: rate.duration(self.tree.whole()),
            avg_call_time: nanos(all.mean()),
            median_call_time: nanos(percentile_ticks(&all, 50.0)),
            p95_call_time: nanos(percentile_ticks(&all, 95.0)),
        }
    }

    /// The statistics of every call of every function.
    fn merged_statistics(&self) -> Statistics {
        // One histogram out of all buckets at once: merging one by one would copy the growing
        // result for each function.
        let buckets = self
            .functions
            .iter()
            .flat_map(|function| function.statistics.histogram.buckets().iter().copied());
        let histogram = perprovis_core::histogram::Histogram::from_buckets(buckets);
        let mut all = Statistics::default();
        for function in &self.functions {
            let without = Statistics { histogram: Default::default(), ..function.statistics };
            all.merge(&without);
        }
        Statistics { histogram, ..all }
    }
}
