//! Merging, checked against one report of everything.

use std::time::Duration;

use perprovis_core::histogram::Histogram;
use perprovis_core::snapshot::{ClockFacts, Dropped, Overhead, Snapshot};
use perprovis_core::statistics::Statistics;
use perprovis_core::units::{TickRate, Ticks};
use proptest::prelude::*;

use super::fold::Fold;
use super::*;
use crate::ThreadId;
use crate::report::sample::{Sample, extreme, service};
use crate::report::tests::{any_report, ask_everything};

fn ns(nanos: u64) -> Duration {
    Duration::from_nanos(nanos)
}

fn with_rate(mut snapshot: Snapshot, nanos_per_tick: f64) -> Report {
    snapshot.clock.rate = TickRate::new(nanos_per_tick).unwrap();
    Report::from_snapshot(snapshot)
}

/// `main` calls `f` for each of `durations`, and is still running after `run` ticks.
fn running(durations: &[u64], run: u64) -> Sample {
    let mut sample = Sample::new(0);
    for (index, &duration) in durations.iter().enumerate() {
        sample.call(1, &["main", "f"], index as u64 * 10, duration);
    }
    sample.snapshot.clock.now = Ticks(run);
    sample.open(1, &["main"], 0);
    sample
}

#[test]
fn the_merged_report_is_that_of_all_calls_together() {
    let calls = |thread: u64, sample: &mut Sample, durations: &[u64]| {
        for (index, &duration) in durations.iter().enumerate() {
            let start = index as u64 * 1000;
            sample.call(thread, &["a"], start, duration + 5);
            sample.call(thread, &["a", "b"], start + 1, duration);
            sample.call(thread, &["a", "b", "a"], start + 1, duration / 2);
        }
    };
    let (first, second) = ([3, 700, 42, 42], [1_000_000, 7, 90]);
    let (mut left, mut right, mut all) = (Sample::new(0), Sample::new(0), Sample::new(0));
    calls(1, &mut left, &first);
    calls(1, &mut right, &second);
    calls(1, &mut all, &first);
    calls(2, &mut all, &second);
    let merged = Report::merge([("left", left.report()), ("right", right.report())]);
    let all = all.report();
    assert_eq!(merged.functions, all.functions);
    assert_eq!(merged.calls(), all.calls());
    assert_eq!(merged.call_tree(), all.call_tree());
    assert_eq!(merged.threads(), all.threads());
    assert_eq!(merged.summary(), all.summary());
    assert_eq!(merged.slowest_calls(99), all.slowest_calls(99));
}

#[test]
fn threads_and_open_scopes_know_their_source() {
    let mut second = running(&[5], 100);
    second.name_thread(7, "worker");
    let merged =
        Report::merge([("run 1", running(&[20, 30], 1000).report()), ("run 2", second.report())]);
    let names: Vec<String> =
        merged.threads().iter().map(|info| merged.thread_name(info.id)).collect();
    assert_eq!(names, ["thread 1 (run 1)", "thread 2 (run 2)", "worker (run 2)"]);
    let sources: Vec<&str> = merged
        .calls()
        .iter()
        .map(|call| &*merged.source_of(call.thread_id).unwrap().name)
        .collect();
    assert_eq!(sources, ["run 1", "run 2", "run 1"]);
    let [first, second] = merged.sources() else { panic!("{:?}", merged.sources()) };
    assert_eq!((first.run_time, first.call_count, first.total_time), (ns(1000), 2, ns(1000)));
    assert_eq!((second.run_time, second.call_count, second.total_time), (ns(100), 1, ns(100)));
    // The second run was over after 100 ns, whatever the first one did.
    let elapsed: Vec<Duration> = merged.open_scopes().iter().map(|scope| scope.elapsed).collect();
    assert_eq!(elapsed, [ns(1000), ns(100)]);
    assert_eq!(merged.clock().run_time, ns(1000));
    insta::assert_snapshot!(merged.to_text_with(crate::TextOptions::new().width(80)));
}

