//! Runs a made-up program on a profiler, and its model beside it.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use perprovis::{
    ManualClock, ProfileFuture, Profiled, Profiler, Scope, TaggedScope, profile_block,
};

use crate::on_manual_clock;
use crate::program::{Action, NAMES, Polled, Step, TASKS, THREADS};
use crate::truth::{Counts, Truth};

/// Runs the program.
///
/// # Panics
///
/// If a report is not what the model says.
pub fn check(program: &[Step]) {
    let mut machine = Machine::new();
    let mut truth = Truth::default();
    for &step in program {
        truth.take(step);
        machine.take(step);
        if step.action == Action::Report {
            machine.compare(&truth);
        }
    }
    for thread in 0..THREADS {
        let end = Step { thread, action: Action::End, nanos: 1 };
        truth.take(end);
        machine.take(end);
    }
    machine.compare(&truth);
}

enum Guard {
    Plain(Scope),
    Tagged(TaggedScope),
}

thread_local! {
    /// Open scopes of this thread.
    static GUARDS: RefCell<Vec<Guard>> = const { RefCell::new(Vec::new()) };
}

/// The profiler, its clock, and what works with them.
struct Machine {
    stage: Stage,
    workers: [Worker; THREADS],
    tasks: [Arc<Mutex<Option<Task>>>; TASKS],
}

#[derive(Clone)]
struct Stage {
    clock: ManualClock,
    profiler: Arc<Profiler>,
}

struct Task {
    future: Pin<Box<Profiled<Body>>>,
    next: Arc<Mutex<Polled>>,
}

/// What a future does.
struct Body {
    stage: Stage,
    next: Arc<Mutex<Polled>>,
}

impl Machine {
    fn new() -> Machine {
        let (clock, builder) = on_manual_clock();
        let stage = Stage { clock, profiler: Arc::new(builder.build()) };
        Machine {
            stage,
            workers: std::array::from_fn(|_| Worker::new()),
            tasks: Default::default(),
        }
    }

    fn take(&mut self, Step { thread, action, nanos }: Step) {
        let stage = self.stage.clone();
        stage.clock.advance_nanos(nanos);
        match action {
            Action::Clear => stage.profiler.clear(),
            Action::Disable => stage.profiler.disable(),
            Action::Enable => stage.profiler.enable(),
            Action::Report => {}
            Action::End => {
                std::mem::replace(&mut self.workers[thread], Worker::new()).end();
            }
            Action::Poll(task, name, polled) => {
                let task = Arc::clone(&self.tasks[task]);
                self.workers[thread].run(move || poll(&stage, &task, name, polled));
            }
            Action::Cancel(task) => {
                let task = Arc::clone(&self.tasks[task]);
                self.workers[thread].run(move || drop(lock(&task).take()));
            }
            _ => self.workers[thread].run(move || stage.act(action)),
        }
    }

    fn compare(&self, truth: &Truth) {
        let report = self.stage.profiler.report();
        let nanos = |time: Duration| time.as_nanos() as u64;
        let mut calls = 0;
        for name in NAMES {
            let counted = report.function(name).map_or_else(Counts::default, |stats| Counts {
                calls: stats.call_count,
                panicked: stats.panicked,
                total: nanos(stats.total_time),
                own: nanos(stats.self_time),
                min: nanos(stats.min_time),
                max: nanos(stats.max_time),
                polls: stats.polls,
                busy: nanos(stats.busy_time),
                idle: nanos(stats.idle_time),
                cancelled: stats.cancelled,
            });
            assert_eq!(counted, truth.counts(name), "{name}");
            calls += counted.calls;
        }
        assert_eq!(report.dropped().unrecorded_calls, truth.unrecorded());
        let mut open: Vec<_> = report.open_scopes().iter().map(|scope| &*scope.name).collect();
        open.sort_unstable();
        assert_eq!(open, truth.open());
        assert_eq!(report.call_tree().iter().map(|node| node.call_count()).sum::<u64>(), calls);
        assert_eq!(report.calls().len() as u64 + report.dropped().log_calls, calls);
    }
}

