//! Every number that a report gives, exactly, on a clock driven by hand.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use perprovis::{CallNode, CallTree, ManualClock, Profiler, Report, Value, profile, profile_block};
use perprovis_tests::{Random, manual, ns, on_manual_clock, stats};

/// Total time, self time, calls of the node on this path.
#[track_caller]
fn node(tree: &CallTree, path: &[&str]) -> (u64, u64, u64) {
    let Some(node) = tree.find(path) else { panic!("no {path:?} in\n{tree}") };
    let nanos = |time: std::time::Duration| time.as_nanos() as u64;
    (nanos(node.total_time()), nanos(node.self_time()), node.call_count())
}

/// A tree adds up: each node is its self time and its children, the roots are the whole.
#[track_caller]
fn assert_adds_up(report: &Report) {
    let tree = report.call_tree();
    let below = |node: CallNode<'_>| node.children().map(|child| child.total_time()).sum();
    for node in tree.iter() {
        let below: std::time::Duration = below(node);
        assert_eq!(node.total_time(), node.self_time() + below, "{}\n{tree}", node.name());
    }
    let roots: std::time::Duration = tree.roots().map(CallNode::total_time).sum();
    assert_eq!(roots, tree.total_time());
    assert_eq!(roots, report.summary().total_time);
}

/// Runs `work`, which panics, without a message.
fn panics(work: impl FnOnce()) {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let result = catch_unwind(AssertUnwindSafe(work));
    std::panic::set_hook(hook);
    assert!(result.is_err());
}

#[test]
fn counts_total_self_min_max_and_mean() {
    let (clock, profiler) = manual();
    for inner in [10, 30] {
        profiler.measure("outer", || {
            clock.advance_nanos(5);
            profiler.measure("inner", || clock.advance_nanos(inner));
            clock.advance_nanos(1);
            profiler.measure("inner", || clock.advance_nanos(inner + 1));
        });
    }
    let outer = stats(&profiler, "outer");
    assert_eq!((outer.call_count, outer.panicked), (2, 0));
    assert_eq!(outer.total_time, ns(27 + 67));
    assert_eq!(outer.self_time, ns(12));
    assert_eq!((outer.min_time, outer.max_time, outer.avg_time()), (ns(27), ns(67), ns(47)));
    let inner = stats(&profiler, "inner");
    assert_eq!(inner.call_count, 4);
    assert_eq!((inner.total_time, inner.self_time), (ns(82), ns(82)));
    assert_eq!((inner.min_time, inner.max_time), (ns(10), ns(31)));
    assert_eq!(inner.avg_nanos(), 20.5);
    assert_eq!(
        (inner.busy_time, inner.idle_time, inner.polls, inner.cancelled),
        (ns(0), ns(0), 0, 0)
    );
    assert_eq!(inner.share(), 82.0 / 94.0);
    let report = profiler.report();
    assert_eq!(node(report.call_tree(), &["outer"]), (94, 12, 2));
    assert_eq!(node(report.call_tree(), &["outer", "inner"]), (82, 82, 4));
    assert_eq!(report.threads().len(), 1);
    assert_eq!(report.threads()[0].total_time, ns(94));
    assert_eq!(report.clock().run_time, ns(94));
    assert_adds_up(&report);
}

#[test]
fn a_call_of_no_time_counts() {
    let (_clock, profiler) = manual();
    profiler.measure("instant", || ());
    let stats = stats(&profiler, "instant");
    assert_eq!((stats.call_count, stats.total_time, stats.max_time), (1, ns(0), ns(0)));
    assert_eq!(stats.percentile(50.0), ns(0));
    assert_eq!(stats.share(), 0.0);
}

#[test]
fn the_standard_deviation_is_exact_even_where_it_is_a_billionth_of_the_mean() {
    let (clock, profiler) = manual();
    for call in 0..1000 {
        profiler.measure("steady", || clock.advance_nanos(1_000_000_000 - 1 + 2 * (call % 2)));
    }
    let steady = stats(&profiler, "steady");
    assert_eq!(steady.avg_nanos(), 1e9);
    assert!((steady.std_dev_nanos() - 1.0).abs() <= 1e-9, "{}", steady.std_dev_nanos());
}

#[test]
fn the_standard_deviation_equals_that_of_the_list() {
    let (clock, profiler) = manual();
    let mut random = Random(1);
    let durations: Vec<u64> = (0..5000).map(|_| random.draw() >> random.below(40) >> 24).collect();
    for &duration in &durations {
        profiler.measure("wild", || clock.advance_nanos(duration));
    }
    let count = durations.len() as u128;
    let sum: u128 = durations.iter().map(|&duration| u128::from(duration)).sum();
    let squares: u128 = durations.iter().map(|&duration| u128::from(duration).pow(2)).sum();
    let exact = ((count * squares - sum * sum) as f64).sqrt() / count as f64;
    let found = stats(&profiler, "wild").std_dev_nanos();
    assert!((found / exact - 1.0).abs() <= 1e-9, "{found}, not {exact}");
}