#[test]
fn a_report_from_a_profiler_has_no_source() {
    let report = service();
    assert!(report.sources().is_empty() && report.source_of(ThreadId(1)).is_none());
    assert_eq!(report.thread_name(ThreadId(2)), "worker-1");
    assert_eq!(report.thread_name(ThreadId(3)), "thread 3");
    assert_eq!(report.numbered_thread(ThreadId(3)), "3");
    assert_eq!(Merger::new().finish(), Report::default());
}

#[test]
fn merged_reports_bring_their_own_sources() {
    let inner = Report::merge([("x", service()), ("y", service())]);
    let outer = Report::merge([("a", inner), ("b", service())]);
    let names: Vec<&str> = outer.sources().iter().map(|source| &*source.name).collect();
    assert_eq!(names, ["a/x", "a/y", "b"]);
    let flat = Report::merge([("a/x", service()), ("a/y", service()), ("b", service())]);
    assert_eq!(outer, flat);
}

#[test]
fn rates_of_one_clock_measured_twice_merge_exactly() {
    let merged = Report::merge([
        ("first", with_rate(running(&[1000, 2000], 9000).finish(), 0.5)),
        ("second", with_rate(running(&[3001], 9000).finish(), 0.5 * 1.000_05)),
    ]);
    let f = merged.function("f").unwrap();
    assert_eq!((f.statistics.sum, f.rate.nanos_per_tick()), (Ticks(6001), 0.5));
    let mut histogram = Histogram::default();
    [1000, 2000, 3001].into_iter().for_each(|ticks| histogram.record(Ticks(ticks)));
    assert_eq!(f.statistics.histogram, histogram);
}

#[test]
fn clocks_that_tick_differently_are_brought_to_the_finest_tick() {
    let durations: Vec<u64> = (0..500).map(|index| 1000 + index * index).collect();
    let halves: Vec<u64> = durations.iter().map(|duration| duration * 2).collect();
    let merged = Report::merge([
        ("system clock", with_rate(running(&durations, 600_000).finish(), 1.0)),
        ("counter", with_rate(running(&halves, 1_100_000).finish(), 0.5)),
    ]);
    assert_eq!(merged.clock().nanos_per_tick, 0.5);
    let (f, alone) = (merged.function("f").unwrap(), running(&durations, 600_000).report());
    let alone = alone.function("f").unwrap();
    assert_eq!(f.call_count, 1000);
    assert_eq!((f.total_time, f.self_time), (alone.total_time * 2, alone.self_time * 2));
    assert_eq!((f.min_time, f.max_time), (alone.min_time, alone.max_time));
    assert!((f.std_dev_nanos() / alone.std_dev_nanos() - 1.0).abs() < 1e-9);
    for p in [1.0, 25.0, 50.0, 75.0, 95.0, 99.0] {
        let ratio = f.percentile_nanos(p) / alone.percentile_nanos(p);
        assert!((ratio - 1.0).abs() < 0.024, "{p}: {ratio}"); // 1.6 % here, 0.8 % there
    }
    assert_eq!(merged.clock().run_time, ns(600_000));
    assert_eq!(merged.open_scopes()[1].elapsed, ns(550_000));
    assert_eq!(Report::from_json(&merged.to_json()).unwrap(), merged);
}

#[test]
fn only_calls_surely_among_the_slowest_stay() {
    let complete = running(&[100, 9, 50], 200);
    let mut cut = running(&[80, 70, 60, 40], 200).finish();
    cut.functions[1].slowest.truncate(2);
    let cut = Report::from_snapshot(cut);
    let merged = Report::merge([("complete", complete.report()), ("cut", cut)]);
    let slowest = merged.function("f").unwrap().slowest_calls();
    let durations: Vec<u64> = slowest.iter().map(|call| call.duration_ticks.0).collect();
    assert_eq!(durations, [100, 80, 70], "whether 60 or 50 comes next is not known from the lists");
}

