//! Interleavings of one writer, readers, thread exit, clear, switch and futures, checked by loom.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p perprovis-core --features record --lib --release loom`
//!
//! The engine is compiled as it is, with loom's atomics and locks for those in [`crate::sync`] and with
//! tiny capacities. What loom does not see are `std`'s `Arc` and the map of functions, which no model
//! holds locked across a switch of threads.

#![expect(unsafe_code, reason = "hands memory of one writer to readers, as `Thread` does")]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use loom::thread::{JoinHandle, spawn};

use crate::callsite::Callsite;
use crate::clock::Clock;
use crate::collect::collect;
use crate::entry::{Record, Tag};
use crate::future::{Profiled, Task};
use crate::half::{Completed, ShardCopy};
use crate::limits::Limits;
use crate::log::{CHUNK, Log, LogCopy};
use crate::manual::ManualClock;
use crate::metadata::{Metadata, Value};
use crate::reclaim::Reclaimer;
use crate::recorder::{Engine, OFF, Recorder, UNUSED};
use crate::registry::{Function, Session};
use crate::scope::Scope;
use crate::shard::Shard;
use crate::slot;
use crate::snapshot::Snapshot;
use crate::sync::{OnceBox, Ordering, lock};
use crate::thread::{Callee, Thread};
use crate::tree::{Node, Tree};

static SITE: Callsite = Callsite::named("f");

/// Switches of threads, other than where one waits, that a model explores.
const PREEMPTIONS: usize = 3;

/// The time after which a model has explored enough, whatever is left.
const ENOUGH: Duration = Duration::from_secs(15);

fn model(preemptions: usize, body: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 100_000;
    builder.max_duration = Some(ENOUGH);
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    builder.check(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        body();
    });
    // A bound or a capacity that leaves nothing to explore would pass unseen.
    let runs = runs.load(Ordering::Relaxed);
    assert!(runs > 3, "only {runs} interleavings");
}

/// What one thread writes and others read.
struct Memory {
    tree: Tree,
    shard: Shard,
    log: Log,
    reclaimer: Reclaimer,
}

// SAFETY: as for `Thread`: one thread of a model writes, and others read what is atomic.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    fn with_log(limit: usize) -> Arc<Memory> {
        let (tree, shard) = (Tree::new(), Shard::new());
        Arc::new(Memory { tree, shard, log: Log::new(limit), reclaimer: Reclaimer::new() })
    }

    fn record(&self, duration: u64, kept: usize, tag: Tag) {
        let record = Record { start: 1, duration, node: self.tree.root(), tag };
        let call = Completed { record, self_time: duration, recursive: 0, polled: None };
        self.shard.record(call, kept, &self.reclaimer);
        // SAFETY: the shard took a count of its own, and nobody else uses the tag.
        drop(unsafe { tag.into_metadata() });
    }

    /// As a scope that ends: the usual way if it goes.
    fn count(&self, duration: u64) {
        match self.shard.usual(duration) {
            Some(usual) => usual.add(duration, duration, 0),
            None => self.record(duration, 0, Tag::NONE),
        }
    }

    /// Logs call `n`, which is recognised as whole, the usual way if it goes.
    fn log(&self, n: u64, grant: bool) {
        let (start, duration, node) = (n, 10 * n, self.tree.root());
        match self.log.usual() {
            Some(place) => self.log.append_usual(place, start, duration, node),
            None => {
                let record = Record { start, duration, node, tag: Tag::NONE };
                self.log.append(record, &self.reclaimer, |_| grant);
            }
        }
    }
}

/// That a copy has the first so many of the calls that took `durations`, and all of each.
fn assert_whole(copy: &ShardCopy, durations: &[u64]) -> usize {
    let read = &copy.statistics;
    let calls = &durations[..read.count as usize];
    assert_eq!(read.sum.0, calls.iter().sum::<u64>());
    assert_eq!(read.self_time, read.sum);
    assert_eq!(read.squares, calls.iter().map(|&call| u128::from(call * call)).sum::<u128>());
    let mut sorted: Vec<(u32, u64)> = calls.iter().map(|&call| (call as u32, 1)).collect();
    sorted.sort_unstable();
    assert_eq!(read.histogram.buckets(), sorted);
    assert_eq!(read.min.0, calls.iter().copied().min().unwrap_or(0));
    assert_eq!(read.max.0, calls.iter().copied().max().unwrap_or(0));
    calls.len()
}