#[test]
fn percentiles_are_at_most_one_percent_off_the_sorted_list() {
    let (clock, profiler) = manual();
    let mut random = Random(2);
    // Of all magnitudes, from nanoseconds to hours.
    let mut durations: Vec<u64> =
        (0..20_000).map(|_| random.draw() >> (20 + random.below(44))).collect();
    for &duration in &durations {
        profiler.measure("any", || clock.advance_nanos(duration));
    }
    durations.sort_unstable();
    let stats = stats(&profiler, "any");
    let mut last = 0.0;
    for step in 0..=1000 {
        let p = step as f64 / 10.0;
        let rank = (step * durations.len()).div_ceil(1000).max(1); // exact, as no binary fraction is
        let exact = durations[rank - 1] as f64;
        let found = stats.percentile_nanos(p);
        assert!((found - exact).abs() <= exact * 0.01, "p{p}: {found}, not {exact}");
        assert!(found >= last, "p{p} falls");
        assert!(stats.min_time <= stats.percentile(p) && stats.percentile(p) <= stats.max_time);
        last = found;
    }
    assert_eq!(stats.percentile(0.0), stats.min_time);
    assert_eq!(stats.percentile(100.0), stats.max_time);
    assert_eq!(stats.max_time, ns(durations[19_999]));
    assert_eq!(stats.median_time(), stats.percentile(50.0));
}

#[test]
fn a_percentile_outside_of_0_to_100_panics() {
    let (_clock, profiler) = manual();
    profiler.measure("x", || ());
    let stats = stats(&profiler, "x");
    for p in [-0.001, 100.001, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        panics(|| assert!(stats.percentile(p) > ns(0)));
        panics(|| assert!(stats.percentile_nanos(p) > 0.0));
    }
    assert_eq!(stats.percentile(-0.0), ns(0));
}

#[test]
fn direct_recursion_counts_total_time_once() {
    static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
    static PROFILER: LazyLock<Profiler> =
        LazyLock::new(|| Profiler::builder().clock(CLOCK.clone()).build());

    #[profile(profiler = PROFILER)]
    fn fall(depth: u32) {
        CLOCK.advance_nanos(1);
        if depth > 1 {
            fall(depth - 1);
        }
        CLOCK.advance_nanos(1);
    }

    fall(5);
    let report = PROFILER.report();
    let fall = report.function("fall").unwrap();
    assert_eq!(fall.call_count, 5);
    assert_eq!((fall.total_time, fall.self_time), (ns(10), ns(10)));
    assert_eq!((fall.min_time, fall.max_time), (ns(2), ns(10)), "over every single call");
    assert_eq!(fall.avg_time(), ns(6));
    assert_eq!(fall.share(), 1.0);
    let name = "numbers::direct_recursion_counts_total_time_once::fall";
    assert_eq!(node(report.call_tree(), &[name; 5]), (2, 2, 1));
    assert_eq!(node(report.call_tree(), &[name; 1]), (10, 2, 1));
    assert_adds_up(&report);
}

#[test]
fn mutual_recursion_counts_total_time_once() {
    static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
    static PROFILER: LazyLock<Profiler> =
        LazyLock::new(|| Profiler::builder().clock(CLOCK.clone()).build());

    #[profile(profiler = PROFILER)]
    fn even(n: u32) -> bool {
        CLOCK.advance_nanos(1);
        n == 0 || odd(n - 1)
    }

    #[profile(profiler = PROFILER)]
    fn odd(n: u32) -> bool {
        CLOCK.advance_nanos(10);
        n != 0 && even(n - 1)
    }

    assert!(even(6));
    let report = PROFILER.report();
    let (even, odd) = (report.function("even").unwrap(), report.function("odd").unwrap());
    assert_eq!((even.call_count, odd.call_count), (4, 3));
    assert_eq!((even.total_time, even.self_time), (ns(34), ns(4)));
    assert_eq!((odd.total_time, odd.self_time), (ns(33), ns(30)));
    assert_eq!(even.share(), 1.0);
    assert_adds_up(&report);
}

