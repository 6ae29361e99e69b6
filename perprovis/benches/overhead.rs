//! What one recorded call costs, in every state the profiler can be in, next to the least that
//! timing a call can cost here: `cargo bench -p perprovis --bench overhead`, with `-- --check` to
//! fail if a bar is clearly missed.
//!
//! All rows run in one process, in rounds, everybody once in each, so that noise hits all alike; the
//! best round counts. A number is CPU time of the process divided by calls, with what the called
//! function itself costs; the ratio is to the floor of the same shape of call. Where the called
//! functions are recorded, so is the one that loops: an empty stack is not the common case.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::io::{self, Write};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::{LazyLock, Mutex, PoisonError, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;

use cpu_time::ProcessTime;
use perprovis::{Profiler, global, profile, profile_block};

const ROUNDS: usize = 7;
const CALLS: u64 = 500_000; // in a sample, about 10 ms at the floor

/// A recorded call costs at most this, in floors. The aim is 1.10.
const RECORDED_BAR: f64 = 1.25;
/// A call that is not recorded costs at most this over the bare function, in nanoseconds.
const OFF_BAR: f64 = 1.0;
const TOLERANCE: f64 = 1.15; // what `--check` forgives a busy machine

const BARE: &str = "bare function";
const FLOOR: &str = "floor: two counter reads and one add";
const RECORDED: &str = "#[profile]";
const OFF: &str = "... off at run time";
const FILTERED: &str = "... left out by a filter";

static CUSTOM: Profiler = Profiler::new();
static OTHER: Profiler = Profiler::new();
static SWITCHED_OFF: Profiler = Profiler::new();
static FILTERED_OUT: Profiler = Profiler::new();
static NO_LOG: LazyLock<Profiler> =
    LazyLock::new(|| Profiler::builder().calls_per_thread(0).build());

/// A function that does nothing, and writes nothing: a store next to a `pop` can cost 5 ns by itself.
macro_rules! leaf {
    ($name:ident, [$($attribute:tt)*], $($enter:tt)*) => {
        #[inline(never)]
        $($attribute)*
        pub(crate) fn $name() {
            $($enter)*
            black_box(());
        }
    };
}

/// One that is called in a loop, in a module.
macro_rules! leaves {
    ($module:ident, [$($attribute:tt)*], $($enter:tt)*) => {
        pub(crate) mod $module {
            use super::*;

            leaf!(leaf, [$($attribute)*], $($enter)*);

            #[inline(never)]
            $($attribute)*
            pub(crate) fn leaves(calls: u64) -> u64 {
                $($enter)*
                (0..calls).for_each(|_| leaf());
                calls
            }
        }
    };
}

/// The functions of all shapes, marked with an attribute or with a statement; `$poll` is what futures
/// go through. Functions give how many calls they took.
macro_rules! shapes {
    ($module:ident, $poll:path, [$($attribute:tt)*], $($enter:tt)*) => {
        mod $module {
            use super::*;

            leaves!(empty, [$($attribute)*], $($enter)*);
            leaf!(first, [$($attribute)*], $($enter)*);
            leaf!(second, [$($attribute)*], $($enter)*);
            leaf!(third, [$($attribute)*], $($enter)*);
            leaf!(fourth, [$($attribute)*], $($enter)*);

            #[inline(never)]
            $($attribute)*
            fn parent() {
                $($enter)*
                (first(), second(), third(), fourth());
            }

            #[inline(never)]
            $($attribute)*
            pub(crate) fn trees(calls: u64) -> u64 {
                $($enter)*
                (0..calls / 5).for_each(|_| parent());
                calls
            }

            #[inline(never)]
            $($attribute)*
            fn fib(n: u32) -> u64 {
                $($enter)*
                if n < 2 { 1 } else { 1 + black_box(fib(n - 1)) + black_box(fib(n - 2)) }
            }

            pub(crate) fn fibs(calls: u64) -> u64 {
                (0..=calls / 1_219).map(|_| fib(black_box(14))).sum() // 1,219 calls each
            }

            $($attribute)*
            async fn wait(mut pending: u32) {
                let mut again = || { pending = pending.checked_sub(1)?; Some(()) };
                poll_fn(|_| again().map_or(Poll::Ready(()), |()| Poll::Pending)).await;
            }

            #[inline(never)]
            $($attribute)*
            pub(crate) fn futures(calls: u64, pending: u32) -> u64 {
                (0..calls).for_each(|_| complete($poll(wait(black_box(pending)))));
                calls
            }
        }
    };
}

