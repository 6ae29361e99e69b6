//! The work every peer is given: the same function bodies, marked for recording in the peer's own way.

use std::fmt;

/// Calls of `leaf` in a batch.
pub(crate) const LEAVES: u64 = 1_023;
/// `parent` calls in a batch, each of which calls four children.
pub(crate) const TREES: u64 = 204;
/// The argument of `fib` in a batch; the depth of the recursion.
pub(crate) const FIB: u32 = 14;

/// What is being called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    /// An empty function called in a loop.
    Leaf,
    /// A function that calls itself twice.
    Fib,
    /// A function that calls four others.
    Tree,
    /// `Leaf`, on two threads at once.
    TwoThreads,
}

impl Workload {
    /// In the order of the table's columns.
    pub(crate) const ALL: [Workload; 4] =
        [Workload::Leaf, Workload::Fib, Workload::Tree, Workload::TwoThreads];

    pub(crate) fn named(name: &str) -> Result<Workload, String> {
        Workload::ALL
            .into_iter()
            .find(|workload| workload.to_string() == name)
            .ok_or_else(|| format!("no workload `{name}`"))
    }

    /// Recorded calls in one batch.
    pub(crate) fn calls_per_batch(self) -> u64 {
        match self {
            Workload::Leaf | Workload::TwoThreads => LEAVES + 1,
            Workload::Fib => fib_calls(FIB),
            Workload::Tree => 5 * TREES + 1,
        }
    }

    pub(crate) fn thread_count(self) -> u64 {
        if self == Workload::TwoThreads { 2 } else { 1 }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Workload::Leaf => "leaf",
            Workload::Fib => "fib",
            Workload::Tree => "tree of four",
            Workload::TwoThreads => "two threads",
        })
    }
}

/// How often `fib` is called by `fib(n)`, itself included.
fn fib_calls(n: u32) -> u64 {
    if n < 2 { 1 } else { 1 + fib_calls(n - 1) + fib_calls(n - 2) }
}

/// Defines the functions of all workloads, and `batch`, which chooses one.
///
/// A function is marked either with an attribute, `workloads!(#[profile])`, or with a statement at its beginning,
/// which the macro named in `workloads!(enter)` makes of the function's name. `workloads!()` marks nothing.
///
/// `black_box` keeps the optimizer from deleting an empty function, from merging equal ones, and from turning the
/// recursion of the unmarked `fib` into a loop.
macro_rules! workloads {
    () => {
        $crate::workload::workloads!(@functions [] [$crate::workload::unmarked]);
    };
    (#[$attribute:meta]) => {
        $crate::workload::workloads!(@functions [#[$attribute]] [$crate::workload::unmarked]);
    };
    ($enter:ident) => {
        $crate::workload::workloads!(@functions [] [$enter]);
    };
    (@functions [$($attribute:tt)*] [$($enter:tt)*]) => {
        use std::hint::black_box;

        #[inline(never)]
        $($attribute)*
        fn leaf() {
            $($enter)*!("leaf");
            black_box(());
        }

        #[inline(never)]
        $($attribute)*
        fn leaves() {
            $($enter)*!("leaves");
            for _ in 0..$crate::workload::LEAVES {
                leaf();
            }
        }

        #[inline(never)]
        $($attribute)*
        fn fib(n: u32) -> u32 {
            $($enter)*!("fib");
            if n < 2 { n } else { black_box(fib(n - 1)) + black_box(fib(n - 2)) }
        }

        #[inline(never)]
        $($attribute)*
        fn first_child() {
            $($enter)*!("first_child");
            black_box(1);
        }

        #[inline(never)]
        $($attribute)*
        fn second_child() {
            $($enter)*!("second_child");
            black_box(2);
        }

        #[inline(never)]
        $($attribute)*
        fn third_child() {
            $($enter)*!("third_child");
            black_box(3);
        }

        #[inline(never)]
        $($attribute)*
        fn fourth_child() {
            $($enter)*!("fourth_child");
            black_box(4);
        }

        #[inline(never)]
        $($attribute)*
        fn parent() {
            $($enter)*!("parent");
            first_child();
            second_child();
            third_child();
            fourth_child();
        }

        #[inline(never)]
        $($attribute)*
        fn trees() {
            $($enter)*!("trees");
            for _ in 0..$crate::workload::TREES {
                parent();
            }
        }

        /// About a thousand calls of the workload.
        pub(super) fn batch(workload: $crate::workload::Workload) -> fn() {
            use $crate::workload::{FIB, Workload};

            match workload {
                Workload::Leaf | Workload::TwoThreads => leaves,
                Workload::Fib => || {
                    black_box(fib(black_box(FIB)));
                },
                Workload::Tree => trees,
            }
        }
    };
}

/// The statement of a function that is not marked with one.
macro_rules! unmarked {
    ($name:literal) => {};
}

pub(crate) use {unmarked, workloads};