#[test]
fn a_call_that_unwinds_counts_and_is_counted_as_panicked() {
    let (clock, profiler) = manual();
    profiler.measure("catcher", || {
        clock.advance_nanos(1);
        panics(|| {
            profiler.measure("passed_through", || {
                clock.advance_nanos(1);
                profiler.measure("panicker", || {
                    clock.advance_nanos(3);
                    panic!();
                });
            });
        });
        clock.advance_nanos(1);
        profiler.measure("panicker", || clock.advance_nanos(5));
    });
    let counts = |name| {
        let stats = stats(&profiler, name);
        (stats.call_count, stats.panicked, stats.total_time.as_nanos())
    };
    assert_eq!(counts("panicker"), (2, 1, 8));
    assert_eq!(counts("passed_through"), (1, 1, 4));
    assert_eq!(counts("catcher"), (1, 0, 11));
    let panicked: Vec<bool> = profiler.all_calls().iter().map(|call| call.panicked).collect();
    assert_eq!(panicked, [false, true, true, false], "by start");
    assert_adds_up(&profiler.report());
}

#[test]
fn a_call_made_by_a_destructor_while_unwinding_did_not_panic() {
    static PROFILER: Profiler = Profiler::new();

    struct Guard;

    impl Drop for Guard {
        #[profile(profiler = PROFILER, name = "drop")]
        fn drop(&mut self) {
            PROFILER.measure("in_drop", || ());
        }
    }

    panics(|| {
        let _guard = Guard;
        PROFILER.measure("panicker", || panic!());
    });
    drop(Guard);
    let counts = |name| {
        let stats = stats(&PROFILER, name);
        (stats.call_count, stats.panicked)
    };
    assert_eq!(counts("panicker"), (1, 1));
    assert_eq!(counts("drop"), (2, 0));
    assert_eq!(counts("in_drop"), (2, 0));
}

#[test]
fn beyond_the_depth_limit_a_call_that_unwinds_is_counted_as_panicked_though_a_destructor_calls_it()
{
    let (_clock, builder) = on_manual_clock();
    let profiler = builder.depth(1).build();

    struct Guard<'p>(&'p Profiler);

    impl Drop for Guard<'_> {
        fn drop(&mut self) {
            self.0.measure("work", || ());
        }
    }

    profiler.measure("outer", || {
        panics(|| {
            profiler.measure("work", || {
                let _guard = Guard(&profiler);
                panic!();
            });
        });
    });
    let work = stats(&profiler, "work");
    assert_eq!((work.call_count, work.panicked), (2, 1));
}

#[test]
fn self_times_of_any_program_add_up_to_its_total() {
    fn any(profiler: &Profiler, clock: &ManualClock, random: &mut Random, depth: u32) {
        const NAMES: [&str; 4] = ["a", "b", "c", "d"];
        profiler.measure(NAMES[random.below(4) as usize], || {
            clock.advance_nanos(random.below(100));
            while depth < 8 && random.below(3) > 0 {
                any(profiler, clock, random, depth + 1);
                clock.advance_nanos(random.below(10));
            }
        });
    }

    let (clock, profiler) = manual();
    let mut random = Random(4);
    for _ in 0..20 {
        any(&profiler, &clock, &mut random, 0);
    }
    let report = profiler.report();
    let selves: u64 =
        report.functions().iter().map(|stats| stats.self_time.as_nanos() as u64).sum();
    assert_eq!(selves, clock.nanos());
    assert_eq!(report.summary().total_time, ns(clock.nanos()));
    assert_adds_up(&report);
    let calls: u64 = report.functions().iter().map(|stats| stats.call_count).sum();
    assert!(calls > 100, "{calls}");
    assert_eq!(report.call_tree().iter().map(CallNode::call_count).sum::<u64>(), calls);
    assert_eq!(report.calls().len() as u64, calls);
    for function in report.functions() {
        assert!(function.self_time <= function.total_time);
        assert!(function.share() <= 1.0);
        let logged = report.calls().iter().filter(|call| *call.name == *function.name);
        assert_eq!(logged.map(|call| call.duration).max(), Some(function.max_time));
    }
}

#[test]
fn clear_in_mid_call_forgets_the_call_and_keeps_those_begun_after() {
    let (clock, profiler) = manual();
    profiler.measure("before", || clock.advance_nanos(1));
    profiler.measure("outer", || {
        clock.advance_nanos(2);
        profiler.measure("inner", || {
            clock.advance_nanos(4);
            profiler.clear();
            assert!(profiler.report().is_empty());
            clock.advance_nanos(8);
            profiler.measure("after", || clock.advance_nanos(16));
            assert_eq!(stats(&profiler, "after").call_count, 1, "while others are open");
        });
        profiler.measure("inner", || clock.advance_nanos(32));
    });
    profiler.measure("outer", || clock.advance_nanos(64));
    let report = profiler.report();
    let counts = |name| report.function(name).map(|stats| (stats.call_count, stats.total_time));
    assert_eq!(counts("before"), None);
    assert_eq!(counts("after"), Some((1, ns(16))));
    assert_eq!(counts("inner"), Some((1, ns(32))));
    assert_eq!(counts("outer"), Some((1, ns(64))));
    assert_eq!(report.call_tree().len(), 3);
    assert_eq!(report.call_tree().iter().map(CallNode::depth).max(), Some(0));
    assert!(report.open_scopes().is_empty());
    assert_eq!(report.calls().len(), 3);
    assert_eq!(report.calls()[0].start_time, ns(8), "counts from the clear");
    assert_eq!(report.dropped(), Default::default());
    assert_adds_up(&report);
}

