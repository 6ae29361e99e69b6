//! Ring of a thread's latest calls: one writer that never waits, readers that take what was not
//! overwritten meanwhile.
//!
//! The ring grows by chunks until it has a slot more than the calls it may keep; then it wraps. Call
//! `n` stands in slot `n % capacity`.
//!
//! 1. The writer writes the slot of call `n`, then counts it (`completed`). In a ring that has
//!    wrapped, the slot behind the last completed call is the writer's: a call may be in the making.
//! 2. A reader takes the completed calls, then looks how far the writer has got meanwhile, and
//!    throws away the calls whose slots it may have been writing to.

#![expect(unsafe_code, reason = "the writer's cursor is a pointer into a chunk")]

use std::cell::Cell;
use std::fmt::{self, Debug};
use std::ptr;

use crate::entry::{Entry, Record};
use crate::reclaim::Reclaimer;
use crate::slot;
use crate::sync::{AtomicU64, OnceBox, Ordering, bump, fence, own};
use crate::tree::Node;

/// Calls that a ring grows by: 8 KiB. Smaller ones would grow too often, larger ones would make a
/// thread with ten calls expensive.
pub(crate) const CHUNK: usize = if cfg!(loom) { 2 } else { 256 };

/// The most calls that a ring may keep, whatever the limit says: 2 GiB of them. The table of its
/// chunks is made at once, so "no limit" would make one that no machine has the memory for.
const MOST_CALLS: usize = 1 << 26;

/// The latest calls of one thread.
pub(crate) struct Log {
    completed: AtomicU64, // calls ever written
    wrapped: AtomicU64,   // 1 from before a slot is used again, else 0
    refused: AtomicU64,   // calls for which there was no memory
    capacity: AtomicU64,  // slots there are; fixed once the ring has wrapped
    chunks: Box<[OnceBox<[Entry; CHUNK]>]>,
    limit: usize, // calls that a reader sees
    slots: usize, // at most
    writer: Writer,
}

/// Of the owner thread alone.
struct Writer {
    cursor: Cell<*const Entry>, // where the next call goes, unless it is `end`
    end: Cell<*const Entry>,
    next_chunk: Cell<usize>, // behind `end`
}

/// The place of the next call.
#[derive(Clone, Copy)]
pub(crate) struct Place<'l> {
    entry: &'l Entry,
    /// The same, as a pointer into the chunk: one made of `entry` must not leave it, not even to the
    /// next.
    cursor: *const Entry,
}

/// What a reader gets. The tags are borrowed from the ring.
#[derive(Debug, Default)]
pub(crate) struct LogCopy {
    pub(crate) calls: Vec<Record>, // oldest completion first
    pub(crate) dropped: u64,
}

impl Log {
    /// A log of at most `limit` calls, which takes no memory for them yet.
    pub(crate) fn new(limit: usize) -> Log {
        let limit = limit.min(MOST_CALLS);
        // A smaller ring would turn around too often; what it holds too much, nobody sees.
        let slots = (limit + 1).max(CHUNK);
        Log {
            completed: AtomicU64::new(0),
            wrapped: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            capacity: AtomicU64::new(0),
            chunks: (0..slots.div_ceil(CHUNK)).map(|_| OnceBox::new()).collect(),
            limit,
            slots,
            writer: Writer {
                cursor: Cell::new(ptr::null()),
                end: Cell::new(ptr::null()),
                next_chunk: Cell::new(0),
            },
        }
    }