shapes!(bare, std::convert::identity, [],);
shapes!(floor, timed, [], let _scope = Timed(now()););
shapes!(recorded, std::convert::identity, [#[profile]],);

leaves!(custom, [#[profile(profiler = CUSTOM)]],);
leaves!(no_log, [#[profile(profiler = NO_LOG)]],);
leaves!(off, [#[profile(profiler = SWITCHED_OFF)]],);
leaves!(filtered, [#[profile(profiler = FILTERED_OUT)]],);
leaves!(literal, [], let _scope = profile_block!("literal"););
leaves!(integer, [], let _scope = profile_block!("with an integer", id = 7););
leaves!(string, [], let _scope = profile_block!("with a string", user = "somebody"););
leaves!(dynamic, [], let _scope = profile_block!(*black_box(&"known at run time")););
leaves!(method, [], let _scope = global().block(black_box("known at run time")););
leaf!(other, [#[profile(profiler = OTHER)]],);

#[profile]
fn alternating(calls: u64) -> u64 {
    (0..calls / 2).for_each(|_| (custom::leaf(), other()).0);
    calls
}

/// Fewer, as a thread costs about a thousand calls.
fn new_threads(leaf: fn(), calls: u64) -> u64 {
    let threads = calls.div_ceil(1_000);
    (0..threads).for_each(|_| drop(thread::spawn(leaf).join()));
    threads
}

/// On this thread and on one that stays, so that starting it does not count.
fn two_threads(leaves: Run, calls: u64) -> u64 {
    type Helper = (mpsc::Sender<(Run, u64)>, mpsc::Receiver<u64>);
    static HELPER: LazyLock<Mutex<Helper>> = LazyLock::new(|| {
        let ((jobs, to_do), (done, results)) = (mpsc::channel::<(Run, u64)>(), mpsc::channel());
        thread::spawn(move || to_do.iter().try_for_each(|(run, calls)| done.send(run(calls))));
        Mutex::new((jobs, results))
    });
    let helper = HELPER.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = helper.0.send((leaves, calls));
    leaves(calls) + helper.1.recv().unwrap_or_default()
}

#[inline(never)]
fn complete(future: impl Future<Output = ()>) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    while future.as_mut().poll(&mut context).is_pending() {}
}

/// The least that timing a call can cost.
struct Timed(u64);

impl Drop for Timed {
    #[inline(always)]
    fn drop(&mut self) {
        thread_local!(static TOTAL: Cell<u64> = const { Cell::new(0) });
        TOTAL.set(TOTAL.get().wrapping_add(now().wrapping_sub(self.0)));
    }
}

/// Every poll timed.
async fn timed<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| (Timed(now()), future.as_mut().poll(context)).1).await
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "no safe function reads the counter and does nothing else")]
#[inline(always)]
fn now() -> u64 {
    // SAFETY: every x86-64 processor has the instruction, and it touches no memory.
    unsafe { std::arch::x86_64::_rdtsc() }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn now() -> u64 {
    static START: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);
    START.elapsed().as_nanos() as u64
}

/// Makes about as many calls as it is told, and gives how many.
type Run = fn(u64) -> u64;

struct Row {
    shape: &'static str,
    name: &'static str,
    run: Run,
    best: f64, // nanoseconds per call
}

#[rustfmt::skip] // a table
fn rows() -> Vec<Row> {
    let row = |shape, name, run| Row { shape, name, run, best: f64::INFINITY };
    let leaf = |name, run| row("leaf", name, run);
    let three = |shape, [bare, floor, recorded]: [Run; 3]| {
        [row(shape, BARE, bare), row(shape, FLOOR, floor), row(shape, RECORDED, recorded)]
    };
    let leaves: [Run; 3] = [bare::empty::leaves, floor::empty::leaves, recorded::empty::leaves];
    let mut rows: Vec<Row> = three("leaf", leaves).into();
    rows.extend([
        leaf(OFF, off::leaves),
        leaf(FILTERED, filtered::leaves),
        leaf("... without a log", no_log::leaves),
        leaf("... with another profiler", custom::leaves),
        leaf("... with two profilers, alternating", alternating),
        leaf("profile_block!", literal::leaves),
        leaf("... and an integer", integer::leaves),
        leaf("... and a string", string::leaves),
        leaf("... named at run time", dynamic::leaves),
        leaf("Profiler::block", method::leaves),
    ]);
    let others: [(&str, [Run; 3]); 6] = [
        ("fib", [bare::fibs, floor::fibs, recorded::fibs]),
        ("tree of four", [bare::trees, floor::trees, recorded::trees]),
        ("two threads", [|n| two_threads(bare::empty::leaves, n),
            |n| two_threads(floor::empty::leaves, n), |n| two_threads(recorded::empty::leaves, n)]),
        ("async, ready at once", [|n| bare::futures(n, 0), |n| floor::futures(n, 0),
            |n| recorded::futures(n, 0)]),
        ("async, pending twice", [|n| bare::futures(n, 2), |n| floor::futures(n, 2),
            |n| recorded::futures(n, 2)]),
        ("first call of a thread, from spawn to join", [|n| new_threads(bare::empty::leaf, n),
            |n| new_threads(floor::empty::leaf, n), |n| new_threads(recorded::empty::leaf, n)]),
    ];
    rows.extend(others.into_iter().flat_map(|(shape, runs)| three(shape, runs)));
    rows
}

fn main() -> ExitCode {
    let has = |wanted| std::env::args().any(|argument| argument == wanted);
    let in_earnest = has("--bench") && !has("--test"); // else only to see that it runs
    let (rounds, calls) = if in_earnest { (ROUNDS, CALLS) } else { (1, 10) };
    SWITCHED_OFF.disable();
    FILTERED_OUT.set_filter("-overhead".parse().ok());

    let mut rows = rows();
    for _ in 0..rounds {
        for row in &mut rows {
            let start = ProcessTime::now();
            let calls = (row.run)(calls);
            row.best = row.best.min(start.elapsed().as_nanos() as f64 / calls as f64);
        }
    }
    let missed = print(&mut io::stdout().lock(), &rows).unwrap_or_default(); // closed: not missed
    ExitCode::from(u8::from(in_earnest && has("--check") && missed))
}

/// The table and the bars; gives whether one is clearly missed.
fn print(out: &mut impl Write, rows: &[Row]) -> io::Result<bool> {
    let ns = |shape, name| {
        let mut wanted = rows.iter().filter(|row| (row.shape, row.name) == (shape, name));
        wanted.next().map_or(f64::NAN, |row| row.best)
    };
    writeln!(out, "{:<44}{:>10}{:>10}", "", "ns/call", "floors")?;
    let mut shape = "";
    for row in rows {
        if std::mem::replace(&mut shape, row.shape) != row.shape {
            writeln!(out, "{shape}")?;
        }
        let floors = row.best / ns(shape, FLOOR);
        writeln!(out, "  {:<42}{:>10.1}{floors:>10.2}", row.name, row.best)?;
    }

    let mut bars = Vec::from(["leaf", "fib", "tree of four", "two threads"].map(|shape| {
        let floors = ns(shape, RECORDED) / ns(shape, FLOOR);
        (format!("recorded, {shape}"), floors, RECORDED_BAR, "floors")
    }));
    bars.push(("off, over bare".into(), ns("leaf", OFF) - ns("leaf", BARE), OFF_BAR, "ns"));
    bars.push((
        "filtered, over bare".into(),
        ns("leaf", FILTERED) - ns("leaf", BARE),
        OFF_BAR,
        "ns",
    ));
    writeln!(out, "\nbars")?;
    for (name, measured, bar, unit) in &bars {
        let verdict = if measured <= bar { "met" } else { "NOT met" };
        writeln!(out, "  {name:<42}{measured:>10.2}  at most {bar:.2} {unit}: {verdict}")?;
    }
    Ok(bars.iter().any(|(_, measured, bar, _)| *measured > bar * TOLERANCE))
}