#[test]
fn clear_keeps_the_switch_as_it_is() {
    let (_clock, profiler) = manual();
    profiler.disable();
    profiler.clear();
    assert!(!profiler.is_enabled());
    profiler.measure("unseen", || ());
    assert!(profiler.report().is_empty());
    profiler.enable();
    profiler.clear();
    assert!(profiler.is_enabled());
    profiler.measure("seen", || ());
    assert_eq!(profiler.report().functions().len(), 1);
}

#[test]
fn calls_open_at_disable_count_and_calls_open_at_enable_do_not() {
    let (clock, profiler) = manual();
    profiler.measure("enabled", || {
        clock.advance_nanos(1);
        profiler.disable();
        profiler.measure("disabled", || {
            clock.advance_nanos(2);
            profiler.enable();
            profiler.measure("again", || clock.advance_nanos(4));
        });
    });
    let report = profiler.report();
    let times = |name| report.function(name).map(|stats| (stats.total_time, stats.self_time));
    assert_eq!(times("enabled"), Some((ns(7), ns(3))));
    assert_eq!(times("disabled"), None);
    assert_eq!(times("again"), Some((ns(4), ns(4))));
    assert_eq!(node(report.call_tree(), &["enabled", "again"]), (4, 4, 1));
    assert_eq!(report.dropped(), Default::default());
}

#[test]
fn open_scopes_are_told_with_their_path_and_time_so_far() {
    let (clock, profiler) = manual();
    let main = profiler.block("main");
    clock.advance_nanos(10);
    profiler.measure("done", || clock.advance_nanos(5));
    let step = profiler.block("step");
    clock.advance_nanos(20);

    let report = profiler.report();
    let open: Vec<_> = report
        .open_scopes()
        .iter()
        .map(|scope| (scope.call_stack.join("/"), scope.since, scope.elapsed, scope.thread_id))
        .collect();
    let thread = report.threads()[0].id;
    let expected =
        [("main".into(), ns(0), ns(35), thread), ("main/step".into(), ns(15), ns(20), thread)];
    assert_eq!(open, expected);
    assert_eq!(report.open_scopes()[1].name.as_ref(), "step");
    let tree = report.call_tree();
    assert_eq!(node(tree, &["main"]), (35, 10, 0));
    assert_eq!(node(tree, &["main", "step"]), (20, 20, 0));
    assert!(tree.find(&["main"]).unwrap().is_open());
    assert!(!tree.find(&["main", "done"]).unwrap().is_open());
    assert_eq!(report.summary().total_time, ns(35));
    assert_eq!(report.threads()[0].total_time, ns(35));
    let main_stats = report.function("main").unwrap();
    assert_eq!((main_stats.call_count, main_stats.total_time), (0, ns(0)), "in no statistics");
    assert_eq!(main_stats.share(), 1.0);
    assert!(report.to_string().contains("main"));
    assert_adds_up(&report);

    drop((step, main));
    let report = profiler.report();
    assert!(report.open_scopes().is_empty());
    assert_eq!(node(report.call_tree(), &["main"]), (35, 10, 1));
    assert_adds_up(&report);
}

#[test]
fn two_profilers_interleaved_keep_their_own_stacks() {
    let (clock, first) = manual();
    let second = Profiler::builder().clock(clock.clone()).build();
    for _ in 0..3 {
        first.measure("a", || {
            clock.advance_nanos(1);
            second.measure("x", || {
                clock.advance_nanos(2);
                first.measure("b", || {
                    clock.advance_nanos(4);
                    second.measure("y", || clock.advance_nanos(8));
                });
            });
        });
    }
    let (one, two) = (first.report(), second.report());
    assert_eq!(node(one.call_tree(), &["a"]), (45, 9, 3));
    assert_eq!(node(one.call_tree(), &["a", "b"]), (36, 36, 3));
    assert_eq!(node(two.call_tree(), &["x"]), (42, 18, 3));
    assert_eq!(node(two.call_tree(), &["x", "y"]), (24, 24, 3));
    assert_eq!((one.functions().len(), two.functions().len()), (2, 2));
    first.clear();
    assert!(first.report().is_empty());
    assert_eq!(second.report().functions(), two.functions());
}