    /// The place of the next call, if there is one ready that nobody's metadata stands in.
    #[inline(always)]
    pub(crate) fn usual(&self) -> Option<Place<'_>> {
        let cursor = self.writer.cursor.get();
        if cursor == self.writer.end.get() {
            return None;
        }
        // SAFETY: not at the end of its chunk, and chunks live as long as the log.
        let entry = unsafe { &*cursor };
        entry.is_untagged().then_some(Place { entry, cursor })
    }

    /// Adds a call without metadata in the place that [`Log::usual`] gave.
    #[inline(always)]
    pub(crate) fn append_usual(
        &self,
        place: Place<'_>,
        start: u64,
        duration: u64,
        node: *const Node,
    ) {
        self.writer.cursor.set(place.cursor.wrapping_add(1));
        let call = own(&self.completed);
        fence(Ordering::Release); // as in `append`
        place.entry.write_untagged(start, duration, node);
        self.completed.store(call + 1, Ordering::Release); // as in `append`
    }

    /// Adds a call. Owner thread only. Before the ring takes more memory for `n` slots it asks
    /// `grant(n)`.
    pub(crate) fn append(
        &self,
        record: Record,
        reclaimer: &Reclaimer,
        grant: impl FnOnce(usize) -> bool,
    ) {
        if self.writer.cursor.get() == self.writer.end.get() && !self.next_chunk(grant) {
            bump(&self.refused, 1);
            reclaimer.retire(record.tag);
            return;
        }
        let cursor = self.writer.cursor.get();
        self.writer.cursor.set(cursor.wrapping_add(1));
        let call = own(&self.completed);
        // Pairs with the fence in `read`: who sees a store of this entry, sees that all calls before
        // are completed, and whether the ring has wrapped.
        fence(Ordering::Release);
        // SAFETY: not at the end of its chunk, and chunks live as long as the log.
        unsafe { &*cursor }.write(record, reclaimer);
        self.completed.store(call + 1, Ordering::Release); // pairs with the acquire in `read`
    }

    /// Moves the cursor to the next chunk, new or used; false if there is none at all.
    #[cold]
    #[inline(never)]
    fn next_chunk(&self, grant: impl FnOnce(usize) -> bool) -> bool {
        let capacity = self.capacity();
        let mut at = self.writer.next_chunk.get();
        if at * CHUNK >= capacity {
            let more = CHUNK.min(self.slots - capacity);
            let grown = own(&self.wrapped) == 0 && more > 0 && {
                slot::exclusive(|| {
                    let granted = grant(more);
                    if granted {
                        self.chunks[at].get_or_init(|| std::array::from_fn(|_| Entry::empty()));
                    }
                    granted
                })
            };
            if grown {
                self.capacity.store((capacity + more) as u64, Ordering::Relaxed);
            } else if capacity == 0 {
                return false;
            } else {
                self.wrapped.store(1, Ordering::Relaxed); // before the fence in `append`
                at = 0;
            }
        }
        let Some(chunk) = self.chunks[at].get() else { return false };
        let entries = chunk[..CHUNK.min(self.capacity() - at * CHUNK)].as_ptr_range();
        self.writer.cursor.set(entries.start);
        self.writer.end.set(entries.end);
        self.writer.next_chunk.set(at + 1);
        true
    }

    /// The calls that are in the ring now.
    pub(crate) fn read(&self) -> LogCopy {
        let completed = self.completed.load(Ordering::Acquire); // calls up to it are seen whole
        let capacity = self.capacity.load(Ordering::Relaxed); // and the capacity that held them
        let spare = self.wrapped.load(Ordering::Relaxed); // the writer's slot
        // Before the first call the two can be of different moments: no slots yet, and wrapped.
        let kept = capacity.saturating_sub(spare).min(self.limit as u64);
        let first = completed.saturating_sub(kept);
        let entry = |call: u64| {
            let slot = (call % capacity) as usize;
            self.chunks[slot / CHUNK].get()?[slot % CHUNK].read()
        };
        let mut calls: Vec<Record> = (first..completed).map_while(entry).collect();
        fence(Ordering::Acquire); // pairs with the fence in `append`
        if self.wrapped.load(Ordering::Relaxed) != 0 {
            // Call `n`, which is perhaps in the making, takes the slot of call `n - capacity`.
            let making = self.completed.load(Ordering::Relaxed);
            let overwritten = (making + 1).saturating_sub(capacity).saturating_sub(first);
            calls.drain(..calls.len().min(overwritten as usize));
        }
        let dropped = completed - calls.len() as u64 + self.refused.load(Ordering::Relaxed);
        LogCopy { calls, dropped }
    }

    /// How many slots the ring has. Owner thread only.
    pub(crate) fn capacity(&self) -> usize {
        own(&self.capacity) as usize
    }
}

