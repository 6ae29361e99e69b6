//! Threads: what is recorded while others read, clear and switch, and what remains of those that end.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use perprovis::{Profiler, Report, TaggedScope, profile_block};
use perprovis_tests::{manual, ns, stats};

/// What holds of every report, at whatever moment it was taken.
#[track_caller]
fn assert_sound(report: &Report) {
    for stats in report.functions() {
        assert!(stats.self_time <= stats.total_time, "{stats:?}");
        assert!(stats.panicked <= stats.call_count, "{stats:?}");
        assert!((0.0..=1.0).contains(&stats.share()), "{}: {}", stats.name, stats.share());
        assert!(stats.min_time <= stats.avg_time() + ns(1), "{stats:?}");
        assert!(stats.avg_time() <= stats.max_time + ns(1), "{stats:?}");
        assert!(stats.max_time <= stats.total_time, "the longest call is in the total: {stats:?}");
        let mut last = stats.min_time;
        for p in [0.0, 1.0, 25.0, 50.0, 75.0, 99.0, 99.9, 100.0] {
            let percentile = stats.percentile(p);
            assert!(last <= percentile && percentile <= stats.max_time, "p{p} of {stats:?}");
            last = percentile;
        }
    }
    for node in report.call_tree().iter() {
        assert!((0.0..=1.0).contains(&node.share()));
        assert!(node.self_time() <= node.total_time());
        if let Some(parent) = node.parent() {
            assert!(node.total_time() <= parent.total_time(), "{}", node.name());
        }
    }
    for call in report.calls() {
        assert!(call.start_time <= call.end_time);
        assert_eq!(call.call_stack.last(), Some(&call.name));
    }
    assert!(report.calls().is_sorted_by_key(|call| call.start_time), "oldest first");
    assert!(report.slowest_calls(10).is_sorted_by(|left, right| left.duration >= right.duration));
    assert!(!report.to_string().is_empty());
}

fn work(profiler: &Profiler, number: u64) {
    let _outer = profile_block!(profiler = profiler, "outer");
    for _ in 0..number % 3 {
        profile_block!(profiler = profiler, "inner", {});
    }
    if number.is_multiple_of(16) {
        let _tagged = profile_block!(profiler = profiler, "tagged", number);
    }
    if number.is_multiple_of(100) {
        profiler.measure(&format!("name {}", number % 1000), || ());
    }
}