#[test]
fn guards_of_two_profilers_are_dropped_in_any_order() {
    let (clock, first) = manual();
    let second = Profiler::builder().clock(clock.clone()).build();
    let a = first.block("a");
    let x = second.block("x");
    clock.advance_nanos(1);
    drop(a);
    clock.advance_nanos(2);
    let b = first.block("b");
    drop(x);
    clock.advance_nanos(4);
    drop(b);
    assert_eq!(stats(&first, "a").total_time, ns(1));
    assert_eq!(stats(&first, "b").total_time, ns(4));
    assert_eq!(stats(&second, "x").total_time, ns(3));
    assert_eq!(first.report().call_tree().roots().count(), 2);
}

#[test]
fn a_profiler_dropped_in_mid_call_takes_nothing_with_it() {
    let (clock, profiler) = manual();
    let other = Profiler::builder().clock(clock.clone()).build();
    let scope = profiler.block("orphan");
    drop(profiler);
    other.measure("after", || clock.advance_nanos(1));
    drop(scope);
    other.measure("after", || clock.advance_nanos(2));
    let after = stats(&other, "after");
    assert_eq!((after.call_count, after.total_time), (2, ns(3)));
}

#[test]
fn one_name_at_two_places_is_one_function() {
    let (clock, profiler) = manual();
    {
        let _scope = profile_block!(profiler = profiler, "load");
        clock.advance_nanos(1);
    }
    {
        let _scope = profile_block!(profiler = profiler, "load");
        clock.advance_nanos(2);
        // Also a call of the other place inside this one is recursion.
        profile_block!(profiler = profiler, "load", { clock.advance_nanos(4) });
    }
    profiler.measure("load", || clock.advance_nanos(8));
    let report = profiler.report();
    assert_eq!(report.functions().len(), 1);
    let load = report.function("load").unwrap();
    assert_eq!((load.call_count, load.total_time, load.self_time), (4, ns(15), ns(15)));
    assert_eq!(report.call_tree().len(), 2, "one node per path, however many places\n{report}");
    assert_eq!(node(report.call_tree(), &["load"]), (15, 11, 3));
    assert_eq!(node(report.call_tree(), &["load", "load"]), (4, 4, 1));
}

#[test]
fn names_past_the_limit_are_counted_as_other() {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.names(3).build();
    for round in 0..2 {
        for name in 0..10 {
            profiler.measure(&format!("name {name}"), || clock.advance_nanos(1 + round));
        }
    }
    let report = profiler.report();
    assert_eq!(report.functions().len(), 4);
    let other = report.function("[other]").unwrap();
    assert_eq!((other.call_count, other.total_time), (14, ns(7 + 14)));
    assert_eq!(report.dropped().unnamed_calls, 14);
    assert_eq!(report.dropped().log_calls, 0);
    assert_eq!(report.function("name 2").unwrap().call_count, 2);
    assert_eq!(report.summary().total_calls, 20);
    assert!(report.to_string().contains("14 calls had names beyond the limit"), "{report}");
    assert_adds_up(&report);
}

#[test]
fn calls_below_the_depth_limit_are_exact_in_all_but_the_tree() {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.depth(2).build();
    profiler.measure("a", || {
        profiler.measure("b", || {
            clock.advance_nanos(1);
            profiler.measure("c", || {
                clock.advance_nanos(2);
                profiler.measure("d", || clock.advance_nanos(4));
                profiler.measure("c", || clock.advance_nanos(8));
                profiler.measure("a", || clock.advance_nanos(16));
            });
            clock.advance_nanos(32);
        });
    });
    let report = profiler.report();
    let times = |name| {
        let stats = report.function(name).unwrap();
        (stats.call_count, stats.total_time.as_nanos(), stats.self_time.as_nanos())
    };
    assert_eq!(times("a"), (2, 63, 16), "the inner one is in the outer one");
    assert_eq!(times("b"), (1, 63, 33));
    assert_eq!(times("c"), (2, 30, 10));
    assert_eq!(times("d"), (1, 4, 4));
    assert_eq!(report.dropped().truncated_calls, 4);
    assert_eq!(node(report.call_tree(), &["a", "b"]), (63, 33, 1));
    assert_eq!(node(report.call_tree(), &["a", "b", "[truncated]"]), (30, 30, 4));
    assert_eq!(report.call_tree().len(), 3);
    assert_adds_up(&report);
    let stacks: Vec<String> = report.calls().iter().map(|call| call.call_stack.join("/")).collect();
    assert!(
        stacks.contains(&"a/b".into()) && stacks.contains(&"[truncated]/d".into()),
        "{stacks:?}"
    );
    assert!(report.to_string().contains("[truncated]"), "{report}");
}

