//! Async functions, polled by hand on a clock driven by hand: where every number is known.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::thread;

use perprovis::{ManualClock, ProfileFuture, Profiler, Report, profile};
use perprovis_tests::{manual, ns, stats};

/// Polls once.
fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls until it completes, and says how often.
fn complete<F: Future>(mut future: Pin<&mut F>) -> (F::Output, u32) {
    for polls in 1.. {
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return (output, polls);
        }
    }
    unreachable!("an endless loop")
}

/// Pending once.
async fn suspend() {
    let mut suspended = false;
    poll_fn(
        |_| if std::mem::replace(&mut suspended, true) { Poll::Ready(()) } else { Poll::Pending },
    )
    .await;
}

/// Busy for `nanos[0]`, suspended, busy for `nanos[1]`, and so on.
async fn busy(clock: &ManualClock, nanos: &[u64]) {
    let (last, before) = nanos.split_last().unwrap();
    for &nanos in before {
        clock.advance_nanos(nanos);
        suspend().await;
    }
    clock.advance_nanos(*last);
}

/// Polls, calls, busy, idle, total and self time in nanoseconds.
fn times(report: &Report, name: &str) -> [u64; 6] {
    let Some(stats) = report.function(name) else { panic!("no {name} in\n{report}") };
    let nanos = |time: std::time::Duration| time.as_nanos() as u64;
    let [busy, idle] = [nanos(stats.busy_time), nanos(stats.idle_time)];
    [stats.polls, stats.call_count, busy, idle, nanos(stats.total_time), nanos(stats.self_time)]
}

fn stacks(report: &Report) -> Vec<String> {
    let mut stacks: Vec<String> =
        report.calls().iter().map(|call| call.call_stack.join("/")).collect();
    stacks.sort();
    stacks
}

/// A profiler and its clock, both global to a test, for `#[profile(profiler = P)]`.
macro_rules! global_profiler {
    ($profiler:ident, $clock:ident) => {
        static $clock: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
        static $profiler: LazyLock<Profiler> =
            LazyLock::new(|| Profiler::builder().clock($clock.clone()).build());
    };
}

#[test]
fn two_async_functions_interleaved_on_one_thread_keep_their_own_times_and_stacks() {
    global_profiler!(PROFILER, CLOCK);

    #[profile(profiler = PROFILER, name = "step")]
    fn step(nanos: u64) {
        CLOCK.advance_nanos(nanos);
    }

    #[profile(profiler = PROFILER, name = "left")]
    async fn left() -> char {
        step(10);
        suspend().await;
        CLOCK.advance_nanos(20);
        'l'
    }

    #[profile(profiler = PROFILER, name = "right")]
    async fn right() -> char {
        CLOCK.advance_nanos(5);
        suspend().await;
        step(7);
        'r'
    }

    let (mut one, mut two) = (pin!(left()), pin!(right()));
    PROFILER.measure("executor", || {
        assert!(poll(one.as_mut()).is_pending()); // 0 to 10
        CLOCK.advance_nanos(100);
        assert!(poll(two.as_mut()).is_pending()); // 110 to 115
        CLOCK.advance_nanos(3);
        assert_eq!(poll(one.as_mut()), Poll::Ready('l')); // 118 to 138
        assert_eq!(poll(two.as_mut()), Poll::Ready('r')); // 138 to 145
    });

    let report = PROFILER.report();
    assert_eq!(times(&report, "left"), [2, 1, 30, 108, 138, 20]);
    assert_eq!(times(&report, "right"), [2, 1, 12, 23, 35, 5]);
    assert_eq!(times(&report, "executor"), [0, 1, 0, 0, 145, 103]);
    let expected = [
        "executor",
        "executor/left",
        "executor/left/step",
        "executor/right",
        "executor/right/step",
    ];
    assert_eq!(stacks(&report), expected);
    let tree = report.call_tree();
    let node = |path: &[&str]| {
        let node = tree.find(path).unwrap();
        (node.total_time().as_nanos(), node.self_time().as_nanos(), node.call_count())
    };
    assert_eq!(node(&["executor"]), (145, 103, 1));
    assert_eq!(node(&["executor", "left"]), (30, 20, 1), "weighs its busy time");
    assert_eq!(node(&["executor", "right"]), (12, 5, 1));
    assert_eq!(report.function("left").unwrap().share(), 30.0 / 145.0);
    let left = report.calls().iter().find(|call| &*call.name == "left").unwrap();
    assert_eq!((left.start_time, left.end_time, left.duration), (ns(0), ns(138), ns(138)));
}

