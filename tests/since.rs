//! `Report::since` against a second profiler that sees the same calls and is cleared in between.

use std::thread;
use std::time::Duration;

use perprovis::{ManualClock, Profiler, Report};
use perprovis_tests::{Random, manual, ns, on_manual_clock};

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Calls of random functions, nested at random, all recorded by both.
fn random_calls(random: &mut Random, both: [&Profiler; 2], clock: &ManualClock, depth: u32) {
    for _ in 0..random.below(5) + 1 {
        let name = NAMES[random.below(NAMES.len() as u64) as usize];
        let _open = both.map(|profiler| profiler.block(name));
        clock.advance_nanos(random.below(1_000) * random.below(1_000));
        if depth > 0 && random.below(3) > 0 {
            random_calls(random, both, clock, depth - 1);
        }
        clock.advance_nanos(random.below(100));
    }
}

/// Everything that is exact.
fn exact(report: &Report) -> String {
    let functions = report.functions().iter().map(|function| {
        let times = [function.total_time, function.self_time, function.avg_time()];
        let (slowest, durations) = (function.slowest_calls(), function.durations());
        let slowest: Vec<_> = slowest.iter().map(|call| (call.start_time, call.duration)).collect();
        format!(
            "{} {} {} {} {times:?} {:?} {durations:?} {}\n",
            function.name,
            function.call_count,
            function.panicked,
            slowest.len(),
            function.std_dev_nanos(),
            function.share(),
        )
    });
    let calls = report.calls().iter().map(|call| {
        format!(
            "{:?} {:?} {:?} {}\n",
            call.call_stack, call.start_time, call.duration, call.thread_id
        )
    });
    let tree = report.call_tree().iter().map(|node| {
        format!(
            "{} {} {:?} {:?}\n",
            node.name(),
            node.call_count(),
            node.total_time(),
            node.self_time()
        )
    });
    let rest =
        (report.dropped(), report.clock().run_time, report.threads(), report.summary().total_calls);
    functions.chain(calls).chain(tree).collect::<String>() + &format!("{rest:?}")
}

#[test]
fn it_is_what_a_profiler_cleared_in_between_has_recorded() {
    for seed in 0..40 {
        let mut random = Random(seed);
        let (clock, whole) = manual();
        let cleared = Profiler::builder().clock(clock.clone()).build();
        let run = |random: &mut Random| {
            random_calls(random, [&whole, &cleared], &clock, 4);
            // One after the other, as the clock is common, and joined, so that it has ended.
            for _ in 0..random.below(3) {
                thread::scope(|scope| {
                    let calls = || random_calls(random, [&whole, &cleared], &clock, 2);
                    scope.spawn(calls).join().unwrap();
                });
            }
        };
        run(&mut random);
        let earlier = whole.report();
        cleared.clear();
        run(&mut random);
        let (between, expected) = (whole.report().since(&earlier), cleared.report());
        let (found, wanted) = (exact(&between), exact(&expected));
        for (found, wanted) in found.lines().zip(wanted.lines()) {
            assert_eq!(found, wanted, "seed {seed}");
        }
        assert_eq!(found.len(), wanted.len(), "seed {seed}");
        for function in expected.functions() {
            let found = between.function(&function.name).unwrap();
            for p in [0.0, 1.0, 50.0, 95.0, 100.0] {
                let (found, truth) = (found.percentile_nanos(p), function.percentile_nanos(p));
                let error = (found - truth).abs();
                assert!(error <= 1.0 + truth / 100.0, "seed {seed}: {found} for {truth} at {p}");
            }
        }
        let json = between.to_json();
        assert_eq!(Report::from_json(&json).unwrap(), between, "seed {seed}");
    }
}

#[test]
fn nothing_happened_between_equal_reports() {
    let (clock, profiler) = manual();
    profiler.measure("a", || clock.advance(ns(5)));
    let report = profiler.report();
    let between = report.since(&report);
    assert!(between.is_empty() && between.calls().is_empty() && between.threads().is_empty());
    assert_eq!(between.clock().run_time, Duration::ZERO);
    assert_eq!(report.since(&Report::default()), report);
}

