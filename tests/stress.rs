//! Everything at once, for two seconds in every test run and for a minute when asked:
//! `cargo test --release -p perprovis-tests --test stress -- --ignored`.
//!
//! Threads come and go, nest scopes, close them in any order or never, unwind, attach metadata and
//! pass futures on to each other, while others take reports, clear and switch. A shadow stands beside
//! every call and counts it, so each profiler's numbers are known exactly.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![expect(clippy::print_stdout, reason = "says how much was done to whoever asks")]

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use perprovis::{ProfileFuture, Profiler, Report, Scope, TaggedScope, profile_block};
use perprovis_tests::Random;

const THREADS: usize = 64;
const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
/// What futures are called.
const TASK: &str = "task";
/// Futures that wait for a thread to go on with them.
const MOST_TASKS: usize = 200;
/// Scopes inside each other, at most, but for those of a future.
const DEPTH: usize = 4;

/// The true counts of one function. While they move, the number of calls is from `left` to `entered`.
#[derive(Default)]
struct Shadow {
    entered: AtomicU64,
    left: AtomicU64,
    panicked: AtomicU64,
}

/// One profiler and what it must have counted.
struct Recording {
    profiler: Profiler,
    shadows: [Shadow; NAMES.len()],
    forgotten: AtomicU64,
}

enum Guard {
    Plain(Scope),
    Tagged(TaggedScope),
}

/// An open call and its shadow, if it is recorded.
struct Open<'r> {
    guard: Option<Guard>, // none once it is closed
    recording: &'r Recording,
    shadow: Option<&'r Shadow>,
}

impl Recording {
    fn new() -> Recording {
        let limits = Profiler::builder().calls_per_thread(300).calls_in_all(10_000);
        let profiler = limits.call_paths(2_000).build();
        Recording { profiler, shadows: Default::default(), forgotten: AtomicU64::new(0) }
    }

    /// Only a plain scope tells whether it is recorded, which is not certain if others switch.
    fn enter(&self, random: &mut Random, is_switched: bool) -> Open<'_> {
        let profiler = &self.profiler;
        let name = random.below(NAMES.len() as u64) as usize;
        let shadow = &self.shadows[name];
        shadow.entered.fetch_add(1, Ordering::SeqCst);
        let guard = match (name, random.below(8)) {
            (0, 1) if !is_switched => {
                Guard::Tagged(profile_block!(profiler = profiler, "a", kind = "a text"))
            }
            (_, 0) if !is_switched => {
                Guard::Tagged(profiler.block(NAMES[name]).with("number", random.draw()))
            }
            (0, _) => Guard::Plain(profile_block!(profiler = profiler, "a")),
            (1, _) => Guard::Plain(profile_block!(profiler = profiler, "b")),
            (2, _) => Guard::Plain(profile_block!(profiler = profiler, "c")),
            _ => Guard::Plain(profile_block!(profiler = profiler, NAMES[name])),
        };
        let is_recorded = match &guard {
            Guard::Plain(scope) => scope.is_recorded(),
            Guard::Tagged(_) => true,
        };
        if !is_recorded {
            shadow.entered.fetch_sub(1, Ordering::SeqCst);
        }
        Open { guard: Some(guard), recording: self, shadow: is_recorded.then_some(shadow) }
    }

    /// One number of every function.
    fn calls(&self, counter: impl Fn(&Shadow) -> &AtomicU64) -> [u64; NAMES.len()] {
        self.shadows.each_ref().map(|shadow| counter(shadow).load(Ordering::SeqCst))
    }

    /// A report taken while all of it moves: every count is between what was true before and after.
    fn assert_between(&self) {
        let at_least = self.calls(|shadow| &shadow.left);
        let report = self.profiler.report();
        let at_most = self.calls(|shadow| &shadow.entered);
        assert_consistent(&report);
        for (at, name) in NAMES.iter().enumerate() {
            let counted = calls_of(&report, name).0;
            let within = at_least[at]..=at_most[at];
            assert!(within.contains(&counted), "{counted} calls of {name}, not in {within:?}");
        }
    }

    /// A report taken while nothing moves.
    fn assert_exact(&self) -> Report {
        let report = self.profiler.report();
        assert_consistent(&report);
        let (left, panicked) =
            (self.calls(|shadow| &shadow.left), self.calls(|shadow| &shadow.panicked));
        for (at, name) in NAMES.iter().enumerate() {
            assert_eq!(calls_of(&report, name), (left[at], panicked[at]), "{name}");
        }
        report
    }

    /// Forgets everything, while nothing moves.
    fn clear(&self) {
        self.profiler.clear();
        for shadow in &self.shadows {
            for counter in [&shadow.entered, &shadow.left, &shadow.panicked] {
                counter.store(0, Ordering::SeqCst);
            }
        }
    }
}

