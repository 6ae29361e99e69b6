//! The examples of the Python ancestor's README, from top to bottom, in Rust: one test per heading.
//!
//! Tests share the global profiler where the ancestor's examples do, each with functions of its own;
//! what asks for all functions at once, or clears, has a profiler of its own. Where an example
//! sleeps, a clock driven by hand moves on instead.

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use perprovis::{
    Error, FunctionCall, FunctionStats, ManualClock, Profiler, Report, Value, profile,
    profile_block,
};
use perprovis_tests::Random;

#[test]
fn basic_function_profiling() {
    #[profile]
    fn slow_function() -> u64 {
        let mut total = 0;
        for i in 0..100_000 {
            total += black_box(i);
        }
        total
    }

    #[profile]
    fn fast_function() -> u64 {
        (0..100).sum()
    }

    assert_eq!(slow_function(), 4_999_950_000);
    assert_eq!(fast_function(), 4950);

    let profiler = perprovis::global();
    profiler.print_report(20);
    let report = profiler.report();
    let slow = report.function("slow_function").unwrap();
    let fast = report.function("fast_function").unwrap();
    assert_eq!((slow.call_count, fast.call_count), (1, 1));
    assert!(slow.total_time > fast.total_time, "{slow:?} {fast:?}");
    let text = report.to_string();
    assert!(text.contains("slow_function"), "{text}");
}

#[test]
fn profiling_code_blocks() {
    fn process_data() -> u64 {
        let data: Vec<u64> = profile_block!("data_loading", { (0..1000).collect() });

        let processed: Vec<u64> =
            profile_block!("data_processing", { data.iter().map(|x| x * 2).collect() });

        let _scope = profile_block!("data_saving");
        processed.iter().sum()
    }

    assert_eq!(process_data(), 999_000);
    let report = perprovis::global().report();
    for block in ["data_loading", "data_processing", "data_saving"] {
        assert_eq!(report.function(block).map(|stats| stats.call_count), Some(1), "{block}");
        assert!(report.call_tree().find(&[block]).is_some(), "{block} is not inside another");
    }
}

#[test]
fn custom_profiler_instance() {
    static PROFILER: Profiler = Profiler::new();

    #[profile(profiler = PROFILER)]
    fn my_function() -> u64 {
        (0..10_000).sum()
    }

    for _ in 0..3 {
        assert_eq!(my_function(), 49_995_000);
    }
    let stats = PROFILER.function_stats("my_function").unwrap();
    assert_eq!(stats.call_count, 3);
    assert_eq!(stats.name, "seed::custom_profiler_instance::my_function");
    assert!(stats.total_time >= stats.avg_time() * 2, "{stats:?}");
    assert!(perprovis::global().function_stats(&stats.name).is_none());
}

#[test]
fn finding_performance_hotspots() {
    static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
    static PROFILER: LazyLock<Profiler> =
        LazyLock::new(|| Profiler::builder().clock(CLOCK.clone()).build());

    #[profile(profiler = PROFILER)]
    fn expensive_operation() {
        CLOCK.advance(Duration::from_millis(10));
    }

    #[profile(profiler = PROFILER)]
    fn cheap_operation() {
        CLOCK.advance(Duration::from_micros(1));
    }

    for _ in 0..10 {
        expensive_operation();
        cheap_operation();
    }
    let hotspots = PROFILER.hotspots(5);
    let rows: Vec<_> = hotspots
        .iter()
        .map(|hotspot| {
            (hotspot.name.rsplit("::").next().unwrap(), hotspot.total_time, hotspot.call_count)
        })
        .collect();
    let expected = [
        ("expensive_operation", Duration::from_millis(100), 10),
        ("cheap_operation", Duration::from_micros(10), 10),
    ];
    assert_eq!(rows, expected);
    assert_eq!(PROFILER.hotspots(1).len(), 1);
}