/// That a copy of the log has whole calls in order, and says how many came before.
fn assert_log(copy: &LogCopy, limit: usize) {
    assert!(copy.calls.len() <= limit);
    for (call, n) in copy.calls.iter().zip(copy.dropped..) {
        assert_eq!((call.start, call.duration), (n, 10 * n));
    }
}

fn join(thread: JoinHandle<()>) {
    thread.join().unwrap();
}

#[test]
fn loom_once_box_keeps_one_value() {
    let values = [Arc::new(1), Arc::new(2)];
    let outside = values.clone();
    model(PREEMPTIONS, move || {
        let cell = Arc::new(OnceBox::new());
        let (other, value) = (Arc::clone(&cell), Arc::clone(&values[0]));
        let racing = spawn(move || {
            let got: &Arc<i32> = other.get_or_init(|| value);
            assert!(std::ptr::eq(got, other.get().unwrap()));
        });
        let got = **cell.get_or_init(|| Arc::clone(&values[1]));
        join(racing);
        assert_eq!(**cell.get().unwrap(), got);
    });
    assert_eq!(outside.map(|value| Arc::strong_count(&value)), [1, 1], "the loser is freed, too");
}

#[test]
fn loom_a_reader_sees_whole_nodes_and_what_came_before_them() {
    model(PREEMPTIONS, || {
        let session = Session::new(2, Limits::DEFAULT, Clock::Manual(ManualClock::new()));
        let function: Arc<Function> = session.function("f");
        let memory = Memory::with_log(0);
        let writer = Arc::clone(&memory);
        let write = spawn(move || {
            let tree = &writer.tree;
            let null = std::ptr::null();
            let mut parent = tree.get(tree.root());
            for key in 1..=2 {
                parent.calls.store(key as u64, Ordering::Relaxed);
                parent =
                    tree.add(parent, key, null, Arc::clone(&function), &raw const writer.shard);
            }
        });
        let nodes: Vec<&Node> = memory.tree.nodes().collect();
        for pair in nodes.windows(2) {
            assert_eq!(pair[0].id, pair[1].id + 1);
            assert!(std::ptr::eq(pair[0].parent, pair[1]));
            assert_eq!(pair[0].depth, pair[0].id);
            assert_eq!(pair[1].calls.load(Ordering::Relaxed), u64::from(pair[0].id));
        }
        assert_eq!(nodes.last().unwrap().id, 0);
        join(write);
        assert_eq!(memory.tree.nodes().count(), 3);
    });
}

/// Warms a shard up with calls that make durations of 2 to 9 usual, lets a thread count others
/// meanwhile, and reads so many times.
fn check_shard(preemptions: usize, calls: &'static [u64], usual: bool, reads: usize) {
    model(preemptions, move || {
        let memory = Memory::with_log(0);
        let warm = if usual { 2 } else { 0 };
        calls[..warm].iter().for_each(|&call| memory.count(call));
        assert_eq!(memory.shard.usual(calls[warm]).is_some(), usual);
        let writer = Arc::clone(&memory);
        let write = spawn(move || calls[warm..].iter().for_each(|&call| writer.count(call)));
        let mut before = warm;
        for _ in 0..reads {
            let read = assert_whole(&memory.shard.read(), calls);
            assert!(before <= read, "a later copy lost calls");
            before = read;
        }
        join(write);
        assert_eq!(assert_whole(&memory.shard.read(), calls), calls.len());
        assert!(memory.shard.usual(calls[0]).is_some() || !usual, "the first half is in use again");
    });
}

#[test]
fn loom_a_copy_of_a_shard_is_a_set_of_whole_calls() {
    check_shard(2, &[5], false, 1);
}

#[test]
fn loom_a_copy_of_a_shard_has_usual_calls_as_a_whole() {
    check_shard(2, &[2, 9, 5, 7], true, 1);
}

#[test]
fn loom_later_copies_of_a_shard_lose_nothing() {
    check_shard(2, &[2, 9, 5], true, 2);
}