impl Open<'_> {
    fn forget(mut self) {
        std::mem::forget(self.guard.take());
        let forgotten = u64::from(self.shadow.take().is_some());
        self.recording.forgotten.fetch_add(forgotten, Ordering::SeqCst);
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        match self.guard.take() {
            Some(Guard::Plain(scope)) => drop(scope),
            Some(Guard::Tagged(scope)) => drop(scope),
            None => {}
        }
        if let Some(shadow) = self.shadow {
            shadow.panicked.fetch_add(u64::from(thread::panicking()), Ordering::SeqCst);
            shadow.left.fetch_add(1, Ordering::SeqCst);
        }
    }
}

fn calls_of(report: &Report, name: &str) -> (u64, u64) {
    report.function(name).map_or((0, 0), |stats| (stats.call_count, stats.panicked))
}

/// What holds of every report, whatever goes on.
fn assert_consistent(report: &Report) {
    for stats in report.functions() {
        assert!((0.0..=1.0).contains(&stats.share()), "{stats:?}");
        assert!(
            stats.panicked <= stats.call_count && stats.min_time <= stats.max_time,
            "{stats:?}"
        );
    }
    for node in report.call_tree().iter() {
        assert!(node.children().all(|child| child.total_time() <= node.total_time()));
    }
    // Reading it back looks for contradictions.
    assert_eq!(Report::from_json(&report.to_json()).unwrap().functions(), report.functions());
}

/// A future on its way from thread to thread.
struct Travelling<'r> {
    future: Pin<Box<dyn Future<Output = ()> + Send + 'r>>,
    polls: u64,
}

/// What became of the futures.
#[derive(Default)]
struct Tasks<'r> {
    waiting: Mutex<Vec<Travelling<'r>>>,
    completed: AtomicU64,
    panicked: AtomicU64,
    cancelled: AtomicU64,
    polls: AtomicU64, // of those that completed
}

impl<'r> Tasks<'r> {
    fn make(recording: &'r Recording, random: &mut Random) -> Travelling<'r> {
        let (mut more, mut own) = (random.below(5), Random(random.draw()));
        let ends_in_panic = random.below(8) == 0;
        let work = poll_fn(move |_| {
            let _inner = recording.enter(&mut own, false);
            if more == 0 && ends_in_panic {
                resume_unwind(Box::new(()));
            }
            more = more.saturating_sub(1);
            if more == 0 && !ends_in_panic { Poll::Ready(()) } else { Poll::Pending }
        });
        Travelling { future: Box::pin(work.profiled_on(&recording.profiler, TASK)), polls: 0 }
    }

    /// Takes one up and goes on with it, or drops it.
    fn go_on(&self, recording: &'r Recording, random: &mut Random) {
        let taken = {
            let mut waiting = self.waiting.lock().unwrap();
            let at = random.below(MOST_TASKS as u64) as usize;
            (at < waiting.len()).then(|| waiting.swap_remove(at))
        };
        let mut task = taken.unwrap_or_else(|| Tasks::make(recording, random));
        if random.below(16) == 0 {
            self.cancel(task);
            return;
        }
        task.polls += 1;
        let mut context = Context::from_waker(Waker::noop());
        let polled = catch_unwind(AssertUnwindSafe(|| task.future.as_mut().poll(&mut context)));
        match polled {
            Ok(Poll::Pending) => {
                self.waiting.lock().unwrap().push(task);
                return;
            }
            Ok(Poll::Ready(())) => {}
            Err(_) => {
                self.panicked.fetch_add(1, Ordering::SeqCst);
            }
        }
        self.completed.fetch_add(1, Ordering::SeqCst);
        self.polls.fetch_add(task.polls, Ordering::SeqCst);
    }

    /// One that was never polled is no call.
    fn cancel(&self, task: Travelling<'r>) {
        self.cancelled.fetch_add(u64::from(task.polls > 0), Ordering::SeqCst);
    }

    fn assert_exact(&self, report: &Report) {
        let task = report.function(TASK).unwrap();
        let counted = [task.call_count, task.panicked, task.cancelled, task.polls];
        let counters = [&self.completed, &self.panicked, &self.cancelled, &self.polls];
        assert_eq!(counted, counters.map(|counter| counter.load(Ordering::SeqCst)));
        assert!(counted.iter().all(|&count| count > 0), "{counted:?}");
    }
}

/// The profilers of a run, by what is done to them meanwhile.
struct Run<'r> {
    steady: &'r Recording,
    switched: &'r Recording,
    /// Cleared while nobody uses it.
    cleared: &'r Recording,
    clearing: RwLock<()>,
    /// Cleared at any moment.
    wild: &'r Recording,
    tasks: Tasks<'r>,
}

