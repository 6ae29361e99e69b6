//! What is done once costs: the first call of a function, the first call on a thread, the end of a
//! thread: `cargo bench -p perprovis --bench cold`.
//!
//! CPU time, with the same without the attribute taken off; the median of the rounds. The first
//! calls in the process are there once, so they have one round.

use std::hint::black_box;
use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use cpu_time::{ProcessTime, ThreadTime};
use perprovis::{global, profile};

const ROUNDS: usize = 101;
/// More calls than a thread's log holds.
const MANY: usize = 20_000;

/// `all`, which gives four functions to the power of the number of stars, all with names of their own.
macro_rules! functions {
    ([$($attribute:tt)*]) => {
        #[inline(never)]
        $($attribute)*
        fn function() {
            black_box(());
        }

        pub(super) fn all() -> Vec<fn()> {
            vec![function]
        }
    };
    ($attribute:tt * $($rest:tt)*) => {
        mod a { use super::*; functions!($attribute $($rest)*); }
        mod b { use super::*; functions!($attribute $($rest)*); }
        mod c { use super::*; functions!($attribute $($rest)*); }
        mod d { use super::*; functions!($attribute $($rest)*); }

        pub(super) fn all() -> Vec<fn()> {
            [a::all(), b::all(), c::all(), d::all()].concat()
        }
    };
}

mod bare {
    use super::*;
    functions!([] * * * *);
}

mod recorded {
    use super::*;
    functions!([#[profile]] * * * *);
}

fn main() {
    let has = |wanted| std::env::args().any(|argument| argument == wanted);
    let in_earnest = has("--bench") && !has("--test"); // else only to see that it runs
    let rounds = if in_earnest { ROUNDS } else { 1 };
    let (bare, recorded) = (bare::all(), recorded::all());
    let one = |functions: &[fn()]| functions[..1].to_vec();
    let (bare_leaf, leaf) = (one(&bare), one(&recorded));
    let each = recorded.len() as f64;

    call(&leaf); // the memory of the profiler and of this thread
    let first = (on_this_thread(&recorded) - on_this_thread(&bare)) / each;
    let second = median(rounds, || (on_this_thread(&recorded) - on_this_thread(&bare)) / each);
    let cleared = || {
        global().clear();
        call(&leaf);
        (on_this_thread(&recorded) - on_this_thread(&bare)) / each
    };
    let cleared = median(rounds, cleared);
    let many = |leaf: &[fn()]| leaf.repeat(MANY);
    let (bare_many, many) = (many(&bare_leaf), many(&leaf));
    let rows = [
        ("first call of a function in the process", first),
        ("... in a session, after a clear", cleared),
        ("a call after that, of one of 256 functions", second),
        ("first call on a thread", median(rounds, || inside(&leaf) - inside(&bare_leaf))),
        ("first call of a known function on a thread", {
            median(rounds, || (inside(&recorded) - inside(&bare)) / each)
        }),
        ("end of a thread that made one call", median(rounds, || end(&leaf) - end(&bare_leaf))),
        ("... one call of each of 256 functions", median(rounds, || end(&recorded) - end(&bare))),
        ("... 20,000 calls of one", median(rounds, || end(&many) - end(&bare_many))),
    ];
    let _ = print(&mut io::stdout().lock(), &rows); // closed: nobody reads
}

fn call(functions: &[fn()]) {
    functions.iter().for_each(|function| function());
}

fn on_this_thread(functions: &[fn()]) -> f64 {
    let start = ThreadTime::now();
    call(functions);
    nanos(start.elapsed())
}

/// What calls take on a new thread.
fn inside(functions: &[fn()]) -> f64 {
    thread::scope(|scope| scope.spawn(|| on_this_thread(functions)).join().unwrap_or(f64::NAN))
}

/// What a new thread takes from its start to its end, without the calls that it makes.
fn end(functions: &[fn()]) -> f64 {
    let start = ProcessTime::now();
    let inside = inside(functions);
    nanos(start.elapsed()) - inside
}

fn nanos(time: Duration) -> f64 {
    time.as_nanos() as f64
}

fn median(rounds: usize, mut measure: impl FnMut() -> f64) -> f64 {
    let mut all: Vec<f64> = (0..rounds).map(|_| measure()).collect();
    all.sort_by(f64::total_cmp);
    all[rounds / 2]
}

fn print(out: &mut impl Write, rows: &[(&str, f64)]) -> io::Result<()> {
    writeln!(out, "{:<46}{:>10}", "", "us")?;
    rows.iter().try_for_each(|(name, nanos)| writeln!(out, "{name:<46}{:>10.2}", nanos / 1e3))
}
