//! The programs, each in three forms that differ by the attribute alone.
//!
//! What they compute is a chain, each step of which needs the one before, so that a body takes the same
//! time wherever it stands. (A body that the CPU overlaps with the next call of it takes longer between
//! two readings of any clock: there is no truth to compare with.) How many steps is not known to the
//! compiler, which would move them out of the measured body.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;

/// One step takes some 1.5 ns.
#[inline(always)]
fn steps(mut x: u64, count: u64) -> u64 {
    for _ in 0..count {
        x = (x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    }
    x
}

/// The functions, marked with an attribute: `body` for `caller`, `descend` for `start`, `task` for `poll`.
macro_rules! functions {
    ($module:ident, [$($attribute:tt)*]) => {
        pub(crate) mod $module {
            use super::*;

            #[inline(never)]
            $($attribute)*
            fn body(x: u64, own: u64) -> u64 {
                steps(x, own)
            }

            #[inline(never)]
            $($attribute)*
            pub(crate) fn caller(calls: u64, own: u64, between: u64) -> u64 {
                (0..calls).fold(1, |x, _| steps(body(x, black_box(own)), black_box(between)))
            }

            #[inline(never)]
            $($attribute)*
            fn descend(x: u64, depth: u64, own: u64) -> u64 {
                let x = steps(x, black_box(own));
                if depth == 0 { x } else { steps(descend(x, depth - 1, own), black_box(own)) }
            }

            #[inline(never)]
            $($attribute)*
            pub(crate) fn start(depth: u64, own: u64) -> u64 {
                descend(1, depth, own)
            }

            $($attribute)*
            async fn task(x: u64, own: u64) -> u64 {
                let x = steps(x, black_box(own));
                Once(false).await;
                steps(x, black_box(own))
            }

            #[inline(never)]
            $($attribute)*
            pub(crate) fn poll(calls: u64, own: u64) -> u64 {
                (0..calls).fold(1, |x, _| complete(task(x, own)))
            }
        }
    };
}

functions!(bare, []);
functions!(measured, [#[perprovis::profile]]);
functions!(by_peer, [#[hotpath::measure]]);

/// Calls after which a thread's log of calls has gone round.
const WARM_UP: usize = 20_000;

/// Lets a thread's log of calls go round. The report taken before a round has read all of it, so that each
/// line would come from another core's or a farther cache, and a new thread's pages are new: 3 ns a
/// call, which only a round as short as ours pays.
fn warm_up() {
    #[inline(never)]
    #[perprovis::profile]
    fn nothing() {}

    (0..WARM_UP).for_each(|_| nothing());
}

/// Pending once.
struct Once(bool);

impl Future for Once {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

fn complete<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

/// What is called how often.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `calls` of `body` in a loop.
    Loop,
    /// The same on two threads at once.
    TwoThreads,
    /// `calls` deep.
    Recursion,
    /// `calls` of `task`, two polls each.
    Async,
}

/// A program: what it does, and how many steps.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) calls: u64,
    pub(crate) own: u64,     // steps in the body
    pub(crate) between: u64, // steps of the caller between calls
    pub(crate) repeat: u64,  // calls of the caller in a round
}

/// The three forms.
pub(crate) struct Form {
    caller: fn(u64, u64, u64) -> u64,
    start: fn(u64, u64) -> u64,
    poll: fn(u64, u64) -> u64,
    warm_up: fn(), // on each thread before the round
}

macro_rules! form {
    ($module:ident, $warm_up:expr) => {
        Form {
            caller: $module::caller,
            start: $module::start,
            poll: $module::poll,
            warm_up: $warm_up,
        }
    };
}

pub(crate) const BARE: Form = form!(bare, || ());
pub(crate) const MEASURED: Form = form!(measured, warm_up);
pub(crate) const BY_PEER: Form = form!(by_peer, || ());

impl Program {
    #[rustfmt::skip] // a table
    pub(crate) fn all() -> Vec<Program> {
        use Shape::{Async, Loop, Recursion, TwoThreads};
        let program = |name, shape, calls, own, between, repeat| {
            Program { name, shape, calls, own, between, repeat }
        };
        vec![
            program("15 ns", Loop, 1_000, 10, 0, 5),
            program("15 ns, caller at work", Loop, 1_000, 10, 20, 5),
            program("200 ns, caller at work", Loop, 1_000, 130, 20, 4), // or the first calls cost 3 ns
            program("1 us, caller at work", Loop, 300, 670, 20, 1),
            program("2 us, caller at work", Loop, 150, 1_340, 20, 1),
            program("1 ms, caller at work", Loop, 1, 670_000, 20, 1),
            program("15 ns, two threads", TwoThreads, 1_000, 10, 20, 5),
            program("100 ns, 100 deep", Recursion, 100, 35, 0, 10),
            program("async, 2 us", Async, 150, 670, 0, 1),
        ]
    }

    /// The function whose calls are counted, and the one that calls it.
    pub(crate) fn functions(&self) -> (&'static str, &'static str) {
        match self.shape {
            Shape::Loop | Shape::TwoThreads => ("body", "caller"),
            Shape::Recursion => ("descend", "start"),
            Shape::Async => ("task", "poll"),
        }
    }

    /// Calls of the first of these in a round.
    pub(crate) fn calls_in_all(&self) -> u64 {
        match self.shape {
            Shape::TwoThreads => 2 * self.calls * self.repeat,
            Shape::Recursion => (self.calls + 1) * self.repeat,
            Shape::Loop | Shape::Async => self.calls * self.repeat,
        }
    }

    /// One round, with other steps between the calls if need be; `around` runs the loop on each thread.
    pub(crate) fn run(&self, form: &Form, between: u64, around: &(dyn Fn(&dyn Fn()) + Sync)) {
        let once = || {
            black_box(match self.shape {
                Shape::Loop | Shape::TwoThreads => (form.caller)(self.calls, self.own, between),
                Shape::Recursion => (form.start)(self.calls, self.own),
                Shape::Async => (form.poll)(self.calls, self.own),
            });
        };
        let all = || {
            (form.warm_up)();
            around(&|| (0..self.repeat).for_each(|_| once()));
        };
        if self.shape != Shape::TwoThreads {
            return all();
        }
        thread::scope(|scope| {
            scope.spawn(all);
            scope.spawn(all);
        });
    }
}