#[test]
fn loom_metadata_of_the_slowest_calls_lives_while_it_is_read_and_no_longer() {
    let kept: [Arc<Metadata>; 3] = [1, 2, 3].map(|n| Arc::new(vec![("n".into(), Value::from(n))]));
    let outside = kept.clone();
    model(2, move || {
        let memory = Memory::with_log(0);
        let tag = |n: u64| Tag::new(Some(Arc::clone(&kept[n as usize - 1])));
        memory.record(1, 1, tag(1));
        let (writer, tags) = (Arc::clone(&memory), kept.clone());
        let write = spawn(move || {
            writer.record(2, 1, Tag::new(Some(Arc::clone(&tags[1]))));
        });
        let reading = memory.reclaimer.read();
        let copy = memory.shard.read();
        let slowest = copy.slowest.iter().max_by_key(|record| record.duration).unwrap();
        // SAFETY: read under `reading`.
        let metadata = unsafe { slowest.tag.duplicate().into_metadata() }.unwrap();
        assert_eq!(metadata[0].1, Value::from(slowest.duration));
        assert!(
            Arc::strong_count(&metadata) > 3,
            "here, in the model and outside, and in the shard"
        );
        drop(reading);
        join(write);
        drop((memory, metadata));
        assert_eq!(Arc::strong_count(&kept[0]), 2, "nothing is left behind");
    });
    assert_eq!(outside.map(|metadata| Arc::strong_count(&metadata)), [1, 1, 1]);
}

fn check_log(limit: usize, calls: u64, granted: usize) {
    model(PREEMPTIONS, move || {
        let memory = Memory::with_log(limit);
        let writer = Arc::clone(&memory);
        let write = spawn(move || {
            (0..calls).for_each(|n| writer.log(n, writer.log.capacity() < granted));
        });
        assert_log(&memory.log.read(), limit);
        join(write);
        let copy = memory.log.read();
        assert_log(&copy, limit);
        let ring = memory.log.capacity() - usize::from(calls as usize > memory.log.capacity());
        assert_eq!(copy.calls.len(), limit.min(ring).min(calls as usize));
        assert_eq!(copy.dropped + copy.calls.len() as u64, calls);
    });
}

#[test]
fn loom_a_log_of_one_call_turns_around() {
    check_log(1, 4, usize::MAX);
}

#[test]
fn loom_a_log_grows_by_a_part_of_a_chunk_and_turns_around() {
    assert_eq!(CHUNK, 2);
    check_log(2, 6, usize::MAX);
}

#[test]
fn loom_a_log_that_may_not_grow_turns_around() {
    check_log(3, 5, CHUNK);
}

#[test]
fn loom_a_log_without_memory_counts_what_it_refused() {
    model(PREEMPTIONS, || {
        let memory = Memory::with_log(2);
        let writer = Arc::clone(&memory);
        let write = spawn(move || (0..2).for_each(|n| writer.log(n, false)));
        assert!(memory.log.read().calls.is_empty());
        join(write);
        assert_eq!(memory.log.read().dropped, 2);
    });
}

#[test]
fn loom_metadata_in_the_log_lives_while_it_is_read_and_no_longer() {
    let kept: [Arc<Metadata>; 4] =
        [0, 1, 2, 3].map(|n| Arc::new(vec![("n".into(), Value::from(n))]));
    let outside = kept.clone();
    model(PREEMPTIONS, move || {
        let memory = Memory::with_log(1);
        let (writer, tags) = (Arc::clone(&memory), kept.clone());
        let write = spawn(move || {
            for (n, metadata) in (0..).zip(tags) {
                let (node, tag) = (writer.tree.root(), Tag::new(Some(metadata)));
                let record = Record { start: n, duration: 10 * n, node, tag };
                writer.log.append(record, &writer.reclaimer, |_| true);
            }
        });
        let reading = memory.reclaimer.read();
        let copy = memory.log.read();
        assert_log(&copy, 1);
        for record in &copy.calls {
            // SAFETY: read under `reading`.
            let metadata = unsafe { record.tag.duplicate().into_metadata() }.unwrap();
            assert_eq!(metadata[0].1, Value::from(record.start));
        }
        drop(reading);
        join(write);
        drop(memory);
        assert_eq!(Arc::strong_count(&kept[0]), 2, "nothing is left behind");
    });
    assert_eq!(outside.map(|metadata| Arc::strong_count(&metadata)), [1; 4]);
}

fn session(token: u64) -> Arc<Session> {
    let limits = Limits { calls_per_thread: 4, slowest_per_function: 1, ..Limits::DEFAULT };
    Arc::new(Session::new(token, limits, Clock::Manual(ManualClock::new())))
}

