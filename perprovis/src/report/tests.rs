//! Queries of reports made by hand, checked to the tick.

use std::time::Duration;

use perprovis_core::snapshot::{Dropped, Node, Overhead, Snapshot};
use perprovis_core::units::Ticks;
use proptest::prelude::*;

use super::sample::{Sample, extreme, service};
use super::{Report, SortBy, ThreadId};

fn ns(nanos: u64) -> Duration {
    Duration::from_nanos(nanos)
}

#[test]
fn names_are_shortened_and_nodes_found_by_what_is_unambiguous() {
    let mut sample = Sample::new(0);
    sample.call(1, &["m::run", "a::step"], 10, 5);
    sample.call(1, &["m::run", "b::step"], 20, 5);
    sample.call(1, &["m::run", "b::step", "c::leaf"], 21, 2);
    sample.call(1, &["m::run"], 5, 30);
    let report = sample.report();
    let short =
        ["m::run", "a::step", "c::leaf", "step", "[truncated]"].map(|n| report.short_name(n));
    assert_eq!(short, ["run", "a::step", "leaf", "step", "[truncated]"]);
    for function in report.functions() {
        assert_eq!(report.function(report.short_name(&function.name)), Some(function));
    }
    let tree = report.call_tree();
    assert_eq!(tree.find(&["run", "b::step", "leaf"]).unwrap().total_time(), ns(2));
    assert!(tree.find(&["run", "step"]).is_none(), "two siblings end so");
    assert!(tree.find(&["step"]).is_none() && tree.find(&[]).is_none());
}

#[test]
fn the_slowest_calls_of_a_function_are_sorted() {
    let report = service();
    for function in report.functions() {
        let slowest = function.slowest_calls();
        assert!(slowest.is_sorted_by(|left, right| left.duration >= right.duration));
        assert!(slowest.iter().all(|call| *call.name == function.name));
        assert_eq!(slowest.first().map_or(ns(0), |call| call.duration), function.max_time);
    }
}

/// `a` calls `b` twice and is called once again without.
fn nested() -> Sample {
    let mut sample = Sample::new(100);
    sample.call(1, &["m::a"], 110, 50);
    sample.call(1, &["m::a", "m::b"], 115, 10);
    sample.call(1, &["m::a", "m::b"], 130, 20);
    sample.call(2, &["m::a"], 200, 30);
    sample
}

#[test]
fn functions_are_sorted_and_found() {
    let report = nested().report();
    let names: Vec<&str> = report.functions().iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["m::a", "m::b"]);
    let a = report.function("a").unwrap();
    assert_eq!((a.call_count, a.total_time, a.self_time), (2, ns(80), ns(50)));
    assert_eq!((a.min_time, a.max_time, a.avg_time()), (ns(30), ns(50), ns(40)));
    assert_eq!((a.percentile(0.0), a.median_time(), a.percentile(100.0)), (ns(30), ns(30), ns(50)));
    assert_eq!(a.std_dev(), ns(10));
    assert_eq!(a.durations(), [ns(50), ns(30)]);
    assert!((a.share() - 1.0).abs() < 1e-12);
    assert!(report.function("c").is_none());
}

#[test]
fn calls_know_when_where_and_under_whom() {
    let report = nested().report();
    let call = &report.calls()[1];
    assert_eq!((call.start_time, call.end_time, call.duration), (ns(15), ns(25), ns(10)));
    let stack: Vec<&str> = call.call_stack.iter().map(|name| &**name).collect();
    assert_eq!(stack, ["m::a", "m::b"]);
    assert_eq!(call.thread_id.to_string(), "1");
    let again = &report.calls()[2];
    assert!(std::sync::Arc::ptr_eq(&call.call_stack, &again.call_stack), "stacks are shared");
}

#[test]
fn asking_for_the_calls_does_not_change_a_report() {
    let (asked, other) = (nested().report(), nested().report());
    assert_eq!(asked.calls().len(), 4);
    assert_eq!(asked, other);
    assert_eq!(asked.clone().calls(), other.calls());
    assert_eq!(asked.compensated().calls(), other.compensated().calls());
}

#[test]
fn the_tree_adds_up_over_threads() {
    let report = nested().report();
    let tree = report.call_tree();
    let a = tree.roots().next().unwrap();
    assert_eq!(
        (a.name(), a.call_count(), a.total_time(), a.self_time()),
        ("m::a", 2, ns(80), ns(50))
    );
    let b = tree.find(&["m::a", "m::b"]).unwrap();
    assert_eq!((b.call_count(), b.total_time(), b.depth()), (2, ns(30), 1));
    assert_eq!(b.parent().unwrap().name(), "m::a");
    assert_eq!(tree.total_time(), ns(80));
    let second = report.thread_tree(ThreadId(2)).unwrap();
    assert_eq!((second.len(), second.total_time()), (1, ns(30)));
    assert!(report.thread_tree(ThreadId(9)).is_none());
}

