//! The engine as a whole, with exact numbers: limits, strays, sessions, threads, futures.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::callsite::Callsite;
use crate::clock::Clock;
use crate::future::{Profiled, Task};
use crate::limits::Limits;
use crate::manual::ManualClock;
use crate::overhead;
use crate::recorder::Recorder;
use crate::registry::Session;
use crate::scope::{Scope, TaggedScope};
use crate::slot;
use crate::snapshot::{Function, Overhead, Snapshot};
use crate::units::{TickRate, Ticks};

static A: Callsite = Callsite::named("a");
static B: Callsite = Callsite::named("b");

fn recorder(limits: Limits) -> (ManualClock, Recorder) {
    let clock = ManualClock::new();
    (clock.clone(), Recorder::with(true, limits, Some(clock)))
}

fn of<'a>(snapshot: &'a Snapshot, name: &str) -> &'a Function {
    let mut functions = snapshot.functions.iter();
    functions.find(|function| *function.name == *name).expect("the function was recorded")
}

/// Calls `site` so many times inside each other, a tick each.
fn nest(recorder: &Recorder, clock: &ManualClock, site: &'static Callsite, depth: usize) {
    let _scope = Scope::enter(recorder, site);
    clock.advance_nanos(1);
    if depth > 1 {
        nest(recorder, clock, site, depth - 1);
    }
}

#[test]
fn calls_past_the_depth_limit_are_counted_in_full_for_their_function() {
    let (clock, recorder) = recorder(Limits { depth: 2, ..Limits::DEFAULT });
    nest(&recorder, &clock, &A, 5);
    let read = recorder.snapshot();
    let a = &of(&read, "a").statistics;
    assert_eq!((a.count, a.sum, a.total, a.self_time), (5, Ticks(15), Ticks(5), Ticks(5)));
    let nodes = &read.threads[0].nodes;
    assert_eq!(nodes.len(), 2);
    assert_eq!((nodes[1].truncated_calls, nodes[1].truncated_time), (3, Ticks(3)));
    assert_eq!(read.dropped.truncated_calls, 3);
    assert_eq!(read.calls.iter().filter(|call| call.path.is_none()).count(), 3);
}

#[test]
fn truncated_calls_are_counted_below_outermost_ones_which_always_find_a_place() {
    for limits in
        [Limits { depth: 0, ..Limits::DEFAULT }, Limits { call_paths: 0, ..Limits::DEFAULT }]
    {
        let (clock, recorder) = recorder(limits);
        let work = || nest(&recorder, &clock, &A, 3);
        work();
        assert_eq!(recorder.snapshot().dropped.truncated_calls, 2);
        std::thread::scope(|scope| scope.spawn(work).join().unwrap());
        let read = recorder.snapshot();
        assert_eq!(read.dropped.truncated_calls, 4, "and of threads that ended");
        assert_eq!(of(&read, "a").statistics.total, Ticks(6));
        for thread in &read.threads {
            let node = &thread.nodes[0];
            assert_eq!((node.calls, node.truncated_calls), (1, 2));
            assert_eq!((node.self_time, node.truncated_time), (Ticks(1), Ticks(2)));
        }
    }
}

#[test]
fn names_past_the_limit_are_counted_as_others() {
    let (_, recorder) = recorder(Limits { names: 2, ..Limits::DEFAULT });
    for name in ["w", "x", "y", "z", "y"] {
        drop(Scope::enter_named(&recorder, name));
    }
    let read = recorder.snapshot();
    assert_eq!(read.functions.len(), 3);
    assert_eq!(of(&read, "[other]").statistics.count, 3);
    assert_eq!(read.dropped.unnamed_calls, 3);
}

#[test]
fn a_scope_that_outlives_the_one_around_it_takes_no_more_time_in_the_tree() {
    let (clock, recorder) = recorder(Limits::DEFAULT);
    let outer = Scope::enter(&recorder, &A);
    clock.advance_nanos(10);
    let inner = Scope::enter(&recorder, &B);
    clock.advance_nanos(5);
    drop(outer);
    clock.advance_nanos(100);
    drop(inner);
    let read = recorder.snapshot();
    let (a, b) = (&of(&read, "a").statistics, &of(&read, "b").statistics);
    assert_eq!((a.sum, a.self_time), (Ticks(15), Ticks(10)));
    assert_eq!((b.sum, b.self_time), (Ticks(105), Ticks(5)));
    let times: Vec<u64> = read.threads[0].nodes.iter().map(|node| node.self_time.0).collect();
    assert_eq!(times, [10, 5]);
}