fn call(thread: &Thread) {
    let site = std::ptr::from_ref(&SITE).addr();
    let call = thread.enter(site, Callee::Site(&SITE));
    thread.leave(call, call.start + 5, Tag::NONE);
}

/// The calls that a snapshot has: of the function, in the trees, in the log.
fn calls_in(snapshot: &Snapshot) -> (u64, u64, usize) {
    let of_functions = snapshot.functions.iter().map(|function| {
        let read = &function.statistics;
        assert_eq!(read.histogram.count(), read.count);
        assert_eq!((read.sum.0, read.squares), (5 * read.count, 25 * u128::from(read.count)));
        read.count
    });
    let nodes = snapshot.threads.iter().flat_map(|thread| &thread.nodes);
    (of_functions.sum(), nodes.map(|node| node.calls).sum(), snapshot.calls.len())
}

#[test]
fn loom_a_thread_that_exits_is_in_a_snapshot_once() {
    model(2, || {
        let session = session(2);
        let thread = Thread::register(&session).unwrap();
        call(&thread);
        let exit = spawn(move || thread.hand_over());
        let snapshot = collect(&session, 0);
        assert_eq!(calls_in(&snapshot), (1, 1, 1));
        assert_eq!(snapshot.threads.len(), 1);
        join(exit);
        assert_eq!(calls_in(&collect(&session, 0)), (1, 1, 1));
    });
}

#[test]
fn loom_a_thread_that_records_and_exits_is_counted_once() {
    model(2, || {
        let session = session(2);
        let of_thread = Arc::clone(&session);
        let thread = spawn(move || {
            let thread = Thread::register(&of_thread).unwrap();
            call(&thread);
            thread.hand_over();
        });
        let (counted, in_trees, logged) = calls_in(&collect(&session, 0));
        assert!(counted <= 1 && in_trees <= 1 && logged <= 1);
        join(thread);
        assert_eq!(calls_in(&collect(&session, 0)), (1, 1, 1));
    });
}

#[test]
fn loom_a_snapshot_during_a_clear_is_of_before_or_after() {
    model(PREEMPTIONS, || {
        let session = session(2);
        let thread = Thread::register(&session).unwrap();
        call(&thread);
        let closing = Arc::clone(&session);
        let close = spawn(move || closing.close());
        let snapshot = collect(&session, 0);
        assert!([(0, 0, 0), (1, 1, 1)].contains(&calls_in(&snapshot)));
        assert!(
            snapshot.paths.iter().all(|path| (path.function as usize) < snapshot.functions.len())
        );
        join(close);
    });
}

#[test]
fn loom_a_cleared_session_leaves_nothing_behind() {
    model(2, || {
        let engine = Arc::new(Engine::new(2, session(2)));
        let of_thread = Arc::clone(&engine);
        let former = Arc::downgrade(&*lock(&engine.session));
        let thread = spawn(move || {
            // Cleared in between, there is no memory, and the call would be one of the next session.
            if let Some(thread) = of_thread.register(UNUSED) {
                call(&thread);
                thread.hand_over();
            }
        });
        // As `Recorder::clear` does.
        let cleared = std::mem::replace(&mut *lock(&engine.session), session(3));
        cleared.close();
        assert!(collect(&cleared, 0).threads.is_empty());
        drop(cleared);
        join(thread);
        assert!(former.upgrade().is_none(), "a cycle keeps the session alive");
        let fresh = Arc::clone(&lock(&engine.session));
        let (counted, in_trees, logged) = calls_in(&collect(&fresh, 0));
        assert!(counted <= 1 && in_trees == counted && logged as u64 == counted);
        let of_fresh = Arc::downgrade(&fresh);
        fresh.close();
        drop((fresh, engine));
        assert!(of_fresh.upgrade().is_none(), "a cycle keeps the session alive");
    });
}

#[test]
fn loom_the_switch_and_clear_leave_the_token_of_the_current_session() {
    model(PREEMPTIONS, || {
        let clock = Some(ManualClock::new());
        let recorder = Arc::new(Recorder::with(true, Limits::DEFAULT, clock));
        let current = |recorder: &Recorder| lock(&recorder.engine().session).token;
        assert_eq!(current(&recorder), recorder.token());
        let other = Arc::clone(&recorder);
        let toggle = spawn(move || {
            other.disable();
            other.enable();
        });
        recorder.clear();
        join(toggle);
        assert_eq!(recorder.token(), current(&recorder));
        assert_eq!(recorder.engine().token(), recorder.token());
        let other = Arc::clone(&recorder);
        let disable = spawn(move || other.disable());
        recorder.clear();
        join(disable);
        assert_eq!((recorder.token(), recorder.engine().token()), (OFF, OFF));
    });
}