#[test]
fn exited_threads_and_truncated_calls_are_in_the_tree() {
    let mut snapshot = nested().finish();
    let kept = snapshot.threads.remove(1);
    snapshot.exited = kept.nodes;
    snapshot.exited_threads = 1;
    snapshot.threads[0].nodes[1].truncated_calls = 3;
    snapshot.threads[0].nodes[1].truncated_time = Ticks(7);
    let report = Report::from_snapshot(snapshot);
    assert_eq!(report.call_tree().total_time(), ns(87));
    let cut = report.call_tree().find(&["m::a", "m::b", "[truncated]"]).unwrap();
    assert_eq!((cut.call_count(), cut.total_time()), (3, ns(7)));
    assert_eq!(report.call_tree().iter().len(), 3);
}

#[test]
fn open_scopes_weigh_what_they_took_so_far() {
    let mut sample = nested();
    sample.open(1, &["main"], 100);
    let report = sample.report();
    let main = report.function("main").unwrap();
    assert_eq!((main.call_count, main.total_time), (0, Duration::ZERO));
    assert!(main.share() > 0.5);
    let node = report.call_tree().find(&["main"]).unwrap();
    assert!(node.is_open());
    assert_eq!(node.total_time(), ns(130));
    let scope = &report.open_scopes()[0];
    assert_eq!((scope.since, scope.elapsed), (ns(0), ns(130)));
}

#[test]
fn recursion_counts_once_in_shares() {
    let mut sample = Sample::new(0);
    sample.call(1, &["f"], 0, 100);
    sample.call(1, &["f", "f"], 10, 80);
    sample.call(1, &["f", "f", "g"], 20, 40);
    sample.call(1, &["f", "f", "g", "f"], 30, 10);
    let report = sample.report();
    let f = report.function("f").unwrap();
    assert_eq!((f.call_count, f.total_time, f.share()), (3, ns(100), 1.0));
    assert_eq!(f.self_time, ns(70));
}

#[test]
fn the_summary_is_over_all_calls_and_counts_no_time_twice() {
    let summary = nested().report().summary();
    assert_eq!((summary.total_functions, summary.total_calls), (2, 4));
    assert_eq!((summary.total_time, summary.avg_call_time), (ns(80), nanos_mean(110, 4)));
    assert_eq!((summary.median_call_time, summary.p95_call_time), (ns(20), ns(50)));
    assert_eq!(Report::default().summary(), super::Summary::default());
}

fn nanos_mean(sum: u64, count: u64) -> Duration {
    ns((sum as f64 / count as f64).round() as u64)
}

#[test]
fn hotspots_and_slowest_calls_are_sorted() {
    let report = nested().report();
    let by = |sort| report.hotspots_by(sort, 1)[0].name.clone();
    assert_eq!(report.hotspots(10).len(), 2);
    assert_eq!((by(SortBy::SelfTime), by(SortBy::MaxTime)), ("m::a".into(), "m::a".into()));
    let took: Vec<Duration> = report.slowest_calls(3).iter().map(|call| call.duration).collect();
    assert_eq!(took, [ns(50), ns(30), ns(20)]);
    assert_eq!(report.slowest_calls(99).len(), 4);
    assert!(report.slowest_calls(0).is_empty());
}

#[test]
fn slowest_calls_past_the_kept_ones_come_from_the_log_once_each() {
    let mut sample = Sample::new(0);
    for index in 0..40 {
        sample.call(1, &["f"], 5, index / 2); // equal twins are two calls
    }
    let report = sample.report();
    let took = |limit| -> Vec<u64> {
        let calls = report.slowest_calls(limit);
        calls.iter().map(|call| call.duration.as_nanos() as u64).collect()
    };
    let all: Vec<u64> = (0..40).rev().map(|index| index / 2).collect();
    assert_eq!(took(10), all[..10]);
    assert_eq!(took(30), all[..30]);
    assert_eq!(took(99), all);
}

#[test]
#[should_panic(expected = "a percentile is in 0..=100, not NaN")]
fn a_percentile_that_is_none_is_refused() {
    let _ = nested().report().function("a").unwrap().percentile(f64::NAN);
}

/// `a` (inside 2, outside 3) with three leaf calls of `b` in it.
fn costly() -> Snapshot {
    let mut sample = Sample::new(0);
    sample.call(1, &["a"], 0, 100);
    for index in 0..3 {
        sample.call(1, &["a", "b"], 10 + index * 20, 12);
    }
    sample.snapshot.overhead = Overhead { inside_nanos: 2.0, outside_nanos: 3.0 };
    sample.finish()
}

