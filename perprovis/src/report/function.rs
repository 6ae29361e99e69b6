//! Statistics of one function.

use std::sync::Arc;
use std::time::Duration;

use perprovis_core::statistics::Statistics;
use perprovis_core::units::{TickRate, Ticks, nanos_to_duration};

use super::FunctionCall;

/// Everything counted about one function, over all threads. Calls still open are in none of it.
///
/// A [`Duration`] counts whole nanoseconds; the `*_nanos` methods give what lies below.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FunctionStats {
    /// The full name.
    pub name: String,
    /// Completed calls, those that unwound included.
    pub call_count: u64,
    /// Time of the calls, callees included. A recursive call inside itself does not count twice: its
    /// time comes with the outermost call, once that completes. So while a recursion is under way,
    /// `self_time` can be larger.
    pub total_time: Duration,
    /// Time in the function itself, without its profiled callees; for an async function without
    /// the time between polls.
    pub self_time: Duration,
    /// The shortest call; zero if there was none.
    pub min_time: Duration,
    /// The longest call.
    pub max_time: Duration,
    /// Calls that unwound.
    pub panicked: u64,
    /// Time inside polls; zero unless async. Recursion counts as in `total_time`, so that
    /// `busy_time + idle_time` is `total_time`.
    pub busy_time: Duration,
    /// Time between the first poll and completion outside of polls; zero unless async.
    pub idle_time: Duration,
    /// Polls; zero unless async.
    pub polls: u64,
    /// Calls dropped before they completed; zero unless async.
    pub cancelled: u64,
    pub(crate) statistics: Statistics,
    pub(crate) rate: TickRate,
    pub(crate) tree_time: Ticks, // outermost inclusive time in the tree, open scopes included
    pub(crate) tree_self_time: Ticks,
    pub(crate) open: u64,  // scopes open now
    pub(crate) share: f64, // in 0..=1
    pub(crate) logged: Arc<[Ticks]>,
    pub(crate) unread: u64, // calls that are logged only in the file this was read from
    pub(crate) slowest: Arc<[FunctionCall]>, // the slowest first
    pub(crate) short: Box<str>, // the shortest form of the name that is its own
}

impl FunctionStats {
    pub(crate) fn new(name: &str, statistics: Statistics, rate: TickRate) -> FunctionStats {
        FunctionStats {
            name: name.to_owned(),
            call_count: statistics.count,
            total_time: rate.duration(statistics.total),
            self_time: rate.duration(statistics.self_time),
            min_time: rate.duration(statistics.min),
            max_time: rate.duration(statistics.max),
            panicked: statistics.panicked,
            busy_time: rate.duration(statistics.busy),
            idle_time: rate.duration(statistics.idle),
            polls: statistics.polls,
            cancelled: statistics.cancelled,
            statistics,
            rate,
            tree_time: Ticks::ZERO,
            tree_self_time: Ticks::ZERO,
            open: 0,
            share: 0.0,
            logged: Arc::default(),
            unread: 0,
            slowest: Arc::default(),
            short: name.into(),
        }
    }

    /// The mean duration of a call, recursive ones included; zero without calls.
    #[must_use]
    pub fn avg_time(&self) -> Duration {
        nanos_to_duration(self.avg_nanos())
    }

    /// The duration that half of the calls do not exceed: `percentile(50.0)`.
    #[must_use]
    pub fn median_time(&self) -> Duration {
        self.percentile(50.0)
    }

    /// The duration that `p` percent of the calls do not exceed (nearest rank), at most 1 % off;
    /// `percentile(0.0)` is exactly `min_time`, `percentile(100.0)` exactly `max_time`, and the
    /// rest never leaves them nor falls as `p` grows. Zero without calls.
    ///
    /// # Panics
    ///
    /// If `p` is not in 0..=100.
    #[must_use]
    #[track_caller]
    pub fn percentile(&self, p: f64) -> Duration {
        nanos_to_duration(self.percentile_nanos(p)).clamp(self.min_time, self.max_time)
    }

    /// The population standard deviation of the durations, exact; zero without calls.
    #[must_use]
    pub fn std_dev(&self) -> Duration {
        nanos_to_duration(self.std_dev_nanos())
    }

    /// The durations of the calls still in the log, oldest first.
    #[must_use]
    pub fn durations(&self) -> Vec<Duration> {
        self.logged.iter().map(|&ticks| self.rate.duration(ticks)).collect()
    }

    /// How many calls are in the log, here or in the file that this was read from.
    pub(crate) fn logged_calls(&self) -> u64 {
        self.unread.saturating_add(self.logged.len() as u64)
    }

    /// The slowest calls, the slowest first, equal ones by start: as many as
    /// [`slowest_per_function`](crate::ProfilerBuilder::slowest_per_function) keeps, exact whatever
    /// the log dropped.
    #[must_use]
    pub fn slowest_calls(&self) -> &[FunctionCall] {
        &self.slowest
    }

    /// The share of the time in profiled code (all threads, open scopes included) that was spent
    /// in this function and its callees, in 0..=1. An async function weighs its busy time.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.share
    }

    /// [`avg_time`](Self::avg_time) in nanoseconds.
    #[must_use]
    pub fn avg_nanos(&self) -> f64 {
        self.statistics.mean() * self.rate.nanos_per_tick()
    }

    /// `self_time` in nanoseconds.
    #[must_use]
    pub fn self_nanos(&self) -> f64 {
        self.rate.nanos(self.statistics.self_time)
    }

    /// `total_time` in nanoseconds.
    #[must_use]
    pub fn total_nanos(&self) -> f64 {
        self.rate.nanos(self.statistics.total)
    }

    /// `min_time` in nanoseconds.
    #[must_use]
    pub fn min_nanos(&self) -> f64 {
        self.rate.nanos(self.statistics.min)
    }

    /// `max_time` in nanoseconds.
    #[must_use]
    pub fn max_nanos(&self) -> f64 {
        self.rate.nanos(self.statistics.max)
    }

    /// [`percentile`](Self::percentile) in nanoseconds.
    ///
    /// # Panics
    ///
    /// If `p` is not in 0..=100.
    #[must_use]
    #[track_caller]
    pub fn percentile_nanos(&self, p: f64) -> f64 {
        percentile_ticks(&self.statistics, p) * self.rate.nanos_per_tick()
    }

    /// [`std_dev`](Self::std_dev) in nanoseconds.
    #[must_use]
    pub fn std_dev_nanos(&self) -> f64 {
        self.statistics.deviation() * self.rate.nanos_per_tick()
    }

    pub(crate) fn is_async(&self) -> bool {
        self.polls > 0 || self.cancelled > 0
    }
}

/// The percentile of all durations in ticks; see [`FunctionStats::percentile`].
#[track_caller]
pub(crate) fn percentile_ticks(statistics: &Statistics, p: f64) -> f64 {
    assert!((0.0..=100.0).contains(&p), "a percentile is in 0..=100, not {p}");
    let (min, max) = (statistics.min.0 as f64, statistics.max.0 as f64);
    match p {
        0.0 => min,
        100.0 => max,
        // Not `clamp`, which panics on a minimum above the maximum.
        _ => statistics.histogram.quantile(p / 100.0).max(min).min(max),
    }
}