#[test]
fn a_future_may_be_polled_on_one_thread_and_completed_on_another() {
    let (clock, profiler) = manual();
    let mut future = Box::pin(busy(&clock, &[10, 20, 30]).profiled_on(&profiler, "task"));
    thread::scope(|scope| {
        let (profiler, clock) = (&profiler, &clock);
        let first = scope.spawn(move || {
            profiler.measure("on_a", || assert!(poll(future.as_mut()).is_pending()));
            future
        });
        let mut future = first.join().unwrap();
        clock.advance_nanos(100);
        let second = scope.spawn(move || {
            profiler.measure("on_b", || assert!(poll(future.as_mut()).is_pending()));
            future
        });
        let mut future = second.join().unwrap();
        let third = scope.spawn(move || {
            profiler.measure("on_c", || assert!(poll(future.as_mut()).is_ready()));
        });
        third.join().unwrap();
    });
    let report = profiler.report();
    assert_eq!(times(&report, "task"), [3, 1, 60, 100, 160, 60]);
    for (caller, nanos, calls) in [("on_a", 10, 0), ("on_b", 20, 0), ("on_c", 30, 1)] {
        let node = report.call_tree().find(&[caller, "task"]).unwrap();
        assert_eq!((node.total_time(), node.call_count()), (ns(nanos), calls), "{caller}");
        assert_eq!(stats(&profiler, caller).self_time, ns(0));
    }
    assert_eq!(report.dropped(), Default::default());
}

#[test]
fn a_future_dropped_while_pending_is_cancelled() {
    let (clock, profiler) = manual();
    {
        let mut future = pin!(busy(&clock, &[10, 20]).profiled_on(&profiler, "task"));
        assert!(poll(future.as_mut()).is_pending());
        clock.advance_nanos(5);
    }
    let report = profiler.report();
    let task = report.function("task").unwrap();
    assert_eq!((task.call_count, task.cancelled, task.panicked), (0, 1, 0));
    assert_eq!(task.total_time, ns(0), "it has not completed");
    assert_eq!(report.call_tree().find(&["task"]).unwrap().total_time(), ns(10), "it took time");
    assert!(report.calls().is_empty());
    assert!(report.open_scopes().is_empty());
    assert_eq!(report.dropped(), Default::default());

    complete(pin!(busy(&clock, &[1]).profiled_on(&profiler, "task")));
    let task = stats(&profiler, "task");
    assert_eq!((task.call_count, task.cancelled, task.total_time), (1, 1, ns(1)));
}

#[test]
fn a_future_that_is_never_polled_is_no_call() {
    let (clock, profiler) = manual();
    drop(busy(&clock, &[1]).profiled_on(&profiler, "task"));
    assert!(profiler.report().is_empty());
    assert_eq!(profiler.report().dropped(), Default::default());
}

#[test]
fn a_panic_in_a_poll_ends_the_call() {
    let (clock, profiler) = manual();
    let mut future = pin!(
        async {
            clock.advance_nanos(3);
            suspend().await;
            clock.advance_nanos(4);
            panic!("expected by the test");
        }
        .profiled_on(&profiler, "task")
    );
    assert!(poll(future.as_mut()).is_pending());
    let again = std::panic::AssertUnwindSafe(|| poll(future.as_mut()));
    assert!(std::panic::catch_unwind(again).is_err());
    let report = profiler.report();
    assert_eq!(times(&report, "task"), [2, 1, 7, 0, 7, 7]);
    let task = report.function("task").unwrap();
    assert_eq!((task.panicked, task.cancelled), (1, 0));
    assert!(report.calls()[0].panicked);
    assert!(report.open_scopes().is_empty());
}

#[test]
fn async_recursion_counts_total_time_once() {
    global_profiler!(PROFILER, CLOCK);

    #[profile(profiler = PROFILER, name = "fall")]
    async fn fall(depth: u32) -> u32 {
        CLOCK.advance_nanos(1);
        suspend().await;
        let below = if depth > 1 { Box::pin(fall(depth - 1)).await } else { 0 };
        CLOCK.advance_nanos(1);
        below + 1
    }

    let (depth, polls) = complete(pin!(fall(4)));
    assert_eq!((depth, polls), (4, 5));
    let report = PROFILER.report();
    let fall = report.function("fall").unwrap();
    assert_eq!(fall.call_count, 4);
    assert_eq!(fall.total_time, ns(8));
    assert_eq!((fall.min_time, fall.max_time), (ns(2), ns(8)));
    assert_eq!(fall.polls, 5 + 4 + 3 + 2);
    assert_eq!(fall.self_time, ns(8));
    assert_eq!(fall.share(), 1.0);
    assert_eq!(report.call_tree().len(), 4);
}

