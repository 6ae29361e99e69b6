//! Parameters, variables and temporaries of async functions are dropped in the order in which they
//! are without the attribute: when they complete, are cancelled, panic, or never begin.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

thread_local! {
    static DROPPED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Tells when it is dropped.
struct Tell(&'static str);

impl Drop for Tell {
    fn drop(&mut self) {
        DROPPED.with(|dropped| dropped.borrow_mut().push(self.0));
    }
}

impl Tell {
    fn length(&self) -> usize {
        self.0.len()
    }

    fn when(&self, wanted: bool) -> Option<&Tell> {
        if wanted { Some(self) } else { None }
    }

    fn child(&self, name: &'static str) -> Tell {
        Tell(name)
    }

    fn fail(&self) -> Result<usize, usize> {
        Err(self.length())
    }
}

/// Pending once.
struct Suspend(bool);

impl Future for Suspend {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

fn suspend() -> Suspend {
    Suspend(false)
}

/// What is dropped with a future that is polled `polls` times at most, in order.
fn dropped<F: Future>(polls: u32, future: impl FnOnce() -> F) -> Vec<&'static str> {
    drop(catch_unwind(AssertUnwindSafe(|| {
        let mut future = Box::pin(future());
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..polls {
            if future.as_mut().poll(&mut context).is_ready() {
                // What outlives the completion shows by its place after this.
                DROPPED.with(|dropped| dropped.borrow_mut().push("(completed)"));
                break;
            }
        }
    })));
    DROPPED.with(|dropped| dropped.take())
}

/// Each function once as it is and once with the attribute, dropped after each number of polls.
macro_rules! same_order {
    ($($case:ident($($argument:expr),*) { $($function:tt)* })*) => {
        $(mod $case {
            #[allow(unused_imports)]
            use super::{Tell, suspend};

            pub(crate) mod plain {
                use super::*;

                $($function)*
            }

            pub(crate) mod profiled {
                use super::*;

                #[perprovis::profile]
                $($function)*
            }
        })*

        fn main() {
            let mut failed = String::new();
            $(for polls in 0..4 {
                let plain = dropped(polls, || $case::plain::run($($argument),*));
                let profiled = dropped(polls, || $case::profiled::run($($argument),*));
                assert!(!plain.is_empty(), "{} proves nothing", stringify!($case));
                if profiled != plain {
                    let case = stringify!($case);
                    failed += &format!("{case}, {polls} polls: {profiled:?}, should be {plain:?}\n");
                }
            })*
            assert!(failed.is_empty(), "\n{failed}");
        }
    };
}

same_order! {
    parameters(Tell("a"), Tell("b"), Tell("c")) {
        pub async fn run(a: Tell, b: Tell, _c: Tell) -> usize {
            suspend().await;
            b.length() + a.length()
        }
    }

    parameters_in_patterns((Tell("a"), Tell("b")), [Tell("c"), Tell("d")], Tell("e")) {
        pub async fn run((a, b): (Tell, Tell), [c, d]: [Tell; 2], _e: Tell) -> usize {
            suspend().await;
            d.length() + b.length() + c.length() + a.length()
        }
    }

    parameters_in_part_without_a_name((Tell("a"), Tell("b")), Tell("c")) {
        pub async fn run((a, _): (Tell, Tell), c: Tell) -> usize {
            suspend().await;
            a.length() + c.length()
        }
    }

    parameters_some_of_which_are_moved(Tell("a"), Tell("b"), Tell("c"), Tell("d")) {
        pub async fn run(a: Tell, b: Tell, c: Tell, _d: Tell) -> usize {
            let moved = b;
            suspend().await;
            drop(c);
            suspend().await;
            a.length() + moved.length()
        }
    }

    variables(Tell("parameter")) {
        pub async fn run(parameter: Tell) {
            let _first = Tell("first");
            let _ = Tell("at once");
            let parameter = parameter.child("shadow");
            suspend().await;
            let _last = parameter.child("last");
            Tell("statement");
            suspend().await;
        }
    }

    temporaries_of_the_tail(Tell("parameter")) {
        pub async fn run(parameter: Tell) -> usize {
            let local = Tell("local");
            suspend().await;
            local.child("temporary").length() + parameter.child("other temporary").length()
        }
    }

    temporaries_of_an_await(Tell("parameter")) {
        pub async fn run(parameter: Tell) {
            let _local = Tell("local");
            (parameter.child("temporary"), suspend()).1.await
        }
    }

    temporaries_of_a_match(Tell("parameter")) {
        pub async fn run(parameter: Tell) -> usize {
            let _local = Tell("local");
            match parameter.child("scrutinee").when(true) {
                Some(tell) => {
                    suspend().await;
                    tell.child("arm").length()
                }
                None => 0,
            }
        }
    }

    temporaries_of_if_let(Tell("parameter")) {
        pub async fn run(parameter: Tell) -> usize {
            let _local = Tell("local");
            if let Some(tell) = parameter.child("scrutinee").when(false) {
                tell.length()
            } else {
                suspend().await;
                Tell("else").length()
            }
        }
    }

    temporaries_of_a_return(Tell("parameter")) {
        pub async fn run(parameter: Tell) -> usize {
            let _local = Tell("local");
            suspend().await;
            return parameter.child("temporary").length();
        }
    }

    temporaries_of_a_question(Tell("parameter")) {
        pub async fn run(parameter: Tell) -> Result<usize, usize> {
            let _local = Tell("local");
            suspend().await;
            let length = parameter.child("temporary").fail()?;
            Ok(length + Tell("never").length())
        }
    }

    unwinding(Tell("a"), Tell("b")) {
        pub async fn run(a: Tell, _b: Tell) -> usize {
            let local = Tell("local");
            suspend().await;
            let length = a.child("temporary").length();
            if length > 0 {
                panic!("{}", local.length());
            }
            length
        }
    }
}
