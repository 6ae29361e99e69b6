//! The functions that take the most time.

use std::cmp::{Ordering, Reverse};
use std::time::Duration;

use perprovis_core::units::Ticks;

use super::{FunctionCall, FunctionStats, Report, ThreadId};

/// A function by the time it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hotspot {
    /// The full name.
    pub name: String,
    /// Time of the calls, callees included.
    pub total_time: Duration,
    /// Time in the function itself, without its profiled callees.
    pub self_time: Duration,
    /// Completed calls.
    pub call_count: u64,
}

/// What functions are sorted by, always the largest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SortBy {
    /// Time with callees.
    #[default]
    TotalTime,
    /// Time without profiled callees.
    SelfTime,
    /// Completed calls.
    CallCount,
    /// Mean duration of a call.
    AvgTime,
    /// The longest call.
    MaxTime,
}

impl SortBy {
    /// Orders the larger before the smaller, equal ones by name.
    pub(crate) fn compare(self, left: &FunctionStats, right: &FunctionStats) -> Ordering {
        let by_number = match self {
            SortBy::TotalTime => right.statistics.total.cmp(&left.statistics.total),
            SortBy::SelfTime => right.statistics.self_time.cmp(&left.statistics.self_time),
            SortBy::CallCount => right.call_count.cmp(&left.call_count),
            SortBy::AvgTime => right.statistics.mean().total_cmp(&left.statistics.mean()),
            SortBy::MaxTime => right.statistics.max.cmp(&left.statistics.max),
        };
        by_number.then_with(|| left.name.cmp(&right.name))
    }
}

impl Report {
    /// The functions with the largest total time, at most `limit`, the largest first.
    #[must_use]
    pub fn hotspots(&self, limit: usize) -> Vec<Hotspot> {
        self.hotspots_by(SortBy::TotalTime, limit)
    }

    /// The functions that `sort` puts first, at most `limit`. Equal ones are sorted by name.
    #[must_use]
    pub fn hotspots_by(&self, sort: SortBy, limit: usize) -> Vec<Hotspot> {
        let mut sorted: Vec<&FunctionStats> = self.functions.iter().collect();
        sorted.sort_by(|left, right| sort.compare(left, right));
        let hotspot = |function: &FunctionStats| Hotspot {
            name: function.name.clone(),
            total_time: function.total_time,
            self_time: function.self_time,
            call_count: function.call_count,
        };
        sorted.into_iter().take(limit).map(hotspot).collect()
    }

    /// The slowest calls of all, at most `limit`, the slowest first, equal ones by start.
    ///
    /// Merged from the slowest calls kept for each function, so exact whatever the log dropped;
    /// past the number kept per function the log adds what it still holds.
    #[must_use]
    pub fn slowest_calls(&self, limit: usize) -> Vec<FunctionCall> {
        let mut calls: Vec<(&FunctionCall, Source)> = Vec::new();
        let mut exact = usize::MAX; // the lists alone are exact up to here
        for function in &self.functions {
            let list = &function.slowest;
            if (list.len() as u64) < function.call_count {
                exact = exact.min(list.len());
            }
            calls.extend(list.iter().take(limit).map(|call| (call, Source::List)));
        }
        if limit > exact {
            calls.extend(self.calls().iter().map(|call| (call, Source::Log)));
        }
        calls.sort_unstable_by_key(|&(call, source)| (place(call), source));
        let mut slowest = Vec::with_capacity(limit.min(calls.len()));
        for same in calls.chunk_by(|left, right| place(left.0) == place(right.0)) {
            // A call can stand in both sources: the one that holds more of them holds them all.
            let listed = same.partition_point(|&(_, source)| source == Source::List);
            let fuller = listed.max(same.len() - listed);
            slowest.extend(same.iter().take(fuller).map(|&(call, _)| call.clone()));
            if slowest.len() >= limit {
                slowest.truncate(limit);
                break;
            }
        }
        slowest
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    List,
    Log,
}

/// Where a call stands among the slowest.
pub(super) fn place(call: &FunctionCall) -> (Reverse<Ticks>, Ticks, ThreadId, u32, Option<u32>) {
    (Reverse(call.duration_ticks), call.start_ticks, call.thread_id, call.function, call.path)
}
