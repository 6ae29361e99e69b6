//! Sums, extremes and distribution of one function's calls on one thread, guarded by a sequence
//! counter that is odd while its writer is inside (H. Boehm, *Can seqlocks get along with programming
//! language memory models?*, 2012).

#![expect(unsafe_code, reason = "counters behind pointers; metadata shared with the log")]

use std::ops::Range;
use std::ptr;

use crate::entry::{Entry, Record};
use crate::histogram::{Histogram, OCTAVE_LEN, SHIFTS, place_of};
use crate::reclaim::Reclaimer;
use crate::slot;
use crate::statistics::Statistics;
use crate::sync::{AtomicPtr, AtomicU64, OnceBox, Ordering, bump, fence, own, own_pointer};
use crate::units::Ticks;

/// Counts the first settling of every half, when no duration waits. Nobody reads it.
#[cfg(not(loom))]
static NOWHERE: AtomicU64 = AtomicU64::new(0);

/// Slowest calls are allotted by this many.
const SLOWEST_CHUNK: usize = if cfg!(loom) { 1 } else { 4 };
/// Octaves of durations: all. A model has short calls.
const OCTAVES: usize = if cfg!(loom) { 2 } else { SHIFTS };

/// What a completed call adds to its function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Completed {
    pub(crate) record: Record,
    pub(crate) self_time: u64,
    /// All bits set if the function was already on the stack, else zero.
    pub(crate) recursive: u64,
    /// The polls of an async call.
    pub(crate) polled: Option<Polled>,
}

/// The polls of an async call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Polled {
    pub(crate) count: u64,
    pub(crate) busy: u64,
}

/// Sums, extremes and distribution, guarded by a sequence counter.
#[repr(C, align(64))] // the order below: what every call touches first
pub(crate) struct Half {
    sequence: AtomicU64, // odd while the writer is inside
    sum: AtomicU64,
    self_time: AtomicU64,
    squares_low: AtomicU64,
    squares_high: AtomicU64,
    /// Durations from here on for `usual_span` are neither the shortest nor among the slowest,
    /// and below 2^32.
    usual_from: AtomicU64,
    usual_span: AtomicU64,
    /// The bucket of the latest call, incremented at the next one: a store to an address that
    /// depends on the time just read would make everything after it wait for the clock. It is
    /// a counter of one of the `octaves`, before the first call [`NOWHERE`].
    pending: AtomicPtr<AtomicU64>,

    recursive_sum: AtomicU64, // the part of `sum` that was inside another call of the function
    min: AtomicU64,           // u64::MAX before the first call
    max: AtomicU64,
    slow_count: AtomicU64, // in `slowest`
    slowest: OnceBox<SlowChunk>,
    octaves: [AtomicPtr<AtomicU64>; OCTAVES], // by shift; null, or see `octave_places`
    panicked: AtomicU64,
    cancelled: AtomicU64,
    polls: AtomicU64,
    busy: AtomicU64,
    idle: AtomicU64,
}

struct SlowChunk {
    entries: [Entry; SLOWEST_CHUNK],
    next: OnceBox<SlowChunk>,
}

/// What a reader gets.
#[derive(Debug, Default)]
pub(crate) struct ShardCopy {
    pub(crate) statistics: Statistics,
    pub(crate) slowest: Vec<Record>, // tags are borrowed from the entries, see `Tag::duplicate`
}

/// Where a call goes for which nothing is to be made, found out or replaced.
#[derive(Clone, Copy)]
pub(crate) struct Usual<'a> {
    half: &'a Half,
    bucket: *mut AtomicU64,
}

impl Half {
    pub(crate) fn new() -> Half {
        let zero = || AtomicU64::new(0);
        let null = || AtomicPtr::new(ptr::null_mut());
        Half {
            sequence: zero(),
            sum: zero(),
            self_time: zero(),
            squares_low: zero(),
            squares_high: zero(),
            usual_from: zero(),
            usual_span: zero(),
            pending: AtomicPtr::new(nowhere()),
            recursive_sum: zero(),
            min: AtomicU64::new(u64::MAX),
            max: zero(),
            slow_count: zero(),
            slowest: OnceBox::new(),
            octaves: std::array::from_fn(|_| null()),
            panicked: zero(),
            cancelled: zero(),
            polls: zero(),
            busy: zero(),
            idle: zero(),
        }
    }