#[test]
fn compensation_takes_the_cost_of_every_call_from_it_and_its_callers() {
    let raw = Report::from_snapshot(costly());
    let report = raw.compensated();
    let (a, b) = (report.function("a").unwrap(), report.function("b").unwrap());
    // b: 12 - 2 each. a: 100 - 2 of its own - 3 * (2 + 3) of the calls in it.
    assert_eq!(
        (b.total_time, b.self_time, b.min_time, b.max_time),
        (ns(30), ns(30), ns(10), ns(10))
    );
    assert_eq!((a.total_time, a.max_time, a.min_time), (ns(83), ns(83), ns(83)));
    // Of a's own 64: 2 inside and 3 * 3 outside of its callees.
    assert_eq!(a.self_time, ns(53));
    assert_eq!(report.call_tree().total_time(), ns(83));
    assert_eq!(report.call_tree().find(&["a", "b"]).unwrap().total_time(), ns(30));
    assert_eq!(report.slowest_calls(1)[0].duration, ns(83));
    assert_eq!(b.durations(), [ns(10); 3]);
    assert_eq!(b.median_time(), ns(10));
    assert_eq!(report.overhead(), Overhead::default());
    assert_eq!(report.compensated(), report);
    assert_eq!(raw, Report::from_snapshot(costly()), "the raw numbers stay");
}

#[test]
fn compensation_keeps_the_deviation_and_never_falls_below_zero() {
    let report = service();
    let compensated = report.compensated();
    for raw in report.functions() {
        let now = compensated.function(&raw.name).unwrap();
        assert_eq!(now.call_count, raw.call_count);
        assert!(now.total_time <= raw.total_time && now.self_time <= raw.self_time);
        assert!(
            now.min_time <= now.avg_time().max(now.min_time)
                && now.avg_time() <= now.max_time.max(ns(1))
        );
        let difference = (now.std_dev_nanos() - raw.std_dev_nanos()).abs();
        assert!(difference < 1.0, "{}: {difference}", raw.name);
    }
    let mut snapshot = costly();
    snapshot.overhead = Overhead { inside_nanos: 1e9, outside_nanos: 1e9 };
    let nothing = Report::from_snapshot(snapshot).compensated();
    assert_eq!(nothing.function("a").unwrap().total_time, Duration::ZERO);
    assert_eq!(nothing.call_tree().total_time(), Duration::ZERO);
}

#[test]
fn compensation_counts_an_async_function_per_poll() {
    let mut sample = Sample::new(0);
    let statistics = sample.call(1, &["f"], 0, 1000);
    statistics.polls = 4;
    statistics.busy = Ticks(100);
    statistics.idle = Ticks(900);
    sample.snapshot.overhead = Overhead { inside_nanos: 5.0, outside_nanos: 0.0 };
    let report = sample.report().compensated();
    let f = report.function("f").unwrap();
    assert_eq!((f.busy_time, f.idle_time, f.total_time), (ns(80), ns(900), ns(980)));
}

#[test]
fn nothing_and_the_extreme_answer_every_query() {
    for report in [Report::default(), extreme(), extreme().compensated()] {
        ask_everything(&report);
    }
}

/// Asks all there is to ask; nothing may panic, and what must hold is checked.
pub(crate) fn ask_everything(report: &Report) {
    let summary = report.summary();
    assert_eq!(summary.total_functions, report.functions().len());
    for function in report.functions() {
        assert_eq!(report.function(&function.name).map(|found| &found.name), Some(&function.name));
        assert!((0.0..=1.0).contains(&function.share()));
        let mut last = function.min_time;
        for p in [0.0, 0.1, 25.0, 50.0, 90.0, 99.0, 99.99, 100.0] {
            let percentile = function.percentile(p);
            assert!(last <= percentile && percentile <= function.max_time);
            last = percentile;
        }
        let _ = (function.avg_time(), function.std_dev(), function.durations());
    }
    for node in report.call_tree().iter() {
        assert!(node.children().all(|child| child.total_time() <= node.total_time()));
        assert!((0.0..=1.0).contains(&node.share()));
    }
    for thread in report.threads() {
        assert!(report.thread_tree(thread.id).is_some());
    }
    let _ = (report.hotspots(3), report.slowest_calls(3), report.slowest_calls(usize::MAX));
    let _ = (report.to_csv(), report.call_tree().to_string(), report.compensated());
    for width in [0, 20, 47, 80, 200] {
        let options = crate::TextOptions::new().width(width);
        let all = |options| {
            report.to_text_with(options)
                + &report.flame_graph_text_with(options)
                + &report.timeline_text_with(50, options)
                + &report.call_tree().to_text_with(options)
        };
        let text = all(options);
        for line in text.lines() {
            let columns = unicode_width::UnicodeWidthStr::width(line);
            assert!(columns <= width.max(20), "{columns} columns, not {width}: {line:?}");
        }
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
        let coloured = all(options.color(crate::ColorChoice::Always));
        assert_eq!(crate::render::without_colors(&coloured), text, "colours change nothing else");
    }
}