#[test]
fn an_open_chain_is_shown_with_its_time_so_far() {
    let (clock, recorder) = recorder(Limits::DEFAULT);
    let _outer = Scope::enter(&recorder, &A);
    clock.advance_nanos(10);
    drop(Scope::enter(&recorder, &A));
    let _inner = Scope::enter(&recorder, &B);
    clock.advance_nanos(5);
    let read = recorder.snapshot();
    assert_eq!(of(&read, "a").statistics.count, 1);
    assert_eq!(read.open.iter().map(|scope| scope.since.0).collect::<Vec<_>>(), [1, 11]);
    let open: Vec<_> = read.open.iter().map(|scope| scope.path).collect();
    let node = |path| read.threads[0].nodes.iter().find(|node| node.path == path).unwrap();
    assert_eq!([node(open[0]).self_time, node(open[1]).self_time], [Ticks(10), Ticks(5)]);
    assert_eq!(read.paths[open[1] as usize].parent, Some(open[0]));
}

#[test]
fn ended_threads_past_the_limit_are_merged() {
    let (clock, recorder) = recorder(Limits { exited_threads: 2, ..Limits::DEFAULT });
    for _ in 0..5 {
        let work = || nest(&recorder, &clock, &A, 2);
        std::thread::scope(|scope| scope.spawn(work).join().unwrap());
    }
    let read = recorder.snapshot();
    assert_eq!((read.threads.len(), read.exited_threads), (2, 3));
    assert_eq!(read.exited.iter().map(|node| node.calls).collect::<Vec<_>>(), [3, 3]);
    assert_eq!(of(&read, "a").statistics.count, 10);
    assert_eq!(of(&read, "a").slowest.len(), 10);
    assert_eq!((read.calls.len(), read.dropped.log_calls), (4, 6));
}

#[test]
fn a_log_keeps_as_many_calls_as_it_is_asked_to() {
    for calls in [0, 1, 10, 255, 256, 700, 1_000] {
        let mut limits = Limits::DEFAULT;
        limits.keep_calls(calls);
        let (_, recorder) = recorder(limits);
        (0..1_500).for_each(|_| drop(Scope::enter(&recorder, &A)));
        let read = recorder.snapshot();
        assert_eq!((read.calls.len(), read.dropped.log_calls), (calls, 1_500 - calls as u64));
    }
}

#[test]
fn a_refused_grant_takes_nothing_from_the_others() {
    let limits = Limits { calls_in_all: 600, ..Limits::DEFAULT };
    let session = Session::new(2, limits, Clock::Manual(ManualClock::new()));
    assert!(session.grant_log_slots(256));
    assert!(!session.grant_log_slots(400));
    assert!(!session.grant_log_slots(usize::MAX));
    assert!(session.grant_log_slots(256));
    assert!(!session.grant_log_slots(256));
    assert!(session.grant_log_slots(88));
}

#[test]
fn calls_of_the_profilers_own_work_are_counted_as_unrecorded() {
    let (_, recorder) = recorder(Limits::DEFAULT);
    drop(Scope::enter(&recorder, &A));
    let nested = slot::exclusive(|| slot::exclusive(|| Scope::enter(&recorder, &A).is_recorded()));
    assert!(!nested);
    assert!(Scope::enter(&recorder, &A).is_recorded());
    let read = recorder.snapshot();
    assert_eq!((of(&read, "a").statistics.count, read.dropped.unrecorded_calls), (2, 1));
}

#[test]
fn exclusive_work_that_unwinds_opens_the_slot_again() {
    let (_, recorder) = recorder(Limits::DEFAULT);
    assert!(catch_unwind(|| slot::exclusive(|| resume_unwind(Box::new(())))).is_err());
    assert!(Scope::enter(&recorder, &A).is_recorded());
}