    /// Lets the writer in: it may store to every field, relaxed, until [`Half::end_write`].
    #[inline(always)]
    pub(crate) fn begin_write(&self) -> u64 {
        let sequence = own(&self.sequence);
        self.sequence.store(sequence.wrapping_add(1), Ordering::Relaxed);
        // Pairs with the fence in `try_read`: who sees a later store, sees the odd number too.
        fence(Ordering::Release);
        sequence
    }

    #[inline(always)]
    pub(crate) fn end_write(&self, sequence: u64) {
        // Release: who sees the even number, sees all stores since the odd one.
        self.sequence.store(sequence.wrapping_add(2), Ordering::Release);
    }

    /// The counter of a duration, `None` if those of its octave are not there yet.
    #[inline(always)]
    fn bucket(&self, duration: u64) -> Option<*mut AtomicU64> {
        let (shift, top) = place_of(duration);
        let octave = own_pointer(&self.octaves[shift]);
        (!octave.is_null()).then(|| octave.wrapping_add(top))
    }

    /// The counter of a duration, made if need be.
    #[cold]
    fn bucket_or_new(&self, duration: u64) -> *mut AtomicU64 {
        self.bucket(duration).unwrap_or_else(|| {
            let (shift, top) = place_of(duration);
            let counters: Box<[AtomicU64]> =
                slot::exclusive(|| octave_places(shift).map(|_| AtomicU64::new(0)).collect());
            let first = Box::into_raw(counters).cast::<AtomicU64>();
            let octave = first.wrapping_sub(octave_places(shift).start);
            // Release: pairs with the acquire in `octaves`.
            self.octaves[shift].store(octave, Ordering::Release);
            octave.wrapping_add(top)
        })
    }

    /// The counters of an octave, if they are there.
    fn octave(&self, shift: usize) -> Option<*mut [AtomicU64]> {
        let octave = self.octaves[shift].load(Ordering::Acquire); // pairs with `bucket_or_new`
        let Range { start, end } = octave_places(shift);
        let counters = ptr::slice_from_raw_parts_mut(octave.wrapping_add(start), end - start);
        (!octave.is_null()).then_some(counters)
    }

    /// Increments the bucket that waits and lets another wait.
    #[inline(always)]
    fn settle(&self, next: *mut AtomicU64) {
        let pending = own_pointer(&self.pending);
        // SAFETY: a static, or a counter of an octave, which lives as long as the half.
        bump(unsafe { &*pending }, 1);
        self.pending.store(next, Ordering::Relaxed);
    }

    /// What every completed call adds.
    #[inline(always)]
    fn add(&self, duration: u64, self_time: u64, recursive: u64, bucket: *mut AtomicU64) {
        self.settle(bucket);
        bump(&self.sum, duration);
        bump(&self.self_time, self_time);
        if recursive != 0 {
            bump(&self.recursive_sum, duration);
        }
    }

    /// The square of any duration.
    fn add_square(&self, duration: u64) {
        let square = u128::from(duration) * u128::from(duration);
        let low = own(&self.squares_low);
        let (low, carry) = low.overflowing_add(square as u64);
        self.squares_low.store(low, Ordering::Relaxed);
        bump(&self.squares_high, ((square >> 64) as u64).wrapping_add(u64::from(carry)));
    }

    /// The square of a usual duration, which is below 2^32.
    #[inline(always)]
    fn add_small_square(&self, duration: u64) {
        let low = own(&self.squares_low);
        let (low, carry) = low.overflowing_add(duration.wrapping_mul(duration));
        self.squares_low.store(low, Ordering::Relaxed);
        if carry {
            bump(&self.squares_high, 1);
        }
    }