#[test]
fn an_async_function_that_awaits_another_is_its_caller() {
    global_profiler!(PROFILER, CLOCK);

    #[profile(profiler = PROFILER, name = "inner")]
    async fn inner() -> u32 {
        CLOCK.advance_nanos(10);
        suspend().await;
        CLOCK.advance_nanos(20);
        7
    }

    #[profile(profiler = PROFILER, name = "outer")]
    async fn outer() -> u32 {
        CLOCK.advance_nanos(1);
        let value = inner().await;
        CLOCK.advance_nanos(2);
        suspend().await;
        value + inner().await
    }

    let mut future = pin!(outer());
    let mut polls = 1;
    while poll(future.as_mut()).is_pending() {
        CLOCK.advance_nanos(100);
        polls += 1;
    }
    assert_eq!(polls, 4);
    let report = PROFILER.report();
    // Busy: 11, 22, 10, 20. Idle: 100 each between.
    assert_eq!(times(&report, "outer"), [4, 1, 63, 300, 363, 3]);
    assert_eq!(times(&report, "inner"), [4, 2, 60, 200, 260, 60]);
    assert_eq!(stacks(&report), ["outer", "outer/inner", "outer/inner"]);
    let tree = report.call_tree();
    assert_eq!(tree.find(&["outer", "inner"]).unwrap().total_time(), ns(60));
    assert_eq!(tree.total_time(), ns(63));
}

#[test]
fn a_report_taken_inside_a_poll_shows_it_open() {
    let (clock, profiler) = manual();
    let mut future = pin!(
        async {
            clock.advance_nanos(5);
            suspend().await;
            clock.advance_nanos(7);
            let report = profiler.report();
            let [scope] = report.open_scopes() else { panic!("{report}") };
            assert_eq!((&*scope.name, scope.since, scope.elapsed), ("task", ns(105), ns(7)));
            assert_eq!(report.call_tree().total_time(), ns(12));
            assert_eq!(report.function("task").unwrap().call_count, 0);
        }
        .profiled_on(&profiler, "task")
    );
    assert!(poll(future.as_mut()).is_pending());
    assert!(profiler.report().open_scopes().is_empty(), "suspended, on nobody's stack");
    clock.advance_nanos(100);
    assert!(poll(future.as_mut()).is_ready());
    assert_eq!(stats(&profiler, "task").call_count, 1);
}

#[test]
fn futures_are_recorded_by_the_profiler_named() {
    let (clock, profiler) = manual();
    complete(pin!(busy(&clock, &[3]).profiled_on(&profiler, String::from("made at run time"))));
    complete(pin!(busy(&clock, &[3, 3]).profiled("asynchronous: of the global profiler")));
    assert_eq!(times(&profiler.report(), "made at run time"), [1, 1, 3, 0, 3, 3]);
    assert_eq!(profiler.report().functions().len(), 1);
    let global = perprovis::global();
    let global = global.function_stats("asynchronous: of the global profiler").unwrap();
    assert_eq!((global.call_count, global.polls), (1, 2));
}

#[test]
fn clear_between_polls_forgets_the_call() {
    global_profiler!(PROFILER, CLOCK);

    #[profile(profiler = PROFILER, name = "task")]
    async fn task() {
        busy(&CLOCK, &[1, 2]).await;
    }

    let mut completed = pin!(task());
    let mut dropped = Box::pin(task());
    assert!(poll(completed.as_mut()).is_pending() && poll(dropped.as_mut()).is_pending());
    PROFILER.clear();
    assert!(poll(completed.as_mut()).is_ready());
    drop(dropped);
    assert!(PROFILER.report().is_empty());
    complete(pin!(task()));
    assert_eq!(times(&PROFILER.report(), "task"), [2, 1, 3, 0, 3, 3]);
    assert_eq!(stats(&PROFILER, "task").cancelled, 0);
}