#[test]
fn statistical_analysis() {
    static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
    static PROFILER: LazyLock<Profiler> =
        LazyLock::new(|| Profiler::builder().clock(CLOCK.clone()).build());

    #[profile(profiler = PROFILER)]
    fn variable_function(duration: Duration) {
        CLOCK.advance(duration);
    }

    // 1 to 50 ms in a random order.
    let mut milliseconds: Vec<u64> = (1..=50).collect();
    let mut random = Random(7);
    milliseconds.sort_by_cached_key(|_| random.draw());
    for &millisecond in &milliseconds {
        variable_function(Duration::from_millis(millisecond));
    }

    let stats = PROFILER.function_stats("variable_function").unwrap();
    let near = |found: Duration, expected: f64| {
        let found = found.as_secs_f64() * 1e3;
        assert!((found / expected - 1.0).abs() <= 0.01, "{found} ms, not {expected} ms");
    };
    assert_eq!(stats.call_count, 50);
    assert_eq!(stats.avg_time(), Duration::from_micros(25_500));
    near(stats.median_time(), 25.0);
    assert_eq!(stats.min_time, Duration::from_millis(1));
    assert_eq!(stats.max_time, Duration::from_millis(50));
    near(stats.percentile(95.0), 48.0);
    near(stats.percentile(99.0), 50.0);
    let deviation = ((50.0 * 50.0 - 1.0) / 12.0f64).sqrt() * 1e6; // of a uniform distribution
    assert!((stats.std_dev_nanos() / deviation - 1.0).abs() < 1e-9, "{stats:?}");
    let expected: Vec<Duration> = milliseconds.into_iter().map(Duration::from_millis).collect();
    assert_eq!(stats.durations(), expected);
}

#[test]
fn flame_graph_visualization() {
    static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
    static PROFILER: LazyLock<Profiler> =
        LazyLock::new(|| Profiler::builder().clock(CLOCK.clone()).build());

    #[profile(profiler = PROFILER)]
    fn task_a() {
        CLOCK.advance_nanos(100);
    }

    #[profile(profiler = PROFILER)]
    fn task_b() {
        CLOCK.advance_nanos(300);
    }

    #[profile(profiler = PROFILER)]
    fn task_c() {
        CLOCK.advance_nanos(600);
    }

    for _ in 0..10 {
        task_a();
        task_b();
        task_c();
    }
    let flame_graph = PROFILER.flame_graph_text(80);
    assert!(flame_graph.lines().all(|line| line.chars().count() <= 80), "{flame_graph}");
    let rows: Vec<Vec<&str>> = flame_graph
        .lines()
        .filter(|line| line.starts_with("task_"))
        .map(|line| line.split_whitespace().collect())
        .collect();
    let bars: Vec<usize> = rows.iter().map(|row| row[1].chars().count()).collect();
    let texts: Vec<String> =
        rows.iter().map(|row| [&row[..1], &row[2..]].concat().join(" ")).collect();
    let expected = ["task_c 60.0% 10 calls", "task_b 30.0% 10 calls", "task_a 10.0% 10 calls"];
    assert_eq!(texts, expected, "{flame_graph}");
    assert!(bars[0] > bars[1] && bars[1] > bars[2], "{flame_graph}");
}

#[test]
fn timeline_visualization() {
    static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
    static PROFILER: LazyLock<Profiler> =
        LazyLock::new(|| Profiler::builder().clock(CLOCK.clone()).build());

    #[profile(profiler = PROFILER)]
    fn step_1() {
        CLOCK.advance(Duration::from_millis(10));
    }

    #[profile(profiler = PROFILER)]
    fn step_2() {
        CLOCK.advance(Duration::from_millis(20));
    }

    #[profile(profiler = PROFILER)]
    fn step_3() {
        CLOCK.advance(Duration::from_millis(15));
    }

    step_1();
    step_2();
    step_3();
    let timeline = PROFILER.timeline_text(50);
    let lane = timeline.lines().find(|line| line.contains("step_1")).unwrap();
    let at = |name| lane.find(name).unwrap_or_else(|| panic!("no {name} in\n{timeline}"));
    assert!(at("step_1") < at("step_2") && at("step_2") < at("step_3"), "{timeline}");
    assert!(timeline.contains("45.0 ms"), "{timeline}");
    assert!(!PROFILER.timeline_text(2).contains("step_1"), "only the latest two");
}