#[test]
fn calls_on_paths_past_the_limit_are_exact_in_all_but_the_tree() {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.call_paths(3).build();
    for _ in 0..2 {
        profiler.measure("a", || {
            for name in ["b", "c", "d", "e"] {
                profiler.measure(name, || clock.advance_nanos(1));
            }
        });
    }
    let report = profiler.report();
    assert_eq!(report.dropped().truncated_calls, 4);
    assert_eq!(node(report.call_tree(), &["a"]), (8, 0, 2));
    assert_eq!(node(report.call_tree(), &["a", "b"]), (2, 2, 2));
    assert_eq!(node(report.call_tree(), &["a", "[truncated]"]), (4, 4, 4));
    assert_eq!(report.function("e").unwrap().total_time, ns(2));
    assert_adds_up(&report);
}

#[test]
fn calls_that_nothing_called_have_their_path_whatever_the_limit() {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.call_paths(2).build();
    for name in ["a", "b", "c", "d"] {
        profiler.measure(name, || clock.advance_nanos(1));
    }
    let report = profiler.report();
    assert_eq!(report.function("d").map(|stats| stats.call_count), Some(1));
    assert_eq!(node(report.call_tree(), &["d"]), (1, 1, 1));
    assert_eq!(report.dropped().truncated_calls, 0);
    assert_eq!(report.summary().total_time, ns(4), "{report}");
    assert_adds_up(&report);
}

#[test]
fn the_log_keeps_the_latest_calls_and_counts_the_others() {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.calls_per_thread(100).build();
    for nanos in 0..250 {
        profiler.measure("call", || clock.advance_nanos(nanos));
    }
    let report = profiler.report();
    assert_eq!(report.dropped().log_calls, 150);
    let kept: Vec<u128> = report.calls().iter().map(|call| call.duration.as_nanos()).collect();
    assert_eq!(kept, (150..250).collect::<Vec<u128>>());
    let call = report.function("call").unwrap();
    assert_eq!(call.call_count, 250);
    assert_eq!(call.durations().len(), 100);
    assert_eq!((call.min_time, call.max_time), (ns(0), ns(249)));
    assert!(report.to_string().contains("holds 100 calls and dropped 150 calls"), "{report}");
}

#[test]
fn a_log_of_no_calls_drops_all_and_nothing_else() {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.calls_per_thread(0).slowest_per_function(0).build();
    for nanos in 0..10 {
        let _scope = profile_block!(profiler = profiler, "call", nanos);
        clock.advance_nanos(nanos);
    }
    let report = profiler.report();
    assert_eq!(report.dropped().log_calls, 10);
    assert!(report.calls().is_empty() && report.slowest_calls(5).is_empty());
    assert_eq!(stats(&profiler, "call").total_time, ns(45));
}

#[test]
fn the_slowest_calls_are_exact_whatever_the_log_dropped() {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.calls_per_thread(10).build();
    let mut random = Random(5);
    let mut durations: Vec<u64> = (0..3000).map(|_| random.below(1 << 40)).collect();
    for (number, &duration) in durations.iter().enumerate() {
        let name = ["even", "odd"][number % 2];
        let _scope = profile_block!(profiler = profiler, name, number);
        clock.advance_nanos(duration);
    }
    let slowest = profiler.slowest_calls(16);
    for call in &slowest {
        let Some(&Value::Int(number)) = call.metadata.get("number") else { panic!("{call:?}") };
        assert_eq!(call.duration, ns(durations[number as usize]), "metadata is of its own call");
        assert_eq!(&*call.name, ["even", "odd"][number as usize % 2]);
    }
    durations.sort_unstable_by(|left, right| right.cmp(left));
    let found: Vec<u64> = slowest.iter().map(|call| call.duration.as_nanos() as u64).collect();
    assert_eq!(found, durations[..16]);
}

#[test]
fn metadata_keeps_types_and_order() {
    #[derive(Debug)]
    struct Request {
        id: u8,
    }

    static PROFILER: Profiler = Profiler::new();

    #[profile(profiler = PROFILER, metadata(?request, id = request.id, text, %ratio, big = u64::MAX, on = !off))]
    fn handle(request: &Request, text: &str, ratio: f64, off: bool) {}

    handle(&Request { id: 7 }, "x y", 0.5, false);
    let calls = PROFILER.all_calls();
    let pairs: Vec<_> =
        calls[0].metadata.iter().map(|(key, value)| (&**key, value.clone())).collect();
    let expected = [
        ("request", Value::from("Request { id: 7 }")),
        ("id", Value::Int(7)),
        ("text", Value::from("x y")),
        ("ratio", Value::from("0.5")),
        ("big", Value::Uint(u64::MAX)),
        ("on", Value::Bool(true)),
    ];
    assert_eq!(pairs, expected);

    let mut scope = PROFILER.block("later").with("first", 1.5).with("second", "x");
    scope.set("third", -3);
    drop(scope);
    let later = PROFILER.all_calls().into_iter().find(|call| &*call.name == "later").unwrap();
    assert_eq!(later.metadata.to_string(), "first=1.5 second=x third=-3");
}