#[test]
fn a_future_open_across_a_clear_is_not_an_unrecorded_call() {
    static PROFILER: Profiler = Profiler::new();

    #[profile(profiler = PROFILER)]
    async fn by_attribute() {
        suspend().await;
    }

    let mut one = Box::pin(by_attribute());
    assert!(poll(one.as_mut()).is_pending());
    let mut two = Box::pin(suspend().profiled("asynchronous: open across a clear"));
    assert!(poll(two.as_mut()).is_pending());
    PROFILER.clear();
    let before = perprovis::global().report().dropped().unrecorded_calls;
    perprovis::global().clear();
    assert!(poll(one.as_mut()).is_ready());
    drop((one, two));
    assert_eq!(PROFILER.report().dropped().unrecorded_calls, 0);
    assert_eq!(perprovis::global().report().dropped().unrecorded_calls, 0, "{before} before");
}

#[test]
fn clear_inside_a_poll_forgets_the_call() {
    let (clock, profiler) = manual();
    let mut future = pin!(
        async {
            clock.advance_nanos(1);
            profiler.clear();
            profiler.measure("after", || clock.advance_nanos(2));
            suspend().await;
            profiler.measure("after", || clock.advance_nanos(4));
        }
        .profiled_on(&profiler, "task")
    );
    assert!(poll(future.as_mut()).is_pending());
    assert!(poll(future.as_mut()).is_ready());
    let report = profiler.report();
    assert_eq!(report.functions().len(), 1);
    assert_eq!(times(&report, "after"), [0, 2, 0, 0, 6, 6]);
    assert_eq!(report.call_tree().len(), 1);
    assert_eq!(report.dropped(), Default::default());
}

#[test]
fn a_future_begun_while_disabled_is_not_recorded_and_one_begun_before_is() {
    let (clock, profiler) = manual();
    let mut before = pin!(busy(&clock, &[1, 2]).profiled_on(&profiler, "before"));
    let mut during = pin!(busy(&clock, &[4, 8]).profiled_on(&profiler, "during"));
    assert!(poll(before.as_mut()).is_pending());
    profiler.disable();
    assert!(poll(during.as_mut()).is_pending());
    assert!(poll(before.as_mut()).is_ready());
    profiler.enable();
    assert!(poll(during.as_mut()).is_ready());
    let report = profiler.report();
    assert_eq!(times(&report, "before"), [2, 1, 3, 4, 7, 3]);
    assert!(report.function("during").is_none());
}

#[test]
fn a_future_outlives_its_profiler() {
    let (clock, profiler) = manual();
    let mut pending = pin!(busy(&clock, &[1, 2]).profiled_on(&profiler, "task"));
    let unpolled = busy(&clock, &[4]).profiled_on(&profiler, "task");
    assert!(poll(pending.as_mut()).is_pending());
    drop(profiler);
    assert!(poll(pending.as_mut()).is_ready());
    assert_eq!(complete(pin!(unpolled)).1, 1);
    assert_eq!(clock.nanos(), 7, "both ran");
}

#[test]
fn futures_are_send_and_sync_when_the_inner_one_is() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    fn is_sync<T: Sync>(value: T) -> T {
        value
    }

    #[profile]
    async fn annotated(text: String) -> usize {
        suspend().await;
        text.len()
    }

    let future = is_sync(is_send(std::future::ready(1).profiled("ready")));
    assert_eq!(complete(pin!(future)).0, 1);
    let (length, _) = complete(pin!(is_send(annotated("four".into()))));
    assert_eq!(length, 4);
}

#[test]
fn a_scope_kept_across_a_suspension_counts_once() {
    // Not meant to be done; it must only do no harm.
    let (clock, profiler) = manual();
    let mut future = pin!(
        async {
            let _scope = profiler.block("scope");
            clock.advance_nanos(1);
            suspend().await;
            clock.advance_nanos(2);
        }
        .profiled_on(&profiler, "task")
    );
    assert!(poll(future.as_mut()).is_pending());
    profiler.measure("between", || clock.advance_nanos(4));
    assert!(poll(future.as_mut()).is_ready());
    let report = profiler.report();
    assert_eq!(times(&report, "task")[..5], [2, 1, 3, 4, 7]);
    assert_eq!(times(&report, "scope")[..5], [0, 1, 0, 0, 7]);
    assert_eq!(times(&report, "between"), [0, 1, 0, 0, 4, 4]);
    assert!(report.call_tree().find(&["between"]).is_some(), "not below the suspended one");
    assert!(report.open_scopes().is_empty());
}