/// The calls that `work` makes for `0..rounds`.
fn calls_of_work(rounds: u64) -> [(&'static str, u64); 4] {
    let inner = (0..rounds).map(|number| number % 3).sum();
    [
        ("outer", rounds),
        ("inner", inner),
        ("tagged", rounds.div_ceil(16)),
        ("name 0", rounds.div_ceil(1000)),
    ]
}

const THREADS: u64 = 8;
const ROUNDS: u64 = 6_000;

/// Eight threads work; `meanwhile` runs again and again until they are done.
fn while_eight_threads_work(profiler: &Profiler, mut meanwhile: impl FnMut()) {
    let done = AtomicU64::new(0);
    let begin = Barrier::new(THREADS as usize + 1);
    thread::scope(|scope| {
        let record = || {
            begin.wait();
            (0..ROUNDS).for_each(|number| work(profiler, number));
            done.fetch_add(1, Ordering::SeqCst);
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(record)).collect();
        begin.wait();
        while done.load(Ordering::SeqCst) < THREADS {
            meanwhile();
        }
        // A scope's end waits for no thread-local destructors, this does.
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn reports_taken_while_eight_threads_record_are_sound_and_the_last_one_exact() {
    let profiler = Profiler::builder().calls_per_thread(500).build();
    let mut before: HashMap<String, u64> = HashMap::new();
    let mut reports = 0;
    while_eight_threads_work(&profiler, || {
        let report = profiler.report();
        assert_sound(&report);
        for stats in report.functions() {
            let before = before.insert(stats.name.clone(), stats.call_count).unwrap_or(0);
            assert!(before <= stats.call_count, "{} went back from {before}", stats.name);
        }
        reports += 1;
    });
    assert!(reports > 0);

    let report = profiler.report();
    assert_sound(&report);
    for (name, calls) in calls_of_work(ROUNDS) {
        assert_eq!(report.function(name).unwrap().call_count, THREADS * calls, "{name}");
    }
    let all = report.summary().total_calls;
    assert_eq!(report.call_tree().iter().map(|node| node.call_count()).sum::<u64>(), all);
    assert_eq!(report.calls().len() as u64 + report.dropped().log_calls, all);
    assert!(report.calls().len() <= 8 * 500);
    assert!(report.open_scopes().is_empty());
    assert_eq!(report.threads().len() as u64, THREADS);
    assert!(report.threads().iter().all(|thread| thread.exited));
    let tree = report.call_tree();
    assert_eq!(tree.roots().count(), 1);
    let outer = tree.find(&["outer"]).unwrap();
    assert_eq!(outer.total_time(), report.function("outer").unwrap().total_time);
}

#[test]
fn every_call_of_eight_threads_is_in_exactly_one_of_the_reports_between_clears_or_open_across_one()
{
    let profiler = Profiler::builder().calls_per_thread(500).build();
    let mut clears = 0;
    while_eight_threads_work(&profiler, || {
        let report = profiler.report();
        assert_sound(&report);
        let outer = report.function("outer").map_or(0, |stats| stats.call_count);
        assert!(outer <= THREADS * ROUNDS);
        profiler.clear();
        clears += 1;
    });
    assert!(clears > 0);
    profiler.clear();
    assert!(profiler.report().is_empty());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..100).for_each(|number| work(&profiler, number)));
        }
    });
    let report = profiler.report();
    assert_sound(&report);
    for (name, calls) in calls_of_work(100) {
        assert_eq!(report.function(name).unwrap().call_count, THREADS * calls, "{name}");
    }
    assert_eq!(report.dropped().unrecorded_calls, 0);
}

#[test]
fn switching_while_eight_threads_record_leaves_sound_numbers() {
    let profiler = Profiler::builder().calls_per_thread(500).build();
    let mut on = true;
    while_eight_threads_work(&profiler, || {
        on = !on;
        if on {
            profiler.enable()
        } else {
            profiler.disable()
        }
        assert_eq!(profiler.is_enabled(), on);
        let report = profiler.report();
        for stats in report.functions() {
            assert!(stats.self_time <= stats.total_time, "{stats:?}");
            assert!(stats.share() <= 1.0);
        }
        let outer = report.function("outer").map_or(0, |stats| stats.call_count);
        assert!(outer <= THREADS * ROUNDS);
    });
    profiler.disable();
    let calls = || profiler.summary().total_calls;
    let before = calls();
    work(&profiler, 0);
    assert_eq!(calls(), before, "off");
    profiler.enable();
    work(&profiler, 1);
    assert_eq!(calls(), before + 2, "on");
}

#[test]
fn two_readers_at_once_see_sound_reports() {
    let profiler = Profiler::builder().calls_per_thread(100).build();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut last = 0;
                    loop {
                        let stopped = stop.load(Ordering::SeqCst);
                        let report = profiler.report();
                        assert_sound(&report);
                        let calls = report.summary().total_calls;
                        assert!(last <= calls, "{last} calls, then {calls}");
                        last = calls;
                        if stopped {
                            return last;
                        }
                    }
                })
            })
            .collect();
        (0..20_000).for_each(|number| work(&profiler, number));
        stop.store(true, Ordering::SeqCst);
        let all = profiler.report().summary().total_calls;
        for reader in readers {
            assert_eq!(reader.join().unwrap(), all);
        }
    });
}

