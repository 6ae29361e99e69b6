//! One thread's statistics of one function: one writer that never waits, readers that always get
//! numbers which agree with each other.
//!
//! A [`Half`] can only be read while its writer is outside. Reading takes longer than the time between
//! two calls of a busy function, so a reader of a busy one would try for ever. Therefore there can
//! be two halves:
//!
//! 1. The reader reads the second half, which is not in use.
//! 2. It tells the writer to use that one from the next call on.
//! 3. The first half is quiet after at most one more call, and is read.
//! 4. It tells the writer to use the first half again, which is the faster one.
//!
//! Every call is in exactly one half and halves only grow, so the sum of the two readings is a set
//! of whole calls. The second half is made when it is first needed.

use std::fmt::{self, Debug};

use crate::half::{Completed, Half, ShardCopy, Usual};
use crate::reclaim::Reclaimer;
use crate::sync::{AtomicU64, OnceBox, Ordering};

/// Attempts on a half in use before its writer is asked to use the other.
const ATTEMPTS: usize = if cfg!(loom) { 1 } else { 4 };

/// One thread's statistics of one function.
#[repr(C)]
pub(crate) struct Shard {
    first: Half,
    second_in_use: AtomicU64, // 0 or 1
    second: OnceBox<Half>,
}

impl Shard {
    pub(crate) fn new() -> Shard {
        Shard { first: Half::new(), second: OnceBox::new(), second_in_use: AtomicU64::new(0) }
    }

    /// The half that the writer uses.
    #[inline(always)]
    fn active(&self) -> &Half {
        // Acquire: pairs with the release in `read`; the second half is seen whole.
        if self.second_in_use.load(Ordering::Acquire) == 0 {
            &self.first
        } else {
            self.second.get().unwrap_or(&self.first)
        }
    }

    /// Whether a call can be added by [`Usual::add`], and where: as good as always.
    #[inline(always)]
    pub(crate) fn usual(&self, duration: u64) -> Option<Usual<'_>> {
        if self.second_in_use.load(Ordering::Relaxed) != 0 {
            return None;
        }
        self.first.usual(duration)
    }

    /// Adds a completed call. Owner thread only.
    pub(crate) fn record(&self, call: Completed, slowest_kept: usize, reclaimer: &Reclaimer) {
        self.active().record(call, slowest_kept, reclaimer);
    }

    /// Adds a call that was dropped before completion. Owner thread only.
    pub(crate) fn record_cancelled(&self) {
        self.active().record_cancelled();
    }

    /// Adds self time of a call that is counted later. Owner thread only.
    pub(crate) fn record_self_time(&self, self_time: u64) {
        self.active().record_self_time(self_time);
    }

    /// Everything recorded so far. One reader at a time; the writer is never held up.
    pub(crate) fn read(&self) -> ShardCopy {
        let second = self.second.get().map(Half::read_quiet);
        let undisturbed = (0..ATTEMPTS).find_map(|_| self.first.try_read());
        let first = undisturbed.unwrap_or_else(|| {
            let _ = self.second.get_or_init(Half::new);
            self.second_in_use.store(1, Ordering::Release); // pairs with `active`
            let first = self.first.read_quiet();
            self.second_in_use.store(0, Ordering::Release);
            first
        });
        match second {
            Some(mut copy) => {
                copy.merge(first);
                copy
            }
            None => first,
        }
    }
}

