//! Programs that go far beyond every limit: exact counts, bounded memory, and the report says what
//! was dropped. The process's heap is counted, so these run one after the other.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use perprovis::{Profiler, profile};
use perprovis_tests::heap::{CountingHeap, live_bytes, peak_bytes_of};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap;

const MIB: usize = 1 << 20;

/// One test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn recursion_a_million_deep() {
    static PROFILER: Profiler = Profiler::new();
    const DEPTH: u64 = 1_000_000;

    #[profile(profiler = PROFILER)]
    fn fall(depth: u64) -> u64 {
        if depth > 1 { fall(depth - 1) + 1 } else { 1 }
    }

    let _alone = alone();
    let thread = thread::Builder::new().stack_size(1 << 30);
    let (depth, peak) = peak_bytes_of(|| thread.spawn(|| fall(DEPTH)).unwrap().join().unwrap());
    assert_eq!(depth, DEPTH);
    let left = live_bytes();
    assert!(peak <= 64 * MIB, "{peak} bytes at most, while the program's stack took far more");

    let report = PROFILER.report();
    let fall = report.function("fall").unwrap();
    assert_eq!(fall.call_count, DEPTH);
    assert_eq!(fall.total_time, fall.max_time, "the outermost call");
    assert!(fall.self_time <= fall.total_time);
    assert_eq!(fall.share(), 1.0);
    assert_eq!(report.dropped().truncated_calls, DEPTH - 512);
    assert_eq!(report.dropped().log_calls, DEPTH - 16_384);
    let tree = report.call_tree();
    assert_eq!(tree.len(), 513);
    let deepest = tree.iter().last().unwrap();
    assert_eq!((deepest.name(), deepest.call_count()), ("[truncated]", DEPTH - 512));
    assert!(report.to_string().contains("999,488 calls lay deeper"), "{report}");
    drop(report);
    PROFILER.clear();
    assert!(live_bytes() < left, "clear gives the memory back");
}

#[test]
fn two_hundred_thousand_distinct_names() {
    let _alone = alone();
    let profiler = Profiler::new();
    let ((), peak) = peak_bytes_of(|| {
        for name in (0..200_000).chain(0..200_000) {
            profiler.measure(&format!("request {name}"), || ());
        }
    });
    assert!(peak <= 512 * MIB, "{peak} bytes");
    let report = profiler.report();
    assert_eq!(report.functions().len(), 65_537);
    assert_eq!(report.dropped().unnamed_calls, 2 * (200_000 - 65_536));
    assert_eq!(report.function("[other]").unwrap().call_count, 2 * (200_000 - 65_536));
    assert_eq!(report.function("request 7").unwrap().call_count, 2);
    assert!(report.function("request 199999").is_none());
    assert_eq!(report.summary().total_calls, 400_000);
    assert_eq!(report.calls().len() as u64 + report.dropped().log_calls, 400_000);
    assert!(report.to_text(3).contains("268,928 calls had names beyond the limit"));
}

#[test]
fn three_million_logged_calls() {
    const CALLS: u64 = 1_000_000;
    let _alone = alone();
    let profiler = Profiler::builder().calls_per_thread(CALLS as usize).build();
    let ((), peak) = peak_bytes_of(|| {
        for _ in 0..3 {
            thread::scope(|scope| {
                scope.spawn(|| {
                    for _ in 0..CALLS {
                        perprovis::profile_block!(profiler = profiler, "call", {});
                    }
                });
            });
        }
    });
    assert!(peak <= 256 * MIB, "{peak} bytes for a log of 1,048,576 calls");
    let report = profiler.report();
    let call = report.function("call").unwrap();
    assert_eq!(call.call_count, 3 * CALLS);
    let kept = report.calls().len() as u64;
    assert!((CALLS..=1_048_576).contains(&kept), "{kept} kept");
    assert_eq!(report.dropped().log_calls, 3 * CALLS - kept);
    assert_eq!(report.call_tree().find(&["call"]).unwrap().call_count(), 3 * CALLS);
    let slowest = report.slowest_calls(16);
    assert_eq!(slowest[0].duration, call.max_time);
    assert!(report.to_string().contains("dropped"), "{report}");
}

#[test]
fn a_million_distinct_call_paths() {
    let _alone = alone();
    let profiler = Profiler::builder().call_paths(10_000).calls_per_thread(0).build();
    let names: Vec<String> = (0..100).map(|name| format!("f{name}")).collect();
    let ((), peak) = peak_bytes_of(|| {
        for outer in &names {
            let _outer = profiler.block(outer);
            for middle in &names {
                let _middle = profiler.block(middle);
                for inner in names.iter().take(20) {
                    profiler.measure(inner, || ());
                }
            }
        }
    });
    assert!(peak <= 64 * MIB, "{peak} bytes");
    let report = profiler.report();
    let calls = 100 + 100 * 100 + 100 * 100 * 20;
    assert_eq!(report.summary().total_calls, calls);
    let in_tree: u64 = report.call_tree().iter().map(|node| node.call_count()).sum();
    assert_eq!(in_tree, calls, "truncated ones are in it as such");
    let paths = report.call_tree().iter().filter(|node| node.name() != "[truncated]").count();
    // The outermost calls that came past the limit have their paths all the same.
    assert!((10_000..=10_000 + names.len()).contains(&paths), "{paths} paths");
    assert!(report.dropped().truncated_calls > 100_000);
    let total: std::time::Duration = report.call_tree().roots().map(|root| root.total_time()).sum();
    let rounding = std::time::Duration::from_nanos(report.call_tree().roots().count() as u64);
    assert!(total.abs_diff(report.summary().total_time) <= rounding, "{total:?}");
}
