//! Verdicts on simulated runs, and on such as can be worked out by hand.

use super::simulate::{Noise, Random, run};
use super::*;
use crate::report::sample::Sample;

const QUIET: Noise =
    Noise { run: 0.0, layout: 0.0, interrupted: 0.0, second_mode: 0.0, wandering: 0.0 };
const DRIFT: Noise = Noise { run: 0.1, ..QUIET };
const TAILS: Noise = Noise { run: 0.03, interrupted: 0.05, ..QUIET };
const MODES: Noise = Noise { run: 0.03, second_mode: 0.3, ..QUIET };
const WANDERING: Noise = Noise { run: 0.03, wandering: 0.1, ..QUIET };
const LAYOUT: Noise = Noise { run: 0.1, layout: 0.04, interrupted: 0.05, ..QUIET };
const ALL: Noise =
    Noise { run: 0.1, layout: 0.03, interrupted: 0.05, second_mode: 0.2, wandering: 0.1 };

/// Runs to draw from.
const POOL: usize = 60;
/// Comparisons of runs drawn from them.
const PAIRS: usize = 200;

fn pool(noise: Noise, seed: u64, slower: impl Fn(&str) -> f64) -> Vec<Report> {
    let mut random = Random::new(seed);
    (0..POOL).map(|_| run(noise, &slower, &mut random)).collect()
}

fn slower(comparison: &Comparison) -> Vec<&str> {
    let functions = comparison.functions().iter();
    let slower = functions.filter(|function| function.verdict == Verdict::Slower);
    slower.map(|function| function.name.as_str()).collect()
}

#[test]
fn runs_of_the_same_program_are_not_told_slower() {
    for (index, noise) in [DRIFT, TAILS, MODES, WANDERING, LAYOUT, ALL].into_iter().enumerate() {
        let runs = pool(noise, index as u64, |_| 1.0);
        for side in [1, 2, 5, 10] {
            let mut random = Random::new(99);
            let wrong = (0..PAIRS).filter(|_| {
                let drawn = random.draw(&runs, 2 * side);
                let (base, new) = drawn.split_at(side);
                !slower(&Comparison::of(base.to_vec(), new.to_vec())).is_empty()
            });
            let wrong = wrong.count();
            assert!(wrong * 20 <= PAIRS, "{noise:?}, {side} a side: {wrong} of {PAIRS}");
        }
    }
}

#[test]
fn a_function_five_percent_slower_is_told_and_no_other() {
    for (index, noise) in [QUIET, DRIFT, TAILS, MODES, WANDERING].into_iter().enumerate() {
        let runs = pool(noise, 10 + index as u64, |_| 1.0);
        let is_hash = |name: &str| if name == "app::hash" { 1.05 } else { 1.0 };
        let changed = pool(noise, 20 + index as u64, is_hash);
        let mut random = Random::new(7);
        let right = (0..PAIRS).filter(|_| {
            let (base, new) = (random.draw(&runs, 10), random.draw(&changed, 10));
            slower(&Comparison::of(base, new)) == ["app::hash"]
        });
        let right = right.count();
        assert!(right * 20 >= PAIRS * 19, "{noise:?}: {right} of {PAIRS}");
    }
}

#[test]
fn a_whole_program_that_is_slower_is_told_in_every_function() {
    let noise = Noise { run: 0.02, ..QUIET };
    let (base, new) = (pool(noise, 1, |_| 1.0), pool(noise, 2, |_| 1.15));
    let comparison = Comparison::of(&base[..10], &new[..10]);
    assert!(!comparison.is_machine_removed() && comparison.machine().is_more());
    let own =
        ["app::parse", "app::query", "app::sort", "app::hash", "app::render", "app::compress"];
    for name in own {
        assert_eq!(comparison.function(name).unwrap().verdict, Verdict::Slower, "{name}");
    }
}

