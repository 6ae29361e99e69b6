//! A memory allocator that is itself profiled: every allocation of the process, the profiler's own
//! included, enters a profiled function.
#![expect(unsafe_code, reason = "an allocator is unsafe by its interface")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use perprovis::{Profiler, profile, profile_block};

static PROFILER: Profiler = Profiler::new();
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

struct ProfiledHeap;

// SAFETY: every call goes to `System` as it is; what is profiled may allocate, and comes back here,
// but not without end: the profiler does not record what it allocates itself.
unsafe impl GlobalAlloc for ProfiledHeap {
    #[profile(profiler = PROFILER, name = "alloc")]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::SeqCst);
        // SAFETY: the caller's contract is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let _scope = profile_block!(profiler = PROFILER, "dealloc");
        // SAFETY: as above; `pointer` came from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static HEAP: ProfiledHeap = ProfiledHeap;

#[profile(profiler = PROFILER, name = "work", metadata(number))]
fn work(number: u64) -> u64 {
    black_box(vec![number; 3]).iter().sum()
}

/// One test alone, as every allocation counts.
#[test]
fn a_profiled_allocator_neither_hangs_nor_crashes_and_loses_no_call_in_silence() {
    const ROUNDS: u64 = 40_000; // more than the log holds, so metadata is freed on the way
    let recorded = || {
        let report = PROFILER.report();
        let calls = |name| report.function(name).map_or(0, |stats| stats.call_count);
        let unrecorded = report.dropped().unrecorded_calls;
        (calls("alloc"), calls("dealloc"), calls("work"), unrecorded)
    };

    let sum: u64 = (0..ROUNDS).map(work).sum();
    assert_eq!(sum, 3 * ROUNDS * (ROUNDS - 1) / 2);
    let threads: Vec<_> =
        (0..4).map(|_| thread::spawn(|| (0..1000).map(work).sum::<u64>())).collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 3 * 499_500);
    }

    let before = ALLOCATIONS.load(Ordering::SeqCst);
    let (alloc, dealloc, work_calls, unrecorded) = recorded();
    assert_eq!(work_calls, ROUNDS + 4000);
    assert!(alloc > ROUNDS, "its vectors at least, {alloc}");
    assert!(dealloc > ROUNDS, "{dealloc}");
    assert!(unrecorded > 0, "the profiler's own");
    assert!(before <= alloc + unrecorded, "{before} allocations, {alloc} and {unrecorded} counted");

    let report = PROFILER.report();
    let calls = report.summary().total_calls;
    let in_log = report.calls().len() as u64 + report.dropped().log_calls;
    assert_eq!(in_log, calls, "each is in the log or told as dropped");
    let in_tree: u64 = report.call_tree().iter().map(|node| node.call_count()).sum();
    assert_eq!(in_tree, calls);
    for call in report.slowest_calls(16).iter().filter(|call| &*call.name == "work") {
        assert_eq!(call.metadata.len(), 1, "{call:?}");
    }

    PROFILER.clear();
    assert_eq!(work(1), 3);
    assert_eq!(recorded().2, 1);
    assert!(PROFILER.report().to_string().contains("could not be recorded"));
}