#[test]
fn metadata_of_an_async_function_is_on_its_one_call() {
    global_profiler!(PROFILER, CLOCK);

    #[profile(profiler = PROFILER, metadata(user_id, attempt = 1 + 1))]
    async fn fetch(user_id: u32) -> u32 {
        busy(&CLOCK, &[1, 1, 1]).await;
        user_id
    }

    assert_eq!(complete(pin!(fetch(7))), (7, 3));
    let calls = PROFILER.all_calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].metadata.to_string(), "user_id=7 attempt=2");
}

#[test]
fn ten_thousand_tasks_on_a_real_executor_are_counted_exactly() {
    static PROFILER: Profiler = Profiler::new();
    const TASKS: u64 = 1000;
    const STEPS: u64 = 10;

    #[profile(profiler = PROFILER, name = "step")]
    async fn step(number: u64) -> u64 {
        tokio::task::yield_now().await;
        PROFILER.measure("work", || number)
    }

    #[profile(profiler = PROFILER, name = "task")]
    async fn task() -> u64 {
        let mut sum = 0;
        for number in 0..STEPS {
            sum += step(number).await;
        }
        sum
    }

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let sum = runtime.block_on(async {
        let tasks: Vec<_> = (0..TASKS).map(|_| tokio::spawn(task())).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        sum
    });
    assert_eq!(sum, TASKS * 45);
    let aborted = runtime.spawn(std::future::pending::<()>().profiled_on(&PROFILER, "endless"));
    while PROFILER.function_stats("endless").is_none() {
        thread::yield_now();
    }
    aborted.abort();
    assert!(runtime.block_on(aborted).unwrap_err().is_cancelled());
    drop(runtime);

    let report = PROFILER.report();
    let [polls, calls, busy, idle, total, _] = times(&report, "step");
    assert_eq!((polls, calls), (2 * TASKS * STEPS, TASKS * STEPS));
    assert!((busy + idle).abs_diff(total) <= 1, "{busy} and {idle}, rounded each, are {total}");
    let [polls, calls, ..] = times(&report, "task");
    assert_eq!((polls, calls), (TASKS * (STEPS + 1), TASKS));
    assert_eq!(report.function("work").unwrap().call_count, TASKS * STEPS);
    assert_eq!(report.function("endless").unwrap().cancelled, 1);
    assert!(report.open_scopes().is_empty());
    for node in report.call_tree().iter() {
        let path = std::iter::successors(Some(node), |node| node.parent());
        let path: Vec<&str> = path.map(|node| node.name()).collect();
        let known = [&["task"][..], &["step", "task"], &["work", "step", "task"], &["endless"]];
        assert!(known.contains(&&path[..]), "stacks mixed: {path:?}");
    }
    assert_eq!(report.dropped().unrecorded_calls, 0);
}

#[test]
fn futures_that_end_while_their_thread_is_torn_down_are_counted_somewhere() {
    static PROFILER: Profiler = Profiler::new();

    #[profile(profiler = PROFILER, name = "task")]
    async fn task() {
        suspend().await;
    }

    type Task = Pin<Box<dyn Future<Output = ()>>>;

    /// Of these one completes when the thread ends, one is polled then for the first time, and one
    /// is dropped unfinished.
    struct Tasks([Task; 3]);

    impl Tasks {
        fn begin() -> Tasks {
            let mut tasks = Tasks(std::array::from_fn(|_| Box::pin(task()) as Task));
            for begun in [0, 2] {
                assert!(poll(pin!(tasks.0[begun].as_mut())).is_pending());
            }
            tasks
        }
    }

    impl Drop for Tasks {
        fn drop(&mut self) {
            assert_eq!(complete(pin!(self.0[0].as_mut())), ((), 1));
            assert_eq!(complete(pin!(self.0[1].as_mut())), ((), 2));
        }
    }

    // Destroyed after, and before, what the profiler keeps for the thread.
    thread_local! {
        static EARLY: RefCell<Option<Tasks>> = const { RefCell::new(None) };
        static LATE: RefCell<Option<Tasks>> = const { RefCell::new(None) };
    }

    for _ in 0..10 {
        let thread = thread::spawn(|| {
            EARLY.set(None); // used once, so that its destructor is registered first
            EARLY.set(Some(Tasks::begin()));
            LATE.set(Some(Tasks::begin()));
        });
        thread.join().unwrap();
    }
    let report = PROFILER.report();
    let stats = report.function("task").unwrap();
    let unrecorded = report.dropped().unrecorded_calls;
    assert_eq!(stats.call_count + stats.cancelled + unrecorded, 60, "{report}");
    assert!(unrecorded >= 20, "{unrecorded} after what the profiler keeps is gone");
    assert!(report.open_scopes().is_empty());
}