#[test]
fn most_functions_faster_do_not_make_the_others_slower() {
    let noise = Noise { run: 0.1, ..QUIET };
    let others = ["app::sort", "app::hash"];
    let faster = |name: &str| if others.contains(&name) { 1.0 } else { 0.93 };
    let (base, new) = (pool(noise, 3, |_| 1.0), pool(noise, 4, faster));
    let mut random = Random::new(5);
    let wrong = (0..PAIRS).filter(|_| {
        let (base, new) = (random.draw(&base, 10), random.draw(&new, 10));
        !slower(&Comparison::of(base, new)).is_empty()
    });
    let wrong = wrong.count();
    assert!(wrong * 20 <= PAIRS, "{wrong} of {PAIRS}");
}

/// A run of `calls` calls of each of these functions, 1,000 times a second each.
fn steady(functions: &[(&str, usize, u64)]) -> Report {
    let mut sample = Sample::new(0);
    for &(name, calls, nanos) in functions {
        for index in 0..calls {
            sample.call(1, &[name], index as u64 * 1_000_000, nanos);
        }
    }
    sample.report()
}

#[test]
fn a_function_called_twice_as_often_is_slower_in_a_run_but_not_per_call() {
    let runs = |calls: usize| {
        [0, 1, 2, 3, 4].map(|index| steady(&[("f", calls, 100), ("g", 50, 900 + index % 2)]))
    };
    let comparison = Comparison::of(runs(20), runs(40));
    let f = comparison.function("f").unwrap();
    assert_eq!(f.verdict, Verdict::Slower);
    assert_eq!((f.count.base, f.count.new, f.count.low, f.count.high), (20.0, 40.0, 2.0, 2.0));
    assert!((f.time.ratio - 2.0).abs() < 1e-9 && f.per_call.is_within(1e-9));
    assert_eq!(comparison.function("g").unwrap().verdict, Verdict::Same);
    assert_eq!(comparison.regressions(0.5).len(), 1);
    assert!(comparison.regressions(1.5).is_empty(), "twice is one more");
}

#[test]
fn one_run_a_side_tells_large_changes_only() {
    let base = steady(&[("a", 200, 1000), ("b", 200, 1000), ("c", 200, 1000), ("d", 200, 1000)]);
    let new = steady(&[("a", 200, 1200), ("b", 200, 2000), ("c", 200, 400), ("d", 200, 1000)]);
    let comparison = Comparison::of([&base], [&new]);
    let verdict = |name: &str| comparison.function(name).unwrap().verdict;
    assert_eq!(
        ["a", "b", "c", "d"].map(verdict),
        [Verdict::CannotTell, Verdict::Slower, Verdict::Faster, Verdict::CannotTell,]
    );
    assert!(!comparison.is_machine_removed());
    let twice = Comparison::of([&base], [&steady(&[("a", 400, 1000)])]);
    assert_eq!(twice.function("a").unwrap().count.high, f64::INFINITY, "it may have been chance");
}

/// Six runs a side with something of everything, for views.
pub(crate) fn shown() -> Comparison {
    let noise = Noise { run: 0.05, interrupted: 0.02, ..QUIET };
    let slower = |name: &str| match name {
        "app::hash" => 1.08,
        "app::compress" => 0.5,
        _ => 1.0,
    };
    let (base, mut new) = (pool(noise, 30, |_| 1.0), pool(noise, 31, slower));
    for report in &mut new[..6] {
        let mut snapshot = report.to_snapshot();
        snapshot.functions.push(perprovis_core::snapshot::Function {
            name: "app::fresh".into(),
            ..snapshot.functions[3].clone()
        });
        let moved = snapshot.functions.iter_mut().find(|function| &*function.name == "app::sort");
        moved.unwrap().name = "app::lists::sort".into();
        *report = Report::from_snapshot(snapshot);
    }
    Comparison::of(&base[..6], &new[..6])
}