/// A recorder whose first session is there.
fn recorder() -> Arc<Recorder> {
    let limits = Limits { calls_per_thread: 4, slowest_per_function: 1, ..Limits::DEFAULT };
    let recorder = Arc::new(Recorder::with(true, limits, Some(ManualClock::new())));
    slot::exclusive(|| drop(Arc::clone(recorder.engine())));
    recorder
}

/// The calls that a snapshot has: of the function, in the trees, in the log; and the polls.
fn counted(recorder: &Recorder) -> (u64, u64, u64, u64) {
    let snapshot = recorder.collect().1;
    let statistics = || snapshot.functions.iter().map(|function| &function.statistics);
    let nodes = snapshot.threads.iter().flat_map(|thread| &thread.nodes);
    (
        statistics().map(|read| read.count).sum(),
        nodes.map(|node| node.calls).sum(),
        snapshot.calls.len() as u64,
        statistics().map(|read| read.polls).sum(),
    )
}

/// Pending once.
struct Twice(bool);

impl Future for Twice {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

type Travelling = Pin<Box<Profiled<Twice>>>;

fn poll(future: &mut Travelling) -> bool {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn loom_a_future_that_changes_its_thread_is_one_call() {
    model(2, || {
        let recorder = recorder();
        let mut future: Travelling =
            Box::pin(Profiled::new(Task::on(&recorder, &SITE), Twice(false)));
        let begin = spawn(move || {
            assert!(!poll(&mut future));
            slot::end_thread();
            future
        });
        assert_eq!(counted(&recorder), (0, 0, 0, 0));
        let mut future = begin.join().unwrap();
        let complete = spawn(move || {
            assert!(poll(&mut future));
            slot::end_thread();
        });
        let (calls, in_trees, logged, polls) = counted(&recorder);
        assert!(calls <= 1 && in_trees <= 1 && logged <= 1);
        assert_eq!(polls, 2 * calls, "both, whichever threads they were on");
        join(complete);
        assert_eq!(counted(&recorder), (1, 1, 1, 2));
        assert_eq!(recorder.collect().1.dropped.unrecorded_calls, 0);
    });
}

#[test]
fn loom_a_future_handed_over_during_a_clear_counts_nowhere() {
    model(2, || {
        let recorder = recorder();
        let mut future: Travelling =
            Box::pin(Profiled::new(Task::on(&recorder, &SITE), Twice(false)));
        assert!(!poll(&mut future));
        let complete = spawn(move || {
            assert!(poll(&mut future));
            slot::end_thread();
        });
        recorder.clear();
        join(complete);
        assert_eq!(counted(&recorder), (0, 0, 0, 0), "it began before");
        assert_eq!(recorder.collect().1.dropped.unrecorded_calls, 0);
        slot::end_thread();
    });
}

#[test]
fn loom_a_scope_beside_a_clear_is_counted_in_all_places_or_nowhere() {
    model(2, || {
        let recorder = recorder();
        let of_thread = Arc::clone(&recorder);
        let thread = spawn(move || {
            let scope = Scope::enter(&of_thread, &SITE);
            assert!(scope.is_recorded());
            drop(scope);
            slot::end_thread();
        });
        recorder.clear();
        join(thread);
        let (calls, in_trees, logged, _) = counted(&recorder);
        assert!(calls <= 1 && in_trees == calls && logged == calls);
    });
}

#[test]
fn loom_scopes_beside_the_switch_are_counted_if_they_say_that_they_are_recorded() {
    model(2, || {
        let recorder = recorder();
        let of_thread = Arc::clone(&recorder);
        let thread = spawn(move || {
            let recorded = (0..2).map(|_| u64::from(Scope::enter(&of_thread, &SITE).is_recorded()));
            let recorded = recorded.sum::<u64>();
            slot::end_thread();
            recorded
        });
        recorder.disable();
        let (calls, in_trees, logged, _) = counted(&recorder);
        assert!(calls <= 2 && in_trees <= 2 && logged <= 2);
        recorder.enable();
        let recorded = thread.join().unwrap();
        assert_eq!(counted(&recorder), (recorded, recorded, recorded, 0));
    });
}