impl Debug for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shard").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::ptr;

    use super::*;
    use crate::entry::Record;
    use crate::entry::Tag;
    use crate::half::Polled;
    use crate::histogram::Histogram;
    use crate::statistics::Statistics;
    use crate::units::Ticks;
    use proptest::prelude::*;

    const NODE: *const crate::tree::Node = ptr::without_provenance(64); // never followed

    fn call(start: u64, duration: u64) -> Completed {
        let record = Record { start, duration, node: NODE, tag: Tag::NONE };
        Completed { record, self_time: duration / 2, recursive: 0, polled: None }
    }

    /// As a scope that ends: the usual way if it goes.
    fn count(shard: &Shard, completed: Completed, kept: usize) {
        match shard.usual(completed.record.duration) {
            Some(usual) => {
                usual.add(completed.record.duration, completed.self_time, completed.recursive);
            }
            None => shard.record(completed, kept, &Reclaimer::new()),
        }
    }

    fn ask_for_second_half(shard: &Shard) {
        let _ = shard.second.get_or_init(Half::new);
        shard.second_in_use.store(1, Ordering::Release);
    }

    #[test]
    fn nothing_recorded_reads_as_nothing() {
        let copy = Shard::new().read();
        assert_eq!(copy.statistics, Statistics::default());
        assert!(copy.slowest.is_empty());
    }

    #[test]
    fn a_duration_between_the_extremes_is_usual() {
        let shard = Shard::new();
        let usual = |duration| shard.usual(duration).is_some();
        assert!(!usual(5));
        for duration in [5, 20] {
            count(&shard, call(1, duration), 1);
        }
        // The slowest is kept, so what is as slow as it belongs there no more.
        assert_eq!([4, 5, 20, 21].map(usual), [false, true, true, false]);
    }

    #[test]
    fn every_call_is_unusual_until_the_list_of_slowest_is_full() {
        let shard = Shard::new();
        for (at, duration) in [10, 10, 10].into_iter().enumerate() {
            assert!(shard.usual(10).is_none(), "call {at}");
            count(&shard, call(1, duration), 3);
        }
        assert!(shard.usual(10).is_some());
        assert_eq!(shard.read().slowest.len(), 3);
    }

    #[test]
    fn a_duration_of_two_to_the_32_is_never_usual() {
        let shard = Shard::new();
        for duration in [1, 1 << 32, 1 << 40] {
            count(&shard, call(1, duration), 0);
        }
        assert!(shard.usual((1 << 32) - 1).is_none(), "no counters of its octave yet");
        count(&shard, call(1, (1 << 32) - 1), 0);
        assert!(shard.usual((1 << 32) - 1).is_some());
        assert!(shard.usual(1 << 32).is_none());
    }

    #[test]
    fn squares_carry_into_the_high_half_both_ways() {
        let shard = Shard::new();
        let long = (1u64 << 32) - 1;
        for duration in [long, long, 1, u64::MAX >> 1] {
            count(&shard, call(1, duration), 0);
        }
        assert!(shard.usual(long).is_some());
        (0..5).for_each(|_| count(&shard, call(1, long), 0));
        let square = |ticks: u64| u128::from(ticks) * u128::from(ticks);
        assert_eq!(shard.read().statistics.squares, 7 * square(long) + 1 + square(u64::MAX >> 1));
    }

    #[test]
    fn what_is_special_about_calls_is_counted() {
        let shard = Shard::new();
        let reclaimer = Reclaimer::new();
        let mut panicked = call(1, 10);
        panicked.record.tag = Tag::NONE.of_panicked();
        shard.record(panicked, 0, &reclaimer);
        shard.record(Completed { recursive: u64::MAX, ..call(2, 7) }, 0, &reclaimer);
        let polled = Some(Polled { count: 3, busy: 4 });
        shard.record(Completed { polled, ..call(3, 9) }, 0, &reclaimer);
        shard.record_cancelled();
        shard.record_self_time(100);
        let read = shard.read().statistics;
        assert_eq!((read.count, read.panicked, read.cancelled, read.polls), (3, 1, 1, 3));
        assert_eq!((read.sum, read.total), (Ticks(26), Ticks(19)));
        assert_eq!((read.busy, read.idle), (Ticks(4), Ticks(5)));
        assert_eq!(read.self_time, Ticks(5 + 3 + 4 + 100));
    }

    #[test]
    fn both_halves_count() {
        let shard = Shard::new();
        count(&shard, call(1, 10), 1);
        ask_for_second_half(&shard);
        assert!(shard.usual(10).is_none());
        count(&shard, call(2, 30), 1);
        count(&shard, call(3, 20), 1);
        shard.second_in_use.store(0, Ordering::Release);
        count(&shard, call(4, 5), 1);
        let copy = shard.read();
        assert_eq!((copy.statistics.count, copy.statistics.sum), (4, Ticks(65)));
        assert_eq!((copy.statistics.min, copy.statistics.max), (Ticks(5), Ticks(30)));
        let slowest: Vec<u64> = copy.slowest.iter().map(|record| record.duration).collect();
        assert_eq!(slowest, [30, 10], "the slowest of each half");
    }

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn a_busy_writer_does_not_hold_up_a_reader_and_stays_on_the_usual_path() {
        let shard = Shard::new();
        std::thread::scope(|scope| {
            let writer =
                scope.spawn(|| (0..300_000).for_each(|n| count(&shard, call(n, 5 + n % 7), 2)));
            let mut before = 0;
            while !writer.is_finished() {
                let read = shard.read().statistics;
                assert!(read.count >= before);
                assert_eq!(read.histogram.count(), read.count);
                before = read.count;
            }
        });
        assert_eq!(shard.read().statistics.count, 300_000);
        assert!(shard.usual(8).is_some());
    }

    proptest! {
        #[test]
        #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
        fn all_of_any_calls_is_exact(
            durations in prop::collection::vec(prop_oneof![0u64..50, 0u64..1 << 34], 0..200),
            kept in 0usize..10,
            flips in prop::collection::vec(any::<bool>(), 200),
        ) {
            let shard = Shard::new();
            let _ = shard.second.get_or_init(Half::new);
            for (&duration, flip) in durations.iter().zip(flips) {
                shard.second_in_use.store(u64::from(flip), Ordering::Release);
                count(&shard, call(1, duration), kept);
            }
            let copy = shard.read();
            let read = copy.statistics;
            let mut histogram = Histogram::default();
            durations.iter().for_each(|&duration| histogram.record(Ticks(duration)));
            prop_assert_eq!(read.count, durations.len() as u64);
            prop_assert_eq!(read.sum, durations.iter().copied().map(Ticks).sum());
            prop_assert_eq!(read.self_time, durations.iter().map(|&ticks| Ticks(ticks / 2)).sum());
            prop_assert_eq!(read.min.0, durations.iter().copied().min().unwrap_or(0));
            prop_assert_eq!(read.max.0, durations.iter().copied().max().unwrap_or(0));
            let square = |&ticks: &u64| u128::from(ticks) * u128::from(ticks);
            prop_assert_eq!(read.squares, durations.iter().map(square).sum::<u128>());
            prop_assert_eq!(read.histogram, histogram);
            let descending = |mut durations: Vec<u64>| {
                durations.sort_unstable_by(|left, right| right.cmp(left));
                durations.truncate(kept);
                durations
            };
            let slowest = copy.slowest.iter().map(|record| record.duration).collect();
            prop_assert_eq!(descending(slowest), descending(durations));
        }
    }
}