#[test]
fn a_new_extreme_is_exact() {
    let (clock, profiler) = manual();
    for nanos in [1_000_003, 5_000_011] {
        profiler.measure("a", || clock.advance(ns(nanos)));
    }
    let earlier = profiler.report();
    for nanos in [900_001, 2_000_000, 7_000_013] {
        profiler.measure("a", || clock.advance(ns(nanos)));
    }
    let between = profiler.report().since(&earlier);
    let a = between.function("a").unwrap();
    assert_eq!((a.call_count, a.min_time, a.max_time), (3, ns(900_001), ns(7_000_013)));
    assert_eq!(a.total_time, ns(9_900_014));
}

#[test]
fn an_open_call_counts_where_it_completes_and_takes_time_in_the_tree_where_it_passes() {
    let (clock, profiler) = manual();
    let open = profiler.block("long");
    clock.advance(ns(100));
    let first = profiler.report();
    clock.advance(ns(30));
    let second = profiler.report();
    clock.advance(ns(5));
    drop(open);
    let third = profiler.report();

    let between = second.since(&first);
    assert_eq!(between.function("long").unwrap().call_count, 0);
    assert_eq!(between.call_tree().find(&["long"]).unwrap().total_time(), ns(30));
    let open = &between.open_scopes()[0];
    assert_eq!((open.since, open.elapsed), (Duration::ZERO, ns(30)));

    let between = third.since(&second);
    let long = between.function("long").unwrap();
    assert_eq!((long.call_count, long.total_time), (1, ns(135)));
    assert_eq!(between.call_tree().find(&["long"]).unwrap().total_time(), ns(5));
    assert_eq!((between.calls()[0].start_time, between.calls()[0].duration), (ns(0), ns(135)));
}

#[test]
fn after_a_clear_everything_is_newer() {
    let (clock, profiler) = manual();
    for _ in 0..3 {
        profiler.measure("a", || clock.advance(ns(5)));
    }
    let earlier = profiler.report();
    profiler.clear();
    profiler.measure("b", || clock.advance(ns(7)));
    let report = profiler.report();
    assert_eq!(report.since(&earlier), report);
}

#[test]
fn a_clear_is_told_also_when_more_was_recorded_after_it_than_before() {
    let (clock, profiler) = manual();
    let calls = |count| (0..count).for_each(|_| profiler.measure("a", || clock.advance(ns(5))));
    calls(3);
    let earlier = profiler.report();
    profiler.clear();
    calls(10);
    let report = profiler.report();
    assert_eq!(report.since(&earlier), report, "the same calls, and seven more");
    let later = {
        calls(2);
        profiler.report()
    };
    assert_eq!(later.since(&report).function("a").unwrap().call_count, 2);
}

#[test]
fn files_tell_a_clear_by_what_the_later_one_lacks() {
    let load = |report: &Report| Report::from_json(&report.to_json()).unwrap();
    let (clock, profiler) = manual();
    let calls = |durations: &[u64]| {
        for &nanos in durations {
            profiler.measure("a", || clock.advance(ns(nanos)));
        }
    };
    calls(&[5, 900, 7]);
    let earlier = load(&profiler.report());
    calls(&[1_000; 20]);
    let later = load(&profiler.report());
    assert_eq!(later.since(&earlier).function("a").unwrap().call_count, 20, "nothing was cleared");
    for after in [
        &[5, 900, 8, 900, 900][..],     // lacks a bucket
        &[6, 900, 7, 5, 5][..],         // lacks its slowest call: this one began later
        &[901, 5, 7, 7, 7][..],         // lacks its longest
        &[5, 7, 900, 1_000, 1_000][..], // has calls of the same durations at other times
    ] {
        profiler.clear();
        calls(after);
        let later = load(&profiler.report());
        assert_eq!(later.since(&earlier), later, "{after:?}");
    }
}

#[test]
fn a_merged_report_is_of_no_one_profiler_and_given_back_whole() {
    let (clock, profiler) = manual();
    profiler.measure("a", || clock.advance(ns(5)));
    let report = profiler.report();
    let merged = Report::merge([("one", report.clone()), ("two", report.clone())]);
    assert_eq!(merged.since(&report), merged);
}

#[test]
fn what_the_log_lacks_is_counted() {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.calls_per_thread(2).build();
    let calls = |count| (0..count).for_each(|_| profiler.measure("a", || clock.advance(ns(5))));
    calls(10);
    let earlier = profiler.report();
    calls(7);
    let between = profiler.report().since(&earlier);
    assert_eq!((between.calls().len(), between.dropped().log_calls), (2, 5));
}
