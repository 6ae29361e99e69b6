//! Short threads leave nothing behind. One test at a time, since it counts every byte of the process;
//! the long one runs when asked: `cargo test --release -p perprovis-tests --test memory -- --ignored`.
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

/// Memory is steady from the first hundred thousand on: what is in use after every other is the same to
/// a few kilobytes, which the latest threads' logs and the heap of the standard library may take.
#[test]
#[ignore = "takes a minute or two"]
fn a_million_short_threads_leave_no_more_behind_than_a_hundred_thousand() {
    const BATCH: u64 = 100_000;
    let live_after = |_| {
        (0..BATCH).for_each(|_| short_thread());
        live_bytes()
    };
    let live: Vec<usize> = (0..10).map(live_after).collect();
    assert!(live.iter().all(|bytes| bytes.abs_diff(live[0]) <= 1 << 16), "{live:?}");
    assert_eq!(PROFILER.report().function("call").unwrap().call_count, 10 * 10 * BATCH);
}

/// Calls of the tree's nodes, outermost first.
fn calls_per_depth() -> Vec<u64> {
    let tree = PROFILER.call_tree();
    let calls: Vec<u64> = tree.iter().map(|node| node.call_count()).collect();
    assert_eq!(calls, [20_000, 20_000, 20_000, 10_000, 10_000, 10_000, 10_000]);
    calls
}