    /// Whether a call can be added by [`Usual::add`], and where.
    #[inline(always)]
    pub(crate) fn usual(&self, duration: u64) -> Option<Usual<'_>> {
        if !self.is_usual(duration) {
            return rare();
        }
        let Some(bucket) = self.bucket(duration) else { return rare() };
        Some(Usual { half: self, bucket })
    }

    /// Whether nothing but [`Half::add`] has to be done for a call.
    #[inline(always)]
    fn is_usual(&self, duration: u64) -> bool {
        let above = duration.wrapping_sub(own(&self.usual_from));
        above < own(&self.usual_span)
    }

    /// Adds any completed call.
    pub(crate) fn record(&self, call: Completed, slowest_kept: usize, reclaimer: &Reclaimer) {
        let duration = call.record.duration;
        let bucket = self.bucket_or_new(duration);
        let sequence = self.begin_write();
        self.add(duration, call.self_time, call.recursive, bucket);
        self.add_square(duration);
        if !self.is_usual(duration) {
            self.record_extreme(call.record, slowest_kept, reclaimer);
        }
        if call.record.tag.panicked() {
            bump(&self.panicked, 1);
        }
        if let Some(polled) = call.polled {
            bump(&self.polls, polled.count);
            if call.recursive == 0 {
                bump(&self.busy, polled.busy);
                bump(&self.idle, duration.saturating_sub(polled.busy));
            }
        }
        self.end_write(sequence);
    }

    /// Adds a call that was dropped before completion.
    pub(crate) fn record_cancelled(&self) {
        let sequence = self.begin_write();
        bump(&self.cancelled, 1);
        self.end_write(sequence);
    }

    /// Adds self time of a call that is counted later.
    pub(crate) fn record_self_time(&self, self_time: u64) {
        let sequence = self.begin_write();
        bump(&self.self_time, self_time);
        self.end_write(sequence);
    }

    /// Takes note of a call that may be the shortest or among the slowest.
    fn record_extreme(&self, record: Record, slowest_kept: usize, reclaimer: &Reclaimer) {
        let min = own(&self.min).min(record.duration);
        let max = own(&self.max).max(record.duration);
        self.min.store(min, Ordering::Relaxed);
        self.max.store(max, Ordering::Relaxed);
        // From here on calls are slow; not above the longest, so that a longer one comes by here.
        let slow_from = self.keep_slow(record, slowest_kept, reclaimer).min(max.saturating_add(1));
        self.usual_from.store(min, Ordering::Relaxed);
        self.usual_span.store(slow_from.min(1 << 32).saturating_sub(min), Ordering::Relaxed);
    }

    /// Puts a call among the slowest `kept` if it is one of them, in the place of the least slow.
    /// Returns from which duration on calls belong there.
    fn keep_slow(&self, record: Record, kept: usize, reclaimer: &Reclaimer) -> u64 {
        let filled = own(&self.slow_count) as usize;
        let least = self.slow_entries(kept).min_by_key(|entry| entry.duration());
        let place = match least {
            _ if kept == 0 => return u64::MAX,
            _ if filled < kept => {
                bump(&self.slow_count, 1);
                let chunk = slot::exclusive(|| {
                    let first = self.slowest.get_or_init(SlowChunk::new);
                    (0..filled / SLOWEST_CHUNK)
                        .fold(first, |chunk, _| chunk.next.get_or_init(SlowChunk::new))
                });
                Some(&chunk.entries[filled % SLOWEST_CHUNK])
            }
            least => least.filter(|least| record.duration > least.duration()),
        };
        if let Some(place) = place {
            // SAFETY: the tag is still the caller's, who gives it to the log afterwards.
            let tag = unsafe { record.tag.duplicate() };
            place.write(Record { tag, ..record }, reclaimer);
        }
        if filled + 1 < kept {
            return 0;
        }
        // Only what is slower than the least of them comes in from now on.
        let least = self.slow_entries(kept).map(Entry::duration).min();
        least.unwrap_or(u64::MAX).saturating_add(1)
    }

    fn slow_entries(&self, kept: usize) -> impl Iterator<Item = &Entry> {
        std::iter::successors(self.slowest.get(), |chunk| chunk.next.get())
            .flat_map(|chunk| &chunk.entries)
            .take(kept)
    }

    /// All of it as plain data, unless the writer was inside meanwhile.
    pub(crate) fn try_read(&self) -> Option<ShardCopy> {
        let before = self.sequence.load(Ordering::Acquire); // pairs with the release in `end_write`
        if !before.is_multiple_of(2) {
            return None;
        }
        let load = |field: &AtomicU64| field.load(Ordering::Relaxed);
        let (min, max) = (load(&self.min), load(&self.max));
        let histogram = self.read_histogram(min, max);
        let count = histogram.count(); // one store less per call
        let statistics = Statistics {
            count,
            panicked: load(&self.panicked),
            cancelled: load(&self.cancelled),
            polls: load(&self.polls),
            sum: Ticks(load(&self.sum)),
            total: Ticks(load(&self.sum).wrapping_sub(load(&self.recursive_sum))),
            self_time: Ticks(load(&self.self_time)),
            busy: Ticks(load(&self.busy)),
            idle: Ticks(load(&self.idle)),
            min: Ticks(if count == 0 { 0 } else { min }),
            max: Ticks(max),
            squares: u128::from(load(&self.squares_high)) << 64
                | u128::from(load(&self.squares_low)),
            histogram,
        };
        let mut slowest = Vec::with_capacity(load(&self.slow_count) as usize);
        slowest.extend(self.slow_entries(usize::MAX).filter_map(Entry::read));
        fence(Ordering::Acquire); // pairs with the fence in `begin_write`
        (self.sequence.load(Ordering::Relaxed) == before)
            .then_some(ShardCopy { statistics, slowest })
    }

    /// The same of a half whose writer is about to leave it, or has.
    pub(crate) fn read_quiet(&self) -> ShardCopy {
        loop {
            if let Some(copy) = self.try_read() {
                return copy;
            }
            // The writer is inside for some ten instructions, unless the system has interrupted it.
            #[cfg(loom)]
            loom::thread::yield_now();
            #[cfg(not(loom))]
            std::thread::yield_now();
        }
    }

    /// What the counters hold. Only those between the extremes are looked at, and without a jump that
    /// depends on a count: which of them are zero cannot be foretold.
    fn read_histogram(&self, min: u64, max: u64) -> Histogram {
        let pending = self.pending.load(Ordering::Relaxed).cast_const();
        let (lowest, highest) = (place_of(min), place_of(max));
        let mut buckets = Vec::with_capacity(OCTAVE_LEN);
        let mut found = [(0, 0); 2 * OCTAVE_LEN];
        for shift in lowest.0..=highest.0 {
            let Some(counters) = self.octave(shift) else { continue };
            // SAFETY: an octave's counters live as long as the half.
            let counters = unsafe { &*counters };
            let Range { start, end } = octave_places(shift);
            let first = if shift == lowest.0 { lowest.1 } else { start };
            let behind = if shift == highest.0 { highest.1 + 1 } else { end };
            let mut len = 0;
            for top in first..behind {
                let counter = &counters[top - start];
                let count = counter.load(Ordering::Relaxed) + u64::from(ptr::eq(counter, pending));
                found[len] = ((shift * OCTAVE_LEN + top) as u32, count);
                len += usize::from(count > 0);
            }
            buckets.extend_from_slice(&found[..len]);
        }
        Histogram::from_ascending(buckets)
    }
}