impl<'r> Run<'r> {
    /// A thread's life: some programs, each on one of the profilers.
    fn live(&self, mut random: Random) {
        for _ in 0..random.below(400) {
            // Whatever unwinds has been counted by the shadows.
            let _ = catch_unwind(AssertUnwindSafe(|| match random.below(4) {
                0 => self.program(self.steady, &mut random, 0),
                1 => self.program(self.switched, &mut random, 0),
                2 => {
                    let _use = self.clearing.read().unwrap();
                    self.program(self.cleared, &mut random, 0);
                }
                _ => self.program(self.wild, &mut random, 0),
            }));
        }
    }

    fn program(&self, recording: &'r Recording, random: &mut Random, depth: usize) {
        let is_switched = std::ptr::eq(recording, self.switched);
        for _ in 0..random.below(4) {
            match random.below(20) {
                0 if depth > 0 => recording.enter(random, is_switched).forget(),
                1 if depth > 0 => resume_unwind(Box::new(())),
                2 => {
                    let mut open: Vec<_> =
                        (0..3).map(|_| recording.enter(random, is_switched)).collect();
                    while !open.is_empty() {
                        open.swap_remove(random.below(open.len() as u64) as usize);
                    }
                }
                3 | 4 if depth < DEPTH => self.tasks.go_on(self.steady, random),
                _ if depth < DEPTH => {
                    let _open = recording.enter(random, is_switched);
                    self.program(recording, random, depth + 1);
                }
                _ => {}
            }
        }
    }

    fn switch_and_clear(&self, on: bool) {
        if on {
            self.switched.profiler.enable()
        } else {
            self.switched.profiler.disable()
        }
        self.switched.assert_between();
        self.wild.profiler.clear();
        let report = self.wild.profiler.report();
        assert_consistent(&report);
        for (name, at_most) in NAMES.iter().zip(self.wild.calls(|shadow| &shadow.entered)) {
            assert!(calls_of(&report, name).0 <= at_most);
        }
        let _nobody_uses_it = self.clearing.write().unwrap();
        self.cleared.assert_exact();
        self.cleared.clear();
    }
}

fn stress(time: Duration) {
    let recordings: [Recording; 4] = std::array::from_fn(|_| Recording::new());
    let [steady, switched, cleared, wild] = &recordings;
    let (clearing, tasks) = (RwLock::new(()), Tasks::default());
    let run = &Run { steady, switched, cleared, clearing, wild, tasks };
    let mut random = Random(1);
    let (mut lives, rounds) = (0, AtomicU64::new(0));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                run.steady.assert_between();
            }
        });
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                run.switch_and_clear(rounds.fetch_add(1, Ordering::SeqCst) % 2 == 1);
            }
        });
        let mut live = || {
            lives += 1;
            let random = Random(random.draw());
            scope.spawn(move || run.live(random))
        };
        let mut threads: Vec<ScopedJoinHandle<'_, ()>> = (0..THREADS).map(|_| live()).collect();
        let end = Instant::now() + time;
        while Instant::now() < end {
            for thread in &mut threads {
                if thread.is_finished() {
                    std::mem::replace(thread, live()).join().unwrap();
                }
            }
            thread::yield_now();
        }
        // A scope's end waits for no thread-local destructors, this does.
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        done.store(true, Ordering::SeqCst);
    });
    run.tasks.waiting.lock().unwrap().drain(..).for_each(|task| run.tasks.cancel(task));
    let report = steady.assert_exact();
    run.tasks.assert_exact(&report);
    switched.assert_exact();
    cleared.assert_exact();
    for recording in [steady, switched] {
        let dropped = recording.profiler.report().dropped();
        assert_eq!(dropped.unrecorded_calls, recording.forgotten.load(Ordering::SeqCst));
        assert!(dropped.unrecorded_calls > 0);
    }
    wild.clear();
    drop(wild.enter(&mut random, false));
    wild.assert_exact();
    let clears = rounds.into_inner();
    assert!(lives > THREADS && clears > 1, "{lives} threads, {clears} clears");
    println!("{lives} threads, {clears} clears, {} calls", report.summary().total_calls);
}

#[test]
fn sixty_four_threads_do_everything_at_once() {
    stress(Duration::from_secs(2));
}

#[test]
#[ignore = "takes a minute"]
fn sixty_four_threads_do_everything_at_once_for_a_minute() {
    stress(Duration::from_secs(60));
}