#[test]
fn metadata_that_records_first_makes_no_second_memory_of_the_thread() {
    let (_, recorder) = recorder(Limits::DEFAULT);
    let metadata = || {
        drop(Scope::enter(&recorder, &B));
        Vec::new()
    };
    drop(TaggedScope::enter(&recorder, &A, metadata));
    let read = recorder.snapshot();
    assert_eq!(read.threads.len(), 1);
    assert_eq!((of(&read, "a").statistics.count, of(&read, "b").statistics.count), (1, 1));
}

#[test]
fn metadata_that_clears_leaves_the_call_to_the_next_session() {
    let (_, recorder) = recorder(Limits::DEFAULT);
    drop(Scope::enter(&recorder, &A));
    let metadata = || {
        recorder.clear();
        Vec::new()
    };
    drop(TaggedScope::enter(&recorder, &A, metadata));
    assert_eq!(of(&recorder.snapshot(), "a").statistics.count, 1);
}

/// Runs a closure while its thread unwinds.
struct InDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for InDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

fn while_unwinding(work: impl FnMut()) {
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let _in_drop = InDrop(work);
        resume_unwind(Box::new(()));
    }));
    assert!(unwound.is_err());
}

#[test]
fn only_a_call_that_was_open_before_the_unwinding_began_has_panicked() {
    let (_, recorder) = recorder(Limits::DEFAULT);
    // All in the same tick.
    while_unwinding(|| drop(Scope::enter(&recorder, &A)));
    assert_eq!(of(&recorder.snapshot(), "a").statistics.panicked, 0);
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let _scope = Scope::enter(&recorder, &A);
        resume_unwind(Box::new(()));
    }));
    assert!(unwound.is_err());
    let read = recorder.snapshot();
    assert_eq!((of(&read, "a").statistics.panicked, of(&read, "a").statistics.count), (1, 2));
}

/// Takes a tick a poll, is ready at the last.
struct Polls(u32);

impl Future for Polls {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.0 -= 1;
        if self.0 == 0 { Poll::Ready(()) } else { Poll::Pending }
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn a_future_is_one_call_from_its_first_poll() {
    let (clock, recorder) = recorder(Limits::DEFAULT);
    let mut future = pin!(Profiled::new(Task::on(&recorder, &A), async {
        let mut polls = pin!(Polls(3));
        std::future::poll_fn(|context| {
            clock.advance_nanos(2);
            polls.as_mut().poll(context)
        })
        .await;
    }));
    for ready in [false, false, true] {
        assert_eq!(poll(future.as_mut()), ready);
        clock.advance(Duration::from_nanos(10));
    }
    let read = recorder.snapshot();
    let a = &of(&read, "a").statistics;
    assert_eq!((a.count, a.polls, a.cancelled), (1, 3, 0));
    assert_eq!((a.sum, a.busy, a.idle, a.self_time), (Ticks(26), Ticks(6), Ticks(20), Ticks(6)));
    assert_eq!((read.threads[0].nodes[0].calls, read.threads[0].nodes[0].self_time), (1, Ticks(6)));
}

#[test]
fn a_future_dropped_between_polls_is_cancelled_and_one_never_polled_is_nothing() {
    let (_, recorder) = recorder(Limits::DEFAULT);
    drop(Profiled::new(Task::on(&recorder, &A), Polls(2)));
    assert!(recorder.snapshot().functions.is_empty());
    assert!(!poll(pin!(Profiled::new(Task::on(&recorder, &A), Polls(2)))));
    let read = recorder.snapshot();
    assert_eq!((of(&read, "a").statistics.count, of(&read, "a").statistics.cancelled), (0, 1));
}

#[test]
fn a_future_whose_session_is_over_counts_nowhere() {
    let (_, recorder) = recorder(Limits::DEFAULT);
    std::thread::scope(|scope| {
        let task = Task::on(&recorder, &A);
        let begin = || {
            let mut future = Box::pin(Profiled::new(task, Polls(2)));
            assert!(!poll(future.as_mut()));
            future
        };
        let mut future = scope.spawn(begin).join().unwrap();
        recorder.clear();
        assert!(poll(future.as_mut()), "completes on a thread that never met its session");
    });
    let read = recorder.snapshot();
    assert!(read.functions.is_empty());
    assert_eq!(read.dropped.unrecorded_calls, 0);
}

#[test]
fn a_future_that_completes_while_its_thread_unwinds_has_not_panicked() {
    let (clock, recorder) = recorder(Limits::DEFAULT);
    let mut future = Box::pin(Profiled::new(Task::on(&recorder, &A), Polls(2)));
    assert!(!poll(future.as_mut()));
    clock.advance_nanos(3);
    while_unwinding(|| assert!(poll(future.as_mut())));
    let read = recorder.snapshot();
    assert_eq!((of(&read, "a").statistics.count, of(&read, "a").statistics.panicked), (1, 0));
}

#[test]
#[cfg_attr(miri, ignore = "too many steps for an interpreter")]
fn snapshots_and_clears_at_once_refer_to_functions_that_are_there() {
    let recorder = &Recorder::new();
    let done = &AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            (0..200_000).for_each(|_| drop(Scope::enter(recorder, &A)));
            done.store(true, Ordering::Relaxed);
        });
        let read = || {
            while !done.load(Ordering::Relaxed) {
                let read = recorder.collect().1;
                let functions = read.functions.len() as u32;
                assert!(read.paths.iter().all(|path| path.function < functions));
                assert!(read.calls.iter().all(|call| call.function < functions));
            }
        };
        scope.spawn(read);
        scope.spawn(read);
        while !done.load(Ordering::Relaxed) {
            recorder.clear();
        }
    });
}