#[test]
fn metadata_is_not_evaluated_while_disabled() {
    let evaluated = RefCell::new(0);
    let count = || {
        *evaluated.borrow_mut() += 1;
        1
    };
    let (_clock, profiler) = manual();
    profiler.disable();
    drop(profile_block!(profiler = profiler, "off", value = count()));
    assert_eq!(*evaluated.borrow(), 0);
    profiler.enable();
    drop(profile_block!(profiler = profiler, "on", value = count()));
    assert_eq!(*evaluated.borrow(), 1);
}

mod garage {
    pub(crate) struct Engine<T>(pub(crate) T);

    impl<T> Engine<T> {
        #[perprovis::profile]
        pub(crate) fn turn(&self) {}
    }

    impl<T> super::Start for Engine<T> {
        #[perprovis::profile]
        fn start(&self) {}
    }

    #[perprovis::profile]
    pub(crate) fn start() {}
}

trait Start {
    fn start(&self);

    #[perprovis::profile]
    fn restart(&self) {
        self.start();
    }
}

#[test]
fn functions_are_found_by_any_unambiguous_suffix() {
    garage::Engine(1u8).turn();
    garage::Engine("x").turn();
    garage::Engine(1u8).restart();
    garage::start();
    let report = perprovis::global().report();
    let name = |wanted| report.function(wanted).map(|stats| stats.name.as_str());
    assert_eq!(name("garage::start"), Some("numbers::garage::start"));
    assert_eq!(name("numbers::garage::start"), Some("numbers::garage::start"));
    assert_eq!(name("start"), None, "there are two:\n{report}");
    assert_eq!(name("art"), None, "no part of a name");
    let turn = report.function("turn").unwrap();
    assert!(turn.name.contains("Engine"), "the type is in the name: {}", turn.name);
    assert_eq!(turn.call_count, 2, "of all types: {}", turn.name);
    let restart = report.function("restart").unwrap();
    assert_eq!(restart.call_count, 1);
    assert!(restart.name.contains("Start"), "the trait is in the name: {}", restart.name);
}

#[test]
fn names_of_methods_are_the_path_with_the_type() {
    let engine = garage::Engine(());
    engine.turn();
    Start::start(&engine);
    let report = perprovis::global().report();
    let names: Vec<&str> = report
        .functions()
        .iter()
        .map(|stats| stats.name.as_str())
        .filter(|name| name.contains("Engine"))
        .collect();
    assert!(names.contains(&"numbers::garage::Engine<_>::turn"), "{names:?}");
    let start = names.iter().find(|name| name.ends_with("::start")).unwrap();
    assert!(start.contains("numbers::garage::Engine<_>"), "also in the impl of a trait: {names:?}");
}

#[test]
fn a_clock_set_back_takes_no_time_and_breaks_nothing() {
    let (clock, profiler) = manual();
    clock.set(ns(1000));
    profiler.measure("outer", || {
        clock.advance_nanos(10);
        profiler.measure("inner", || clock.set(ns(500)));
        clock.advance_nanos(20);
        let report = profiler.report();
        assert_eq!(report.open_scopes().len(), 1);
        assert_eq!(report.open_scopes()[0].elapsed, ns(0));
        assert_adds_up(&report);
    });
    clock.set(ns(0));
    let report = profiler.report();
    let times = |name| report.function(name).map(|stats| (stats.call_count, stats.total_time));
    assert_eq!(times("inner"), Some((1, ns(0))));
    assert_eq!(times("outer"), Some((1, ns(0))));
    assert_eq!(report.clock().run_time, ns(0));
    assert_adds_up(&report);
    assert!(!report.to_string().is_empty() && !report.timeline_text(10).is_empty());
}