#[test]
fn drops_add_up_and_the_overhead_is_the_mean_over_calls() {
    let with = |calls: usize, inside_nanos: f64, lost: u64| {
        let mut sample = running(&vec![5; calls], 100);
        sample.snapshot.overhead = Overhead { inside_nanos, outside_nanos: 2.0 * inside_nanos };
        sample.snapshot.dropped = Dropped { log_calls: lost, ..Dropped::default() };
        sample.report()
    };
    let merged = Report::merge([("a", with(3, 10.0, 7)), ("b", with(1, 30.0, u64::MAX))]);
    assert_eq!(merged.overhead(), Overhead { inside_nanos: 15.0, outside_nanos: 30.0 });
    assert_eq!(merged.dropped().log_calls, u64::MAX);
}

#[test]
fn threads_beyond_the_limit_are_merged_into_one_tree() {
    let mut fold = Fold::new(ClockFacts::default());
    fold.leave_nodes(2);
    for name in ["a", "b"] {
        let report = running(&[5, 6], 100).report().to_snapshot();
        fold.add(sources_of(name, &report), report);
    }
    let merged = Report::from_snapshot(fold.finish());
    assert_eq!((merged.threads().len(), merged.merged_threads()), (1, 1));
    assert_eq!(merged.call_tree().find(&["main", "f"]).unwrap().call_count(), 4);
    assert_eq!(&*merged.source_of(merged.calls()[3].thread_id).unwrap().name, "b");
}

#[test]
fn the_longest_logs_give_way_first() {
    let mut fold = Fold::new(ClockFacts::default());
    for calls in [10, 3, 20] {
        let report = running(&vec![1; calls], 1000).report().to_snapshot();
        fold.add(sources_of("a", &report), report);
    }
    fold.trim_logs(15);
    let merged = Report::from_snapshot(fold.finish());
    let of = |source: usize| {
        let name = |call: &&crate::FunctionCall| {
            let source = &merged.sources[source];
            std::ptr::eq(merged.source_of(call.thread_id).unwrap(), source)
        };
        merged.calls().iter().filter(name).map(|call| call.start_time).collect::<Vec<_>>()
    };
    assert_eq!([of(0).len(), of(1).len(), of(2).len()], [6, 3, 6]);
    assert_eq!(of(0)[0], ns(40), "the earliest went");
    assert_eq!(merged.dropped().log_calls, 18);
}

#[test]
fn extremes_do_not_overflow() {
    let merged = Report::merge([("a", extreme()), ("b\n\u{202e}", extreme()), ("c", service())]);
    ask_everything(&merged);
    assert_eq!(merged.merged_threads(), u64::MAX);
    assert!(merged.threads().iter().map(|info| info.id.number()).eq([1, 2, 3, 4, 5, 6, 7]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_reports_merge(reports in prop::collection::vec(any_report(), 0..4)) {
        let rate = reports.first().map_or(1.0, |report| report.clock().nanos_per_tick);
        let reports: Vec<Report> =
            reports.iter().map(|report| with_rate(report.to_snapshot(), rate)).collect();
        let merged = Report::merge(reports.iter().map(|report| ("source", report.clone())));
        let mut expected = Statistics::default();
        for function in reports.iter().flat_map(|report| report.functions()) {
            expected.merge(&function.statistics);
            prop_assert!(merged.function(&function.name).is_some());
        }
        let mut found = Statistics::default();
        merged.functions().iter().for_each(|function| found.merge(&function.statistics));
        prop_assert_eq!(found, expected);
        let whole = reports.iter().map(|report| report.tree.whole()).sum();
        prop_assert_eq!(merged.tree.whole(), whole);
        let logged: usize = reports.iter().map(|report| report.calls().len()).sum();
        prop_assert_eq!(merged.calls().len(), logged);
        ask_everything(&merged);
    }

    #[test]
    fn any_reports_of_different_clocks_merge_and_come_back(
        left in any_report(),
        right in any_report(),
    ) {
        let merged = Report::merge([("left", left), ("right", right)]);
        ask_everything(&merged);
        prop_assert_eq!(&Report::from_json(&merged.to_json()).unwrap(), &merged);
    }
}