#[test]
fn functions_come_go_and_move() {
    let old = [steady(&[("m::kept", 5, 90), ("m::gone", 5, 90), ("m::a::moved", 5, 90)])];
    let new = [steady(&[("m::kept", 5, 90), ("m::fresh", 5, 90), ("m::b::moved", 5, 90)])];
    let comparison = Comparison::of(&old, &new);
    let verdict = |name: &str| comparison.function(name).map(|function| function.verdict);
    assert_eq!(verdict("gone"), Some(Verdict::Gone));
    assert_eq!(verdict("fresh"), Some(Verdict::New));
    assert_eq!(comparison.functions().len(), 4);
    let moved = comparison.function("m::b::moved").unwrap();
    assert_eq!(moved.moved_from.as_deref(), Some("m::a::moved"));
    assert_eq!(moved.count.ratio, 1.0);
    // One function on the one side, two on the other: nothing says which.
    let two = [steady(&[("m::b::moved", 5, 90), ("m::c::moved", 5, 90)])];
    let comparison = Comparison::of(&old, &two);
    assert!(comparison.functions().iter().all(|function| function.moved_from.is_none()));
}

#[test]
fn small_functions_are_not_judged() {
    let runs = |nanos: u64| [0, 1, 2].map(|_| steady(&[("f", 100, 10_000), ("g", 10, nanos)]));
    let comparison = Comparison::of(runs(100), runs(900));
    assert_eq!(comparison.function("g").unwrap().verdict, Verdict::Small);
    let comparison = Comparison::of(runs(100), runs(2_000));
    assert_eq!(comparison.function("g").unwrap().verdict, Verdict::Slower, "it is no longer small");
}

/// A tenth of the calls of a function became slow.
pub(crate) fn tail() -> Comparison {
    let runs = |slow: usize| {
        [0, 1, 2, 3].map(|index| steady(&[("f", 100 - slow, 1_000), ("f", slow, 50_000 + index)]))
    };
    Comparison::of(runs(0), runs(10))
}

#[test]
fn slow_calls_beside_the_typical_ones_are_never_the_same() {
    let f = tail();
    assert_eq!(f.function("f").unwrap().verdict, Verdict::CannotTell);
    assert!(f.function("f").unwrap().self_time.is_more());
}

#[test]
fn nothing_and_extremes_compare() {
    let none: [Report; 0] = [];
    let some = [crate::report::sample::service(), crate::report::sample::extreme()];
    let all: [(&[Report], &[Report]); 4] =
        [(&none, &none), (&none, &some), (&some, &none), (&some, &some)];
    for (base, new) in all {
        let comparison = Comparison::of(base, new);
        assert!(comparison.regressions(0.0).is_empty());
        for function in comparison.functions() {
            let Change { ratio, low, high, .. } = function.time;
            assert!(!ratio.is_nan() && low >= 0.0 && high >= low, "{function:?}");
        }
    }
    let comparison = Comparison::of(&some, &some);
    let fetch = comparison.function("fetch").unwrap();
    assert!(fetch.busy_time.is_some() && comparison.function("parse::<toml::Value>").is_some());
}

#[test]
fn async_functions_are_judged_by_their_busy_time() {
    let run = |busy: u64, idle: u64| {
        let mut sample = Sample::new(0);
        for index in 0..50 {
            let statistics = sample.call(1, &["wait"], index * 1_000_000, busy + idle);
            statistics.polls += 2;
            statistics.busy += perprovis_core::units::Ticks(busy);
            statistics.idle += perprovis_core::units::Ticks(idle);
        }
        let mut snapshot = sample.finish();
        snapshot.functions[0].statistics.self_time = perprovis_core::units::Ticks(busy * 50);
        Report::from_snapshot(snapshot)
    };
    let runs = |busy: u64, idle: u64| [0, 1, 2, 3].map(|index| run(busy, idle + 1_000 * index));
    let comparison = Comparison::of(runs(5_000, 100_000), runs(5_000, 150_000));
    let wait = comparison.function("wait").unwrap();
    assert!(wait.total_time.is_more() && wait.busy_time.unwrap().is_within(1e-9));
    assert_ne!(wait.verdict, Verdict::Slower, "{wait:?}");
    let comparison = Comparison::of(runs(5_000, 100_000), runs(10_000, 100_000));
    assert_eq!(comparison.function("wait").unwrap().verdict, Verdict::Slower);
}