#[test]
fn reports_have_the_names_of_threads_living_and_exited() {
    let (clock, profiler) = manual();
    let profiler = Arc::new(profiler);
    let spawn = |name: &str| {
        let profiler = Arc::clone(&profiler);
        let thread = thread::Builder::new().name(name.into());
        thread.spawn(move || profiler.measure("call", || ())).unwrap().join().unwrap();
    };
    spawn("first");
    spawn("second");
    profiler.measure("call", || clock.advance_nanos(1));
    let report = profiler.report();
    let found: Vec<_> =
        report.threads().iter().map(|info| (info.name.as_deref(), info.exited)).collect();
    let here = thread::current();
    assert_eq!(found, [(Some("first"), true), (Some("second"), true), (here.name(), false)]);
    let text = report.to_string();
    assert!(text.contains("3 threads"), "{text}");
    let ids: Vec<u64> = report.threads().iter().map(|info| info.id.number()).collect();
    assert!(ids.is_sorted_by(|left, right| left < right), "{ids:?}");
    let tree = report.thread_tree(report.threads()[2].id).unwrap();
    assert_eq!((tree.len(), tree.total_time()), (1, ns(1)));
}

#[test]
fn calls_of_exited_threads_are_kept() {
    let (clock, profiler) = manual();
    for round in 1..=3 {
        thread::scope(|scope| {
            scope.spawn(|| {
                profiler.measure("outer", || {
                    let _scope = profile_block!(profiler = profiler, "inner", round);
                    clock.advance_nanos(round);
                });
            });
        });
    }
    let report = profiler.report();
    assert_eq!(stats(&profiler, "inner").total_time, ns(6));
    let node = report.call_tree().find(&["outer", "inner"]).unwrap();
    assert_eq!((node.call_count(), node.total_time()), (3, ns(6)));
    let metadata: Vec<String> = report
        .calls()
        .iter()
        .filter(|call| &*call.name == "inner")
        .map(|call| call.metadata.to_string())
        .collect();
    assert_eq!(metadata, ["round=1", "round=2", "round=3"]);
    assert_eq!(report.slowest_calls(1)[0].duration, ns(3));
}

#[test]
fn threads_exited_long_ago_are_merged_and_their_calls_counted() {
    let profiler = Profiler::builder().exited_threads(4).build();
    for _ in 0..10 {
        thread::scope(|scope| {
            let thread =
                scope.spawn(|| profiler.measure("outer", || profiler.measure("inner", || ())));
            thread.join().unwrap(); // a scope's end waits for no thread-local destructors
        });
    }
    let report = profiler.report();
    assert_eq!((report.threads().len(), report.merged_threads()), (4, 6));
    assert_eq!(report.dropped().log_calls, 12, "of the logs of the six");
    assert_eq!(report.calls().len(), 8);
    assert_eq!(report.function("inner").unwrap().call_count, 10);
    assert_eq!(report.call_tree().find(&["outer", "inner"]).unwrap().call_count(), 10);
    assert_eq!(report.slowest_calls(16).len(), 16);
    assert_sound(&report);
}

#[test]
fn the_logs_of_all_threads_together_keep_to_their_limit() {
    let profiler = Profiler::builder().calls_per_thread(1_000).calls_in_all(2_000).build();
    let all_done = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                (0..1_500).for_each(|_| profiler.measure("call", || ()));
                all_done.wait(); // all four are alive at once
            });
        }
    });
    let report = profiler.report();
    let kept = report.calls().len() as u64;
    assert!(kept <= 2_000, "{kept} kept");
    assert!(kept >= 1_000, "{kept} kept");
    assert_eq!(report.dropped().log_calls, 6_000 - kept);
    assert_eq!(report.function("call").unwrap().call_count, 6_000);
}

