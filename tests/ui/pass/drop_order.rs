//! Parameters, variables and temporaries are dropped in the order in which they are without the
//! attribute.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

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

/// What `work` drops, in order; it may panic.
fn dropped<R>(work: impl FnOnce() -> R) -> Vec<&'static str> {
    drop(catch_unwind(AssertUnwindSafe(work)));
    DROPPED.with(|dropped| dropped.take())
}

/// Each function once as it is and once with the attribute.
macro_rules! same_order {
    ($($case:ident($($argument:expr),*) { $($function:tt)* })*) => {
        $(mod $case {
            #[allow(unused_imports)]
            use super::Tell;

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
            $(
                let plain = dropped(|| $case::plain::run($($argument),*));
                let profiled = dropped(|| $case::profiled::run($($argument),*));
                assert_eq!(profiled, plain, "{}", stringify!($case));
                assert!(plain.len() > 1, "{} proves nothing", stringify!($case));
            )*
        }
    };
}

same_order! {
    parameters(Tell("a"), Tell("b"), Tell("c")) {
        pub fn run(_a: Tell, b: Tell, _: Tell) -> usize {
            b.length()
        }
    }

    parameters_in_patterns((Tell("a"), Tell("b")), [Tell("c"), Tell("d")], Tell("e")) {
        pub fn run((a, _): (Tell, Tell), [_, d]: [Tell; 2], _e: Tell) -> usize {
            a.length() + d.length()
        }
    }

    parameters_some_of_which_are_moved(Tell("a"), Tell("b"), Tell("c")) {
        pub fn run(a: Tell, b: Tell, c: Tell) -> usize {
            let moved = b;
            drop(c);
            a.length() + moved.length()
        }
    }

    variables(Tell("parameter")) {
        pub fn run(parameter: Tell) {
            let _first = Tell("first");
            let _ = Tell("at once");
            let parameter = parameter.child("shadow");
            let _last = parameter.child("last");
            Tell("statement");
        }
    }

    temporaries_of_the_tail(Tell("parameter")) {
        pub fn run(parameter: Tell) -> usize {
            let local = Tell("local");
            local.child("temporary").length() + parameter.child("other temporary").length()
        }
    }

    temporaries_of_a_block_in_the_tail(Tell("parameter")) {
        pub fn run(parameter: Tell) -> usize {
            let _local = Tell("local");
            {
                let _inner = Tell("inner");
                parameter.child("temporary").length()
            }
        }
    }

    temporaries_of_a_match(Tell("parameter")) {
        pub fn run(parameter: Tell) -> usize {
            let _local = Tell("local");
            match parameter.child("scrutinee").when(true) {
                Some(tell) => tell.child("arm").length(),
                None => 0,
            }
        }
    }

    temporaries_of_if_let(Tell("parameter")) {
        pub fn run(parameter: Tell) -> usize {
            let _local = Tell("local");
            if let Some(tell) = parameter.child("scrutinee").when(false) {
                tell.length()
            } else {
                Tell("else").length()
            }
        }
    }

    temporaries_of_while_let(Tell("parameter")) {
        pub fn run(parameter: Tell) {
            let mut rounds = 2;
            while let Some(tell) = parameter.child("scrutinee").when(rounds > 0) {
                let _inner = tell.child("inner");
                rounds -= 1;
            }
        }
    }

    temporaries_of_let_else(Tell("parameter")) {
        pub fn run(parameter: Tell) -> usize {
            let _local = Tell("local");
            let Ok(length) = parameter.child("temporary").fail() else {
                return Tell("else").length();
            };
            length
        }
    }

    temporaries_of_a_return(Tell("parameter")) {
        pub fn run(parameter: Tell) -> usize {
            let _local = Tell("local");
            return parameter.child("temporary").length();
        }
    }

    temporaries_of_a_question(Tell("parameter")) {
        pub fn run(parameter: Tell) -> Result<usize, usize> {
            let _local = Tell("local");
            let length = parameter.child("temporary").fail()?;
            Ok(length + Tell("never").length())
        }
    }

    temporaries_that_live_longer(Tell("parameter")) {
        pub fn run(parameter: Tell) -> usize {
            let extended = &parameter.child("extended");
            let _local = Tell("local");
            extended.length()
        }
    }

    temporaries_of_a_macro(Tell("parameter")) {
        pub fn run(parameter: Tell) -> String {
            let _local = Tell("local");
            format!("{}", parameter.child("temporary").length())
        }
    }

    result_with_a_destructor(Tell("parameter")) {
        pub fn run(parameter: Tell) -> Tell {
            let _local = Tell("local");
            parameter.child("temporary").child("result")
        }
    }

    captures_of_a_closure(Tell("parameter"), Tell("other")) {
        pub fn run(parameter: Tell, other: Tell) -> impl FnOnce() -> usize {
            let local = Tell("local");
            move || local.length() + other.length() + parameter.length()
        }
    }

    unwinding(Tell("a"), Tell("b")) {
        pub fn run(a: Tell, _b: Tell) -> usize {
            let local = Tell("local");
            let length = a.child("temporary").length();
            if length > 0 {
                panic!("{}", local.length());
            }
            length
        }
    }
}