#[cfg(not(loom))]
fn nowhere() -> *mut AtomicU64 {
    ptr::from_ref(&NOWHERE).cast_mut()
}

#[cfg(loom)]
fn nowhere() -> *mut AtomicU64 {
    Box::into_raw(Box::new(AtomicU64::new(0))) // the model's atomics cannot be static
}

/// `None` that the compiler takes for unlikely, and so for a branch instead of a conditional move.
#[cold]
fn rare<T>() -> Option<T> {
    None
}

/// The places that an octave's counters have: the pointer to it is so far before the first counter
/// that a value's top seven bits are the index.
fn octave_places(shift: usize) -> Range<usize> {
    if shift == 0 { 0..2 * OCTAVE_LEN } else { OCTAVE_LEN..2 * OCTAVE_LEN }
}

impl Drop for Half {
    fn drop(&mut self) {
        for counters in (0..OCTAVES).filter_map(|shift| self.octave(shift)) {
            // SAFETY: from `Box::into_raw` in `bucket_or_new`, and nobody reads it any more.
            drop(unsafe { Box::from_raw(counters) });
        }
        // One after the other: left to itself, each would drop the next from within its own drop.
        let mut rest = self.slowest.take();
        while let Some(mut chunk) = rest {
            rest = chunk.next.take();
        }
    }
}

impl SlowChunk {
    fn new() -> SlowChunk {
        SlowChunk { entries: std::array::from_fn(|_| Entry::empty()), next: OnceBox::new() }
    }
}

impl Usual<'_> {
    /// Adds a completed call that is in no way special. Owner thread only.
    #[inline(always)]
    pub(crate) fn add(self, duration: u64, self_time: u64, recursive: u64) {
        let sequence = self.half.begin_write();
        self.half.add(duration, self_time, recursive, self.bucket);
        self.half.add_small_square(duration);
        self.half.end_write(sequence);
    }
}

impl ShardCopy {
    pub(crate) fn merge(&mut self, other: ShardCopy) {
        self.statistics.merge(&other.statistics);
        self.slowest.extend(other.slowest);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn a_long_list_of_slowest_calls_is_freed_in_a_small_stack() {
        let fill = || {
            let half = Half::new();
            let mut last = half.slowest.get_or_init(SlowChunk::new);
            for _ in 0..20_000 {
                last = last.next.get_or_init(SlowChunk::new);
            }
        };
        std::thread::Builder::new().stack_size(1 << 16).spawn(fill).unwrap().join().unwrap();
    }
}