#[test]
fn profiling_nested_function_calls() {
    #[profile]
    fn level_3() -> u64 {
        (0..100).sum()
    }

    #[profile]
    fn level_2() -> u64 {
        (0..3).map(|_| level_3()).sum()
    }

    #[profile]
    fn level_1() -> u64 {
        (0..2).map(|_| level_2()).sum()
    }

    assert_eq!(level_1(), 6 * 4950);
    let profiler = perprovis::global();
    let full = |name| format!("seed::profiling_nested_function_calls::{name}");
    let [one, two, three] = [full("level_1"), full("level_2"), full("level_3")];
    let call_tree = profiler.call_tree();
    let node = |path: &[&str]| call_tree.find(path).map(|node| (node.call_count(), node.depth()));
    assert_eq!(node(&[&one]), Some((1, 0)));
    assert_eq!(node(&[&one, &two]), Some((2, 1)));
    assert_eq!(node(&[&one, &two, &three]), Some((6, 2)));
    assert!(call_tree.to_string().contains("level_3"), "{call_tree}");

    let all_calls = profiler.all_calls();
    let depths = |name: &str| -> Vec<usize> {
        all_calls
            .iter()
            .filter(|call| &*call.name == name)
            .map(|call| call.call_stack.len())
            .collect()
    };
    assert_eq!(depths(&one), [1]);
    assert_eq!(depths(&two), [2; 2]);
    assert_eq!(depths(&three), [3; 6]);
    let outer = all_calls.iter().find(|call| *call.name == one).unwrap();
    for inner in all_calls.iter().filter(|call| call.call_stack.first() == Some(&outer.name)) {
        assert!(outer.start_time <= inner.start_time, "{inner:?}");
        assert!(inner.duration <= outer.duration, "{inner:?}");
    }
}

