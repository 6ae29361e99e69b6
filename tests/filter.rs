//! What a filter leaves out is in no number but its caller's self time, whatever way it is named.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;

use perprovis::{Filter, ManualClock, ProfileFuture, Profiler, profile, profile_block};
use perprovis_tests::{ns, on_manual_clock};

fn output<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        let context = &mut Context::from_waker(Waker::noop());
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return output;
        }
    }
}

fn filtered(rules: &str) -> (ManualClock, Profiler) {
    let (clock, builder) = on_manual_clock();
    (clock, builder.filter(rules.parse().unwrap()).build())
}

struct Disk;

trait Store {
    fn load(&self, profiler: &Profiler, clock: &ManualClock);
}

impl Store for Disk {
    #[profile(profiler = profiler)]
    fn load(&self, profiler: &Profiler, clock: &ManualClock) {
        clock.advance(ns(1));
    }
}

mod db {
    use super::*;

    #[profile(profiler = profiler)]
    pub(crate) fn query(profiler: &Profiler, clock: &ManualClock) {
        clock.advance(ns(10));
        ping(profiler, clock);
        ping(profiler, clock);
        profile_block!(profiler = profiler, "db::literal", { clock.advance(ns(3)) });
        let name = String::from("db::dynamic");
        profile_block!(profiler = profiler, name.as_str(), id = 7, { clock.advance(ns(4)) });
        let _scope = profiler.block("db::ping::method");
        clock.advance(ns(5));
    }

    #[profile(profiler = profiler, metadata(clock = ?clock))]
    fn ping(profiler: &Profiler, clock: &ManualClock) {
        clock.advance(ns(20));
        Disk.load(profiler, clock);
    }

    #[profile(profiler = profiler)]
    pub(crate) async fn fetch(profiler: &Profiler, clock: &ManualClock) {
        clock.advance(ns(100));
        let mut polled = false;
        let pending = std::future::poll_fn(|_| {
            clock.advance(ns(1_000));
            if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }
        });
        pending.profiled_on(profiler, "db::inner").await;
    }
}

#[track_caller]
fn check(profiler: &Profiler, expected: &[(&str, u64, u64)]) {
    let report = profiler.report();
    let mut found: Vec<(&str, u64, u64)> = report
        .functions()
        .iter()
        .map(|f| (report.short_name(&f.name), f.call_count, f.self_time.as_nanos() as u64))
        .collect();
    found.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(report.dropped(), perprovis::Profiler::builder().build().report().dropped());
}

#[test]
fn the_time_of_what_is_left_out_is_its_callers() {
    let (clock, profiler) = filtered("-filter::db::ping, -db");
    for _ in 0..3 {
        profiler.measure("main", || db::query(&profiler, &clock));
    }
    // 10 + 2 * 20 + 3 + 4 + 5 of each of three calls, and what `load` takes by itself.
    check(&profiler, &[("load", 6, 6), ("main", 3, 0), ("query", 3, 3 * 62)]);
    let tree = profiler.report();
    let load = tree.call_tree().find(&["main", "query", "load"]).unwrap();
    assert_eq!(load.call_count(), 6, "under the caller of what was left out");
}

#[test]
fn only_what_a_rule_names_is_recorded() {
    let (clock, profiler) = filtered("filter::db, -filter::db::ping, filter::Disk");
    profiler.measure("main", || db::query(&profiler, &clock));
    check(&profiler, &[("load", 2, 2), ("query", 1, 62)]);
    let (clock, profiler) = filtered("db,-db::ping");
    profiler.measure("main", || db::query(&profiler, &clock));
    check(&profiler, &[("dynamic", 1, 4), ("literal", 1, 3)]);
}

#[test]
fn futures_are_left_out_as_calls_are() {
    let (clock, profiler) = filtered("-filter::db::fetch");
    output(db::fetch(&profiler, &clock));
    check(&profiler, &[("inner", 1, 2_000)]);
    let (clock, profiler) = filtered("-db::inner");
    output(db::fetch(&profiler, &clock));
    check(&profiler, &[("fetch", 1, 2_100)]);
    let report = profiler.report();
    let fetch = report.function("fetch").unwrap();
    assert_eq!((fetch.polls, fetch.cancelled), (2, 0));

    let (clock, profiler) = filtered("-filter,-db");
    {
        let mut dropped = pin!(db::fetch(&profiler, &clock));
        let context = &mut Context::from_waker(Waker::noop());
        assert!(dropped.as_mut().poll(context).is_pending());
    }
    check(&profiler, &[]);
}

#[test]
fn one_place_may_be_left_out_by_one_profiler_and_recorded_by_another() {
    let (clock, without) = filtered("-filter::db::query");
    let all = Profiler::builder().clock(clock.clone()).build();
    let (_, other) = filtered("filter::db::query");
    for _ in 0..10 {
        db::query(&without, &clock);
        db::query(&all, &clock);
        db::query(&other, &clock);
    }
    let count = |profiler: &Profiler, name| {
        profiler.function_stats(name).map_or(0, |function| function.call_count)
    };
    assert_eq!((count(&without, "query"), count(&without, "ping")), (0, 20));
    assert_eq!((count(&all, "query"), count(&all, "ping")), (10, 20));
    assert_eq!((count(&other, "query"), count(&other, "ping")), (10, 0));
}

#[test]
fn switching_off_and_on_and_changing_the_filter_count_exactly() {
    static PROFILER: Profiler = Profiler::new();

    #[profile(profiler = PROFILER, name = "x::f")]
    fn f() {}
    #[profile(profiler = PROFILER, name = "x::g")]
    fn g() {}
    let count = |name| PROFILER.function_stats(name).map_or(0, |function| function.call_count);
    let calls = || {
        for _ in 0..3 {
            f();
            g();
        }
    };

    for rules in [Some("-x::f"), None, Some("x::f"), Some("-x::f")] {
        PROFILER.set_filter(rules.map(|rules| rules.parse().unwrap()));
        let expected = match rules {
            Some("-x::f") => (0, 3),
            Some(_) => (3, 0),
            None => (3, 3),
        };
        calls();
        PROFILER.disable();
        calls();
        PROFILER.enable();
        assert_eq!((count("f"), count("g")), expected, "{rules:?}");
        calls();
        assert_eq!((count("f"), count("g")), (2 * expected.0, 2 * expected.1), "{rules:?}");
    }
}

#[test]
fn a_filter_changed_while_others_call_leaves_no_call_of_the_wrong_kind() {
    static PROFILER: Profiler = Profiler::new();
    static STOP: AtomicBool = AtomicBool::new(false);

    #[profile(profiler = PROFILER, name = "x::f")]
    fn f() {}
    #[profile(profiler = PROFILER, name = "x::g")]
    fn g() {}

    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !STOP.load(Ordering::Relaxed) {
                    f();
                    g();
                }
            });
        }
        let filters: [Filter; 2] = ["-x::f", "-x::g"].map(|rules| rules.parse().unwrap());
        for round in 0..400 {
            let left_out = round % 2;
            PROFILER.set_filter(Some(filters[left_out].clone()));
            let report = PROFILER.report();
            let name = ["x::f", "x::g"][left_out];
            assert!(report.function(name).is_none(), "round {round}: {report}");
        }
        STOP.store(true, Ordering::Relaxed);
    });
}