impl Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("slots", &self.slots).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::entry::Tag;

    const NODE: *const Node = ptr::without_provenance(64); // never followed

    fn write(log: &Log, n: u64, grant: impl FnOnce(usize) -> bool) {
        match log.usual() {
            Some(place) => log.append_usual(place, n, 10 * n, NODE),
            None => {
                let record = Record { start: n, duration: 10 * n, node: NODE, tag: Tag::NONE };
                log.append(record, &Reclaimer::new(), grant);
            }
        }
    }

    fn starts(log: &Log) -> (Vec<u64>, u64) {
        let copy = log.read();
        assert!(copy.calls.iter().all(|call| call.duration == 10 * call.start));
        (copy.calls.iter().map(|call| call.start).collect(), copy.dropped)
    }

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn the_latest_calls_up_to_the_limit_are_kept_in_order() {
        for limit in [0, 1, 10, 255, 256, 257, 300, 511, 512, 1000] {
            let log = Log::new(limit);
            for n in 0..1_500 {
                write(&log, n, |_| true);
                let kept = limit.min(n as usize + 1) as u64;
                if n % 97 == 0 || n == 1_499 || n.abs_diff(limit as u64) < 3 {
                    let expected: Vec<u64> = (n + 1 - kept..=n).collect();
                    assert_eq!(starts(&log), (expected, n + 1 - kept), "limit {limit}, call {n}");
                }
            }
            assert_eq!(log.capacity(), (limit + 1).max(CHUNK), "limit {limit}");
        }
    }

    /// Miri sees whether the cursor may follow from one entry to the next.
    #[test]
    fn the_usual_way_leads_from_entry_to_entry() {
        let log = Log::new(3);
        (0..4).for_each(|n| write(&log, n, |_| true));
        assert_eq!(starts(&log), (vec![1, 2, 3], 1));
    }

    #[test]
    fn memory_is_asked_for_chunk_by_chunk() {
        let log = Log::new(300);
        let mut asked = Vec::new();
        for n in 0..1_000 {
            write(&log, n, |slots| {
                asked.push((n, slots));
                true
            });
        }
        assert_eq!(asked, [(0, 256), (256, 45)]);
    }

    #[test]
    fn a_log_that_may_not_grow_turns_around_where_it_is() {
        let log = Log::new(1_000);
        (0..600).for_each(|n| write(&log, n, |_| n == 0));
        assert_eq!(log.capacity(), CHUNK);
        assert_eq!(starts(&log), ((345..600).collect(), 345), "one slot is the writer's");
    }

    #[test]
    fn a_log_without_memory_refuses_and_may_get_some_later() {
        let log = Log::new(10);
        (0..5).for_each(|n| write(&log, n, |_| false));
        assert_eq!(starts(&log), (vec![], 5));
        write(&log, 5, |_| true);
        assert_eq!(starts(&log), (vec![5], 5));
    }

    #[test]
    fn a_reader_that_sees_no_slots_and_a_wrapped_ring_finds_nothing() {
        let log = Log::new(1);
        log.wrapped.store(1, Ordering::Relaxed); // as if the loads before came too early
        assert_eq!(starts(&log), (vec![], 0));
    }

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn no_limit_is_a_limit() {
        let log = Log::new(usize::MAX);
        write(&log, 1, |_| true);
        assert_eq!(starts(&log), (vec![1], 0));
    }

    #[test]
    fn an_entry_with_metadata_is_replaced_the_long_way_and_its_metadata_freed() {
        use std::sync::Arc;
        let metadata = Arc::new(crate::metadata::Metadata::new());
        let reclaimer = Reclaimer::new();
        let log = Log::new(1);
        for n in 0..CHUNK as u64 + 1 {
            let tag = Tag::new((n == 0).then(|| Arc::clone(&metadata)));
            let record = Record { start: n, duration: 10 * n, node: NODE, tag };
            if n == CHUNK as u64 {
                assert!(log.next_chunk(|_| true) && log.usual().is_none());
            }
            assert_eq!(Arc::strong_count(&metadata), 2);
            log.append(record, &reclaimer, |_| true);
        }
        assert_eq!(Arc::strong_count(&metadata), 1);
        assert!(log.chunks[0].get().unwrap()[0].is_untagged());
    }

    #[test]
    fn metadata_that_somebody_reads_waits() {
        use std::sync::Arc;
        let metadata = Arc::new(crate::metadata::Metadata::new());
        let reclaimer = Reclaimer::new();
        let reading = reclaimer.read();
        reclaimer.retire(Tag::new(Some(Arc::clone(&metadata))));
        assert_eq!(Arc::strong_count(&metadata), 2);
        drop(reading);
        assert_eq!(Arc::strong_count(&metadata), 2, "until the next time");
        reclaimer.retire(Tag::NONE);
        assert_eq!(Arc::strong_count(&metadata), 1);
    }
}