/// Random recordings with random names: threads, recursion, async calls, open scopes.
pub(crate) fn any_report() -> impl Strategy<Value = Report> {
    let name = prop_oneof!["\\PC{0,40}", "[a-c](::[a-c<>]){0,4}", any::<String>()];
    let names = prop::collection::vec(name, 1..8);
    let call =
        (0u64..4, prop::collection::vec(0usize..8, 1..6), any::<u32>(), any::<u64>(), 0u32..64);
    let calls = prop::collection::vec(call, 0..40);
    let extra = (any::<u32>(), 0.0..1e4f64, 0.0..1e4f64, 0.01..1e4f64);
    (names, calls, extra).prop_map(|(names, calls, (dropped, inside, outside, rate))| {
        let mut sample = Sample::new(1000);
        for (thread, stack, start, duration, shift) in calls {
            let stack: Vec<&str> =
                stack.iter().map(|at| names[at % names.len()].as_str()).collect();
            let (start, duration) = (u64::from(start), duration >> shift);
            match shift % 8 {
                1 => sample.open(thread, &stack, start),
                2 => drop(sample.async_call(thread, &stack, start, duration, duration / 3)),
                _ => drop(sample.call(thread, &stack, start, duration)),
            }
        }
        sample.snapshot.dropped = Dropped { log_calls: dropped.into(), ..Dropped::default() };
        sample.snapshot.overhead = Overhead { inside_nanos: inside, outside_nanos: outside };
        sample.snapshot.clock.rate = perprovis_core::units::TickRate::new(rate).unwrap();
        sample.snapshot.exited = vec![];
        let mut snapshot = sample.finish();
        if let Some(node) = snapshot.threads.first().and_then(|thread| thread.nodes.last().copied())
        {
            snapshot.exited.push(Node { truncated_calls: 5, truncated_time: Ticks(99), ..node });
        }
        Report::from_snapshot(snapshot)
    })
}

proptest! {
    #[test]
    fn any_report_answers_every_query_in_the_width_asked_for(report in any_report()) {
        ask_everything(&report);
        ask_everything(&report.compensated());
    }
}

/// One call of a made-up program: its function, its own time and what it calls.
#[derive(Clone, Debug)]
struct Made(usize, u64, Vec<Made>);

fn made() -> impl Strategy<Value = Made> {
    let leaf = (0usize..3, 0u64..1000).prop_map(|(name, own)| Made(name, own, vec![]));
    leaf.prop_recursive(5, 40, 4, |inner| {
        (0usize..3, 0u64..1000, prop::collection::vec(inner, 0..4))
            .prop_map(|(name, own, calls)| Made(name, own, calls))
    })
}

/// Runs `call` from `start` on; returns what is measured of it.
fn run(
    sample: &mut Sample,
    call: &Made,
    above: &[&'static str],
    start: u64,
    cost: (u64, u64),
) -> u64 {
    let Made(name, own, calls) = call;
    let stack = [above, &[["f", "g", "h"][*name]]].concat();
    let mut took = cost.0 + own;
    for call in calls {
        took += run(sample, call, &stack, start + took, cost) + cost.1;
    }
    sample.call(1, &stack, start, took);
    took
}

proptest! {
    #[test]
    fn compensation_gives_what_the_program_takes_without_profiling(
        program in prop::collection::vec(made(), 1..5),
        cost in (0u64..50, 0u64..50),
    ) {
        let run = |cost: (u64, u64)| {
            let mut sample = Sample::new(0);
            let mut start = 0;
            for call in &program {
                start += run(&mut sample, call, &[], start, cost);
            }
            sample.snapshot.overhead =
                Overhead { inside_nanos: cost.0 as f64, outside_nanos: cost.1 as f64 };
            sample.report()
        };
        let (truth, compensated) = (run((0, 0)), run(cost).compensated());
        for expected in truth.functions() {
            let found = compensated.function(&expected.name).unwrap();
            prop_assert_eq!(found.self_time, expected.self_time);
            // A function below which the calls differ a lot may have its fastest ones cut off at
            // zero; the sums do not suffer from that unless all are.
            if found.min_time > Duration::ZERO {
                prop_assert_eq!(found.total_time, expected.total_time);
                prop_assert!((found.avg_nanos() - expected.avg_nanos()).abs() < 1e-6);
            }
        }
        for node in truth.call_tree().iter() {
            let mut names = vec![node.name()];
            let mut above = node.parent();
            while let Some(parent) = above {
                names.insert(0, parent.name());
                above = parent.parent();
            }
            let found = compensated.call_tree().find(&names).unwrap();
            prop_assert_eq!((found.total_time(), found.self_time()), (node.total_time(), node.self_time()));
        }
    }
}