#[test]
fn export_to_json() -> Result<(), Error> {
    #[profile]
    fn exported_to_json() -> u64 {
        (0..1000).sum()
    }

    for _ in 0..10 {
        assert_eq!(exported_to_json(), 499_500);
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("performance_report.json");
    perprovis::global().export_to_json(&path)?;
    let report = Report::from_json(&std::fs::read_to_string(&path).unwrap())?;
    assert_eq!(report.function("exported_to_json").map(|stats| stats.call_count), Some(10));
    Ok(())
}

#[test]
fn export_to_csv() -> Result<(), Error> {
    #[profile]
    fn function_a() -> u64 {
        (0..100).sum()
    }

    #[profile]
    fn function_b() -> u64 {
        (0..500).sum()
    }

    for _ in 0..20 {
        assert_eq!((function_a(), function_b()), (4950, 124_750));
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("performance_stats.csv");
    perprovis::global().export_to_csv(&path)?;
    let csv = std::fs::read_to_string(&path).unwrap();
    let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    assert_eq!(header[..2], ["function", "calls"]);
    for function in ["function_a", "function_b"] {
        let start = format!("seed::export_to_csv::{function},20,0,");
        assert!(csv.lines().any(|line| line.starts_with(&start)), "{csv}");
    }
    Ok(())
}

#[test]
fn getting_summary_statistics() {
    static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
    static PROFILER: LazyLock<Profiler> =
        LazyLock::new(|| Profiler::builder().clock(CLOCK.clone()).build());

    #[profile(profiler = PROFILER)]
    fn task(nanos: u64) {
        CLOCK.advance_nanos(nanos);
    }

    for nanos in 1..=100 {
        task(nanos);
    }
    let summary = PROFILER.summary();
    assert_eq!(summary.total_functions, 1);
    assert_eq!(summary.total_calls, 100);
    assert_eq!(summary.total_time, Duration::from_nanos(5050));
    assert_eq!(summary.avg_call_time, Duration::from_nanos(51), "50.5 to the nearest");
    assert_eq!(summary.median_call_time, Duration::from_nanos(50));
    assert_eq!(summary.p95_call_time, Duration::from_nanos(95));
}

#[test]
fn finding_slowest_individual_calls() {
    static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
    static PROFILER: LazyLock<Profiler> =
        LazyLock::new(|| Profiler::builder().clock(CLOCK.clone()).build());

    #[profile(profiler = PROFILER)]
    fn sometimes_slow(delay: u64) {
        CLOCK.advance_nanos(delay);
    }

    let mut random = Random(11);
    let mut delays: Vec<u64> = (0..20).map(|_| random.below(50_000)).collect();
    delays.iter().for_each(|&delay| sometimes_slow(delay));
    delays.sort_unstable_by(|left, right| right.cmp(left));

    let slowest = PROFILER.slowest_calls(5);
    assert!(slowest.iter().all(|call| call.name.ends_with("::sometimes_slow")));
    let durations: Vec<u128> = slowest.iter().map(|call| call.duration.as_nanos()).collect();
    let expected: Vec<u128> = delays[..5].iter().map(|&delay| delay.into()).collect();
    assert_eq!(durations, expected);
}

#[test]
fn profiling_with_metadata() {
    fn process_user_request(user_id: u32, action: &str) -> u64 {
        profile_block!("process_request", user_id = user_id, action = action, { (0..1000).sum() })
    }

    process_user_request(123, "create");
    process_user_request(456, "update");

    let calls = perprovis::global().all_calls();
    let tagged: Vec<_> = calls
        .iter()
        .filter(|call| &*call.name == "process_request" && !call.metadata.is_empty())
        .map(|call| call.metadata.to_string())
        .collect();
    assert_eq!(tagged, ["user_id=123 action=create", "user_id=456 action=update"]);
    let first = calls.iter().find(|call| !call.metadata.is_empty()).unwrap();
    assert_eq!(first.metadata.get("user_id"), Some(&Value::Int(123)));
    assert_eq!(first.metadata.get("action"), Some(&Value::from("create")));
}

#[test]
fn enable_disable_profiling() {
    static PROFILER: LazyLock<Profiler> =
        LazyLock::new(|| Profiler::builder().enabled(true).build());

    #[profile(profiler = PROFILER)]
    fn my_function() -> u64 {
        (0..100).sum()
    }

    assert_eq!(my_function(), 4950);
    PROFILER.disable();
    assert!(!PROFILER.is_enabled());
    assert_eq!(my_function(), 4950);
    PROFILER.enable();
    assert!(PROFILER.is_enabled());
    assert_eq!(my_function(), 4950);
    assert_eq!(PROFILER.function_stats("my_function").unwrap().call_count, 2);
}

#[test]
fn clear_profiling_data() {
    static PROFILER: Profiler = Profiler::new();

    #[profile(profiler = PROFILER)]
    fn my_function() -> u64 {
        (0..100).sum()
    }

    let call_count = || PROFILER.function_stats("my_function").map(|stats| stats.call_count);
    for _ in 0..10 {
        my_function();
    }
    assert_eq!(call_count(), Some(10));
    PROFILER.clear();
    assert_eq!(call_count(), None);
    for _ in 0..5 {
        my_function();
    }
    assert_eq!(call_count(), Some(5));
}

#[test]
fn multi_threaded_profiling() {
    #[profile]
    fn worker_task(worker_id: u64) -> u64 {
        (0..1000).map(|i| i + worker_id).sum()
    }

    let threads: Vec<_> = (0..5).map(|id| thread::spawn(move || worker_task(id))).collect();
    for (id, thread) in threads.into_iter().enumerate() {
        assert_eq!(thread.join().unwrap(), 499_500 + 1000 * id as u64);
    }
    let report = perprovis::global().report();
    let stats = report.function("worker_task").unwrap();
    assert_eq!(stats.call_count, 5);
    let thread_ids: HashSet<_> = report
        .calls()
        .iter()
        .filter(|call| *call.name == *stats.name)
        .map(|call| call.thread_id)
        .collect();
    assert_eq!(thread_ids.len(), 5);
}

#[test]
fn api_reference_performance_profiler() {
    static PROFILER: LazyLock<Profiler> =
        LazyLock::new(|| Profiler::builder().enabled(false).build());

    let profiler = &*PROFILER;
    assert_eq!(profiler.measure("unseen", || 1), 1);
    assert!(profiler.all_function_stats().is_empty());
    profiler.enable();
    assert_eq!(profiler.measure("named", || 2), 2);
    drop(profiler.block("block").with("rows", 3));
    assert_eq!(profiler.function_stats("named").unwrap().call_count, 1);
    assert_eq!(profiler.all_function_stats().len(), 2);
    let names: Vec<String> =
        profiler.all_calls().iter().map(|call| call.name.to_string()).collect();
    assert_eq!(names, ["named", "block"]);
    assert_eq!(profiler.hotspots(10).len(), 2);
    assert_eq!(profiler.slowest_calls(1).len(), 1);
    assert_eq!(profiler.call_tree().len(), 2);
    assert!(profiler.flame_graph_text(80).contains("named"));
    assert!(profiler.timeline_text(50).starts_with("Timeline"));
    assert_eq!(profiler.summary().total_calls, 2);
    profiler.disable();
    profiler.clear();
    assert!(profiler.report().is_empty());
}

#[test]
fn api_reference_function_stats() {
    let profiler = Profiler::new();
    profiler.measure("step", || ());
    let stats: FunctionStats = profiler.function_stats("step").unwrap();
    let FunctionStats { name, call_count, total_time, min_time, max_time, .. } = &stats;
    assert_eq!((name.as_str(), *call_count), ("step", 1));
    assert_eq!((total_time, total_time), (min_time, max_time));
    assert_eq!(stats.durations(), [stats.total_time]);
    assert_eq!(stats.avg_time(), stats.total_time);
    assert_eq!(stats.median_time(), stats.percentile(50.0));
    assert_eq!(stats.percentile(100.0), stats.max_time);
    assert_eq!(stats.std_dev(), Duration::ZERO);
}

#[test]
fn api_reference_function_call() {
    let clock = ManualClock::new();
    let profiler = Profiler::builder().clock(clock.clone()).build();
    profiler.measure("outer", || {
        clock.advance_nanos(5);
        let _scope = profile_block!(profiler = profiler, "inner", key = 1.5);
        clock.advance_nanos(7);
    });
    let report = profiler.report();
    let call: &FunctionCall = report.calls().iter().find(|call| &*call.name == "inner").unwrap();
    let FunctionCall { start_time, end_time, duration, call_stack, thread_id, metadata, .. } = call;
    assert_eq!([start_time, end_time, duration].map(Duration::as_nanos), [5, 12, 7]);
    assert_eq!(call_stack.iter().map(|name| &**name).collect::<Vec<_>>(), ["outer", "inner"]);
    assert_eq!(report.threads().iter().find(|info| info.id == *thread_id).iter().count(), 1);
    assert_eq!(metadata.get("key"), Some(&Value::Float(1.5)));
}

#[test]
fn api_reference_global_functions() {
    #[profile(name = "a name of its own")]
    fn renamed() {}

    renamed();
    drop(profile_block!("global block"));
    let global: &'static Profiler = perprovis::global();
    assert!(global.is_enabled());
    assert_eq!(global.function_stats("a name of its own").unwrap().call_count, 1);
    assert_eq!(global.function_stats("global block").unwrap().call_count, 1);
    assert!(Profiler::default().is_enabled());
}

#[test]
fn use_case_web_application_performance() {
    struct User {
        id: u32,
    }

    #[profile]
    fn handle_request(request: &str) -> Result<String, std::num::ParseIntError> {
        let user = profile_block!("authentication", { User { id: request.parse()? } });
        let data = profile_block!("database_query", { vec![user.id; 3] });
        let response = profile_block!("template_rendering", { format!("{data:?}") });
        Ok(response)
    }

    assert_eq!(handle_request("7").unwrap(), "[7, 7, 7]");
    assert!(handle_request("nobody").is_err());
    let report = perprovis::global().report();
    let handle = report.function("handle_request").unwrap();
    assert_eq!((handle.call_count, handle.panicked), (2, 0));
    let calls =
        |block: &str| report.call_tree().find(&[&handle.name, block]).map(|node| node.call_count());
    assert_eq!(calls("authentication"), Some(2));
    assert_eq!(calls("database_query"), Some(1), "the second request left before");
    assert_eq!(calls("template_rendering"), Some(1));
}

#[test]
fn use_case_algorithm_optimization() {
    #[profile]
    fn algorithm_v1(data: &[u64]) -> u64 {
        data.iter().filter(|&&x| data.iter().any(|&y| y > x)).count() as u64
    }

    #[profile]
    fn algorithm_v2(data: &[u64]) -> u64 {
        let max = data.iter().max();
        data.iter().filter(|&x| Some(x) < max).count() as u64
    }

    let mut random = Random(3);
    let test_data: Vec<u64> = (0..50).map(|_| random.below(10)).collect();
    for _ in 0..100 {
        assert_eq!(algorithm_v1(&test_data), algorithm_v2(&test_data));
    }
    let report = perprovis::global().report();
    let calls = |name| report.function(name).map(|stats| stats.call_count);
    assert_eq!((calls("algorithm_v1"), calls("algorithm_v2")), (Some(100), Some(100)));
}

#[test]
fn use_case_continuous_profiling() {
    static PROFILER: Profiler = Profiler::new();

    #[profile(profiler = PROFILER)]
    fn critical_path() {}

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hourly_profile.json");
    for hour in 1..=3 {
        critical_path();
        PROFILER.export_to_json(&path).unwrap();
        let report = Report::from_json(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(report.function("critical_path").unwrap().call_count, hour);
    }
}
