//! Short threads leave nothing behind. One test alone, since it counts every byte of the process.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::thread;

use perprovis::{Profiler, profile};
use perprovis_tests::heap::{CountingHeap, live_bytes};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap;

static PROFILER: Profiler = Profiler::new();

#[profile(profiler = PROFILER)]
fn call(depth: u32) {
    if depth > 1 {
        call(depth - 1);
    }
}

/// A thread that makes ten calls.
fn short_thread() {
    thread::spawn(|| {
        call(3);
        call(7);
    })
    .join()
    .unwrap();
}

#[test]
fn ten_thousand_short_threads_leave_no_more_behind_than_one() {
    short_thread();
    let one = live_bytes();
    for _ in 1..10_000 {
        short_thread();
    }
    let all = live_bytes();
    let allowed = one + one / 20 + (1 << 20);
    assert!(all <= allowed, "{one} bytes after one thread, {all} after 10,000");

    let report = PROFILER.report();
    let calls = report.function("call").unwrap();
    assert_eq!(calls.call_count, 100_000);
    assert_eq!(report.threads().len() as u64 + report.merged_threads(), 10_000);
    assert_eq!(report.calls().len() as u64 + report.dropped().log_calls, 100_000);
    assert_eq!(report.call_tree().len(), 7);

    drop((report, calls_per_depth()));
    PROFILER.clear();
    let cleared = live_bytes();
    assert!(cleared <= allowed, "{cleared} bytes after clear");
}

/// Calls of the tree's nodes, outermost first.
fn calls_per_depth() -> Vec<u64> {
    let tree = PROFILER.call_tree();
    let calls: Vec<u64> = tree.iter().map(|node| node.call_count()).collect();
    assert_eq!(calls, [20_000, 20_000, 20_000, 10_000, 10_000, 10_000, 10_000]);
    calls
}