impl Stage {
    fn enter(&self, name: usize) -> Scope {
        let profiler = &*self.profiler;
        match name {
            0 => profile_block!(profiler = profiler, "a"),
            1 => profile_block!(profiler = profiler, "b"),
            _ => profile_block!(profiler = profiler, NAMES[name]),
        }
    }

    fn act(&self, action: Action) {
        match action {
            Action::Enter(name) => push(Guard::Plain(self.enter(name))),
            Action::EnterTagged(name) => {
                let profiler = &*self.profiler;
                let scope = profile_block!(profiler = profiler, NAMES[name], number = name);
                push(Guard::Tagged(scope));
            }
            Action::Leave => close_last(),
            Action::Close(number) => drop(remove(number)),
            Action::Forget(number) => std::mem::forget(remove(number)),
            Action::Unwind(outer, inner) => unwind(|| {
                let _outer = self.enter(outer);
                let _inner = self.enter(inner);
                resume_unwind(Box::new(()));
            }),
            _ => {}
        }
    }
}

fn push(guard: Guard) {
    GUARDS.with_borrow_mut(|guards| guards.push(guard));
}

fn close_last() {
    match GUARDS.with_borrow_mut(Vec::pop) {
        Some(Guard::Plain(scope)) => drop(scope),
        Some(Guard::Tagged(scope)) => drop(scope),
        None => {}
    }
}

fn remove(number: usize) -> Option<Guard> {
    GUARDS.with_borrow_mut(|guards| {
        (!guards.is_empty()).then(|| guards.remove(number % guards.len()))
    })
}

fn unwind(work: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn poll(stage: &Stage, slot: &Mutex<Option<Task>>, name: usize, polled: Polled) {
    let mut slot = lock(slot);
    let task = slot.get_or_insert_with(|| {
        let next = Arc::new(Mutex::new(polled));
        let body = Body { stage: stage.clone(), next: Arc::clone(&next) };
        Task { future: Box::pin(body.profiled_on(&stage.profiler, NAMES[name])), next }
    });
    *lock(&task.next) = polled;
    let mut context = Context::from_waker(Waker::noop());
    let result = catch_unwind(AssertUnwindSafe(|| task.future.as_mut().poll(&mut context)));
    if !matches!(result, Ok(Poll::Pending)) {
        *slot = None;
    }
}

impl Future for Body {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let next = *lock(&self.next);
        let _inner = match next {
            Polled::Calls(name) => Some(self.stage.enter(name)),
            _ => None,
        };
        self.stage.clock.advance_nanos(1);
        match next {
            Polled::Pending | Polled::Calls(_) => Poll::Pending,
            Polled::ClosesAround => {
                close_last();
                Poll::Pending
            }
            Polled::Ready => Poll::Ready(()),
            Polled::Unwinds => resume_unwind(Box::new(())),
        }
    }
}

/// A thread that does what it is told, one thing at a time.
struct Worker {
    orders: Sender<Box<dyn FnOnce() + Send>>,
    done: Receiver<()>,
    thread: JoinHandle<()>,
}

impl Worker {
    fn new() -> Worker {
        let (orders, taken) = channel::<Box<dyn FnOnce() + Send>>();
        let (tell, done) = channel();
        let thread = thread::spawn(move || {
            for order in taken {
                order();
                let _ = tell.send(()); // nobody waits who has failed
            }
        });
        Worker { orders, done, thread }
    }

    fn run(&self, order: impl FnOnce() + Send + 'static) {
        let sent = self.orders.send(Box::new(order));
        assert!(sent.is_ok() && self.done.recv().is_ok(), "a step panicked");
    }

    fn end(self) {
        // One by one: what holds them is no leak that a fuzzer should tell.
        self.run(|| GUARDS.take().into_iter().for_each(std::mem::forget));
        drop(self.orders);
        assert!(self.thread.join().is_ok());
    }
}