#[test]
fn a_thread_local_destructor_may_call_profiled_functions() {
    static PROFILER: Profiler = Profiler::new();
    static DESTROYED: AtomicU64 = AtomicU64::new(0);

    struct Caller;

    impl Drop for Caller {
        fn drop(&mut self) {
            PROFILER.measure("in_destructor", || DESTROYED.fetch_add(1, Ordering::SeqCst));
        }
    }

    // Destroyed after, and before, what the profiler keeps for the thread, as far as the platform
    // destroys in order of first use.
    thread_local! {
        static EARLY: RefCell<Option<Caller>> = const { RefCell::new(None) };
        static LATE: RefCell<Option<Caller>> = const { RefCell::new(None) };
    }

    for _ in 0..10 {
        let thread = thread::spawn(|| {
            EARLY.set(Some(Caller));
            PROFILER.measure("work", || ());
            LATE.set(Some(Caller));
        });
        thread.join().unwrap();
    }
    assert_eq!(DESTROYED.load(Ordering::SeqCst), 20);
    let report = PROFILER.report();
    assert_eq!(report.function("work").unwrap().call_count, 10);
    let recorded = report.function("in_destructor").map_or(0, |stats| stats.call_count);
    assert_eq!(recorded + report.dropped().unrecorded_calls, 20, "each is counted somewhere");
}

#[test]
fn a_guard_kept_in_a_thread_local_ends_with_the_thread_and_is_counted_somewhere() {
    static PROFILER: Profiler = Profiler::new();

    thread_local! {
        static EARLY: RefCell<Option<TaggedScope>> = const { RefCell::new(None) };
        static LATE: RefCell<Option<TaggedScope>> = const { RefCell::new(None) };
    }

    for _ in 0..10 {
        let thread = thread::spawn(|| {
            EARLY.set(None);
            EARLY.with(|early| {
                // Borrowed once, so that its destructor is registered first.
                *early.borrow_mut() = Some(PROFILER.block("early").with("key", "value"));
            });
            LATE.set(Some(PROFILER.block("late")));
            PROFILER.measure("work", || ());
        });
        thread.join().unwrap();
    }
    let report = PROFILER.report();
    assert_eq!(report.function("work").unwrap().call_count, 10);
    let counted = |name| report.function(name).map_or(0, |stats| stats.call_count);
    let unrecorded = report.dropped().unrecorded_calls;
    assert_eq!(counted("early") + counted("late") + unrecorded, 20, "{report}");
    assert!(report.open_scopes().is_empty());
    assert_eq!(report.call_tree().find(&["early", "late", "work"]).unwrap().call_count(), 10);
}

#[test]
fn a_panicking_thread_leaves_its_calls() {
    let (clock, profiler) = manual();
    let profiler = Arc::new(profiler);
    let inside = Arc::clone(&profiler);
    let thread = thread::Builder::new().name("panics, as the test expects".into());
    let result = thread
        .spawn(move || {
            inside.measure("outer", || {
                clock.advance_nanos(4);
                assert!(clock.nanos() > 4, "expected by the test");
            });
        })
        .unwrap()
        .join();
    assert!(result.is_err());
    let outer = stats(&profiler, "outer");
    assert_eq!((outer.call_count, outer.panicked, outer.total_time), (1, 1, ns(4)));
}

#[test]
fn the_time_of_threads_adds_up_over_threads() {
    let profiler = Profiler::new();
    let both = Barrier::new(2);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                profiler.measure("wait", || {
                    both.wait();
                    thread::sleep(Duration::from_millis(2)); // at least: no number depends on it
                })
            });
        }
    });
    let report = profiler.report();
    let sum: Duration = report.threads().iter().map(|thread| thread.total_time).sum();
    let total = report.function("wait").unwrap().total_time;
    assert!(total >= Duration::from_millis(4));
    assert!(sum.abs_diff(total) <= ns(2), "{sum:?} {total:?}");
    assert!(total <= report.clock().run_time * 2);
}

/// Trees and logs may know functions that came after the list of functions was taken.
#[test]
fn reports_taken_while_names_are_met_contradict_nothing() {
    let profiler = Profiler::builder().call_paths(1 << 20).names(1 << 20).build();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for number in 0..3 {
            let (profiler, stop) = (&profiler, &stop);
            scope.spawn(move || {
                for name in 0..4_000 {
                    let _outer = profiler.block("p");
                    let _inner = profiler.block(&format!("n{number}_{name}"));
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
        }
        for _ in 0..8 {
            let report = profiler.report();
            Report::from_json(&report.to_json()).expect("it contradicts itself");
        }
        stop.store(true, Ordering::Relaxed);
    });
}