#[test]
fn sessions_leave_no_memory_behind() {
    let (clock, recorder) = recorder(Limits::DEFAULT);
    nest(&recorder, &clock, &A, 3);
    let former = recorder.collect().0;
    recorder.clear();
    nest(&recorder, &clock, &A, 3); // the memory of the former session is in use no more
    recorder.clear();
    nest(&recorder, &clock, &A, 3);
    assert_eq!(Arc::strong_count(&former), 1);
}

#[test]
fn clocks_are_never_zero_and_know_their_ticks() {
    for clock in [Clock::of_machine(), Clock::Os, Clock::Manual(ManualClock::new())] {
        assert_ne!(clock.now(), 0);
    }
    let recorder = Recorder::new();
    let rate = recorder.snapshot().clock.rate.nanos_per_tick();
    assert!((0.05..100.0).contains(&rate), "{rate}");
    let (_, manual) = self::recorder(Limits::DEFAULT);
    assert_eq!(manual.snapshot().clock.rate, TickRate::NANOSECOND);
}

#[test]
#[cfg_attr(miri, ignore = "too many steps for an interpreter")]
fn profiling_costs_something_but_not_on_a_manual_clock() {
    assert_eq!(overhead::of(&Clock::Manual(ManualClock::new())), Overhead::default());
    let cost = overhead::of(&Clock::of_machine());
    assert!(cost.inside_nanos >= 0.0 && cost.outside_nanos >= 0.0);
    let whole = cost.inside_nanos + cost.outside_nanos;
    let expected = if cfg!(perprovis_clock = "none") { 0.0..0.1 } else { 0.5..1e5 };
    assert!(expected.contains(&whole), "{cost:?}");
}

#[test]
fn dropping_a_recorder_frees_this_threads_memory_at_once() {
    let recorder = Recorder::new();
    drop(Scope::enter(&recorder, &A));
    let thread = Arc::downgrade(&recorder.collect().0.threads().living[0]);
    assert!(thread.upgrade().is_some());
    drop(recorder);
    assert!(thread.upgrade().is_none());
}

#[test]
fn a_guard_that_outlives_its_recorder_closes_without_harm() {
    static OTHER: Recorder = Recorder::new();
    let recorder = Recorder::new();
    let scope = Scope::enter(&recorder, &A);
    drop(recorder);
    drop(Scope::enter(&OTHER, &A));
    drop(scope);
    drop(Scope::enter(&OTHER, &A));
    assert_eq!(OTHER.snapshot().functions[0].statistics.count, 2);
}