#[test]
fn guards_dropped_out_of_order_each_count_their_own_time() {
    let (clock, profiler) = manual();
    let outer = profiler.block("outer");
    clock.advance_nanos(10);
    let inner = profiler.block("inner");
    clock.advance_nanos(20);
    drop(outer);
    clock.advance_nanos(40);
    profiler.measure("next", || clock.advance_nanos(80));
    drop(inner);
    let report = profiler.report();
    let times = |name| {
        let stats = report.function(name).unwrap();
        (stats.call_count, stats.total_time, stats.self_time)
    };
    assert_eq!(times("outer"), (1, ns(30), ns(10)));
    assert_eq!(times("inner"), (1, ns(140), ns(20)), "in the tree only while its caller was open");
    assert_eq!(times("next"), (1, ns(80), ns(80)));
    assert_eq!(node(report.call_tree(), &["outer", "inner"]), (20, 20, 1));
    assert_eq!(node(report.call_tree(), &["next"]), (80, 80, 1), "{report}");
    assert!(report.open_scopes().is_empty());
    assert_eq!(report.dropped(), Default::default());
    assert_adds_up(&report);
}

#[test]
fn a_forgotten_guard_never_counts_and_harms_no_other() {
    let (clock, profiler) = manual();
    for _ in 0..3 {
        profiler.measure("outer", || {
            std::mem::forget(profiler.block("forgotten"));
            clock.advance_nanos(5);
        });
    }
    let report = profiler.report();
    let outer = report.function("outer").unwrap();
    assert_eq!((outer.call_count, outer.total_time), (3, ns(15)));
    assert_eq!(report.function("forgotten").unwrap().call_count, 0);
    assert!(report.open_scopes().is_empty(), "ended with the call around it");
    assert_adds_up(&report);
}

#[test]
fn ten_thousand_forgotten_guards_cost_no_more_than_a_full_tree() {
    let (clock, profiler) = manual();
    for _ in 0..10_000 {
        std::mem::forget(profiler.block("forgotten"));
    }
    profiler.measure("after", || clock.advance_nanos(3));
    let report = profiler.report();
    assert_eq!(stats(&profiler, "after").total_time, ns(3));
    assert!(report.call_tree().len() <= 514, "{}", report.call_tree().len());
    assert_eq!(report.open_scopes().len(), 512, "as deep as the tree");
    assert_adds_up(&report);
}

#[test]
fn a_scope_moved_into_a_struct_lasts_as_long_as_the_struct() {
    struct Job {
        _scope: perprovis::TaggedScope,
    }

    let (clock, profiler) = manual();
    let jobs: Vec<Job> = (0..3)
        .map(|id| {
            clock.advance_nanos(1);
            Job { _scope: profiler.block("job").with("id", id) }
        })
        .collect();
    clock.advance_nanos(10);
    drop(jobs); // the first one first
    let job = stats(&profiler, "job");
    assert_eq!(job.call_count, 3);
    assert_eq!((job.min_time, job.max_time), (ns(10), ns(12)));
    let mut calls = profiler.all_calls();
    calls.sort_by_key(|call| call.start_time);
    let found: Vec<_> =
        calls.iter().map(|call| (call.metadata.to_string(), call.duration)).collect();
    let expected = [("id=0".into(), ns(12)), ("id=1".into(), ns(11)), ("id=2".into(), ns(10))];
    assert_eq!(found, expected);
    assert_adds_up(&profiler.report());
}

#[test]
fn a_compensated_report_keeps_what_was_counted() {
    let profiler = Profiler::new();
    for _ in 0..100 {
        profiler.measure("outer", || profiler.measure("inner", || ()));
    }
    let report = profiler.report();
    assert!(report.overhead().inside_nanos > 0.0 && report.overhead().outside_nanos > 0.0);
    let compensated = report.compensated();
    assert_eq!(compensated.overhead(), Default::default());
    for function in report.functions() {
        let other = compensated.function(&function.name).unwrap();
        assert_eq!(other.call_count, function.call_count);
        assert!(other.total_time <= function.total_time);
        assert!(other.self_time <= other.total_time);
    }
    let tree = compensated.call_tree();
    let [outer, inner] = [&["outer"][..], &["outer", "inner"]].map(|path| tree.find(path).unwrap());
    assert_eq!((outer.call_count(), inner.call_count()), (100, 100));
    assert!(inner.total_time() <= outer.total_time());
}

#[test]
fn calls_open_past_the_depth_limit_have_their_time_in_the_tree() {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.depth(2).build();
    let _a = profiler.block("a");
    let _b = profiler.block("b");
    clock.advance_nanos(1);
    let _c = profiler.block("c");
    clock.advance_nanos(10);
    let _d = profiler.block("d");
    clock.advance_nanos(100);
    let report = profiler.report();
    assert_eq!(node(report.call_tree(), &["a", "b"]), (111, 1, 0));
    let truncated = report.call_tree().find(&["a", "b", "[truncated]"]).unwrap();
    assert_eq!(truncated.total_time(), ns(110));
}
