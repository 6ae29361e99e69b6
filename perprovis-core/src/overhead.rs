//! Measures what profiling a call costs on this machine, with the profiler itself.
//!
//! The cost of a call is what a loop takes longer with the call profiled. It depends on the loop. An
//! empty body is the wrong one: between two readings of the clock the CPU has nothing to do but the
//! profiler's work. Nor can it be a body that the CPU overlaps with the next call of it: it cannot
//! across a reading of the clock, so that the body itself becomes slower by as much as there was to
//! overlap. So the body here is a chain: each step needs the one before, across calls as well. It takes the
//! same time with profiling and without, wherever it stands, and the difference is the profiler.
//!
//! Three callers, since each hides another part of the profiler's work: a loop that only calls, a loop
//! that works on the chain between calls, and a recursion. The mean is taken; on an Intel server core
//! they lie within 8 % of it.

use std::hint::black_box;
use std::sync::OnceLock;

use crate::callsite::Callsite;
use crate::clock::{Clock, calibrate};
use crate::limits::Limits;
use crate::recorder::Recorder;
use crate::scope::Scope;
use crate::snapshot::Overhead;

/// Calls per batch: short enough that most batches run undisturbed, long enough for the clock.
const CALLS: u32 = if cfg!(miri) { 5 } else { 500 }; // an interpreter has no time to lose
/// Batches: the median counts, which no interrupt moves.
const BATCHES: usize = 31;
/// Batches before that: then the log has gone round, and none of its pages is new.
const WARM_UP: usize = (Limits::DEFAULT.calls_per_thread / CALLS as usize) + 1;
/// Steps of the chain in a body, about 15 ns; more than the CPU looks ahead is not needed.
const STEPS: u32 = 8;
/// Steps between calls, in the loop that works.
const WORK: u32 = 16;

/// Calls on top of each other, in the recursion.
const DEPTH: u32 = 20;

const LEAF: &str = "calibration";
static SITE: Callsite = Callsite::named(LEAF);
static RECURSIVE_SITE: Callsite = Callsite::named("calibration of a recursion");

/// The cost of a call under `clock`: measured once per process, in some four milliseconds; zero under
/// a manual clock, on which profiling takes no time. A thread that unwinds, where profiling is slower,
/// leaves measuring to a later report.
pub(crate) fn of(clock: &Clock) -> Overhead {
    static MEASURED: OnceLock<Overhead> = OnceLock::new();
    if matches!(clock, Clock::Manual(_)) {
        Overhead::default()
    } else if std::thread::panicking() {
        MEASURED.get().copied().unwrap_or_default()
    } else {
        *MEASURED.get_or_init(measure)
    }
}

/// How calls are made.
#[derive(Clone, Copy)]
enum Caller {
    Loop,
    LoopAtWork,
    Recursion,
}

/// What batches of calls took, in ticks.
struct Batches {
    caller: Caller,
    bare: Vec<u64>,
    profiled: Vec<u64>,
}

/// What a profiled call in a loop is reported to take above its body is the inside cost; what a batch
/// takes longer is the whole.
fn measure() -> Overhead {
    let recorder = Recorder::with(true, Limits::DEFAULT, None);
    let clock = Clock::of_machine();
    let time = |run: &dyn Fn()| {
        let start = clock.now();
        run();
        clock.now().saturating_sub(start)
    };
    let mut callers = [Caller::Loop, Caller::LoopAtWork, Caller::Recursion].map(|caller| Batches {
        caller,
        bare: Vec::new(),
        profiled: Vec::new(),
    });
    (0..WARM_UP).for_each(|_| calls(0, |x| profiled(&recorder, x)));
    for _ in 0..BATCHES {
        for Batches { caller, bare, profiled } in &mut callers {
            bare.push(time(&|| caller.calls(None)));
            profiled.push(time(&|| caller.calls(Some(&recorder))));
        }
    }
    let (session, snapshot) = recorder.collect();
    let nanos = calibrate::rate(&session.clock).nanos_per_tick();
    let body = per_call(&mut callers[0].bare);
    let named = |name| snapshot.functions.iter().find(|function| &*function.name == name);
    let reported = named(LEAF).map_or(body, |leaf| leaf.statistics.histogram.quantile(0.5));
    let whole =
        |batches: &mut Batches| per_call(&mut batches.profiled) - per_call(&mut batches.bare);
    let whole = callers.iter_mut().map(whole).sum::<f64>() / callers.len() as f64;
    let inside = (reported - body).max(0.0);
    let outside = (whole - inside).max(0.0);
    Overhead { inside_nanos: inside * nanos, outside_nanos: outside * nanos }
}

/// The median of batches, in ticks per call.
fn per_call(batches: &mut [u64]) -> f64 {
    batches.sort_unstable();
    batches[batches.len() / 2] as f64 / f64::from(CALLS)
}

impl Caller {
    /// A batch of calls, profiled or not.
    fn calls(self, recorder: Option<&Recorder>) {
        match (self, recorder) {
            (Caller::Loop, None) => calls(0, body),
            (Caller::Loop, Some(recorder)) => calls(0, |x| profiled(recorder, x)),
            (Caller::LoopAtWork, None) => calls(WORK, body),
            (Caller::LoopAtWork, Some(recorder)) => calls(WORK, |x| profiled(recorder, x)),
            (Caller::Recursion, None) => descents(descend),
            (Caller::Recursion, Some(recorder)) => {
                descents(|x, n| descend_profiled(recorder, x, n))
            }
        }
    }
}

/// Calls with so many steps of work between them.
#[inline(always)]
fn calls(work: u32, call: impl Fn(u64) -> u64) {
    let mut x = 1;
    for _ in 0..CALLS {
        x = steps(call(x), black_box(work));
    }
    black_box(x);
}

/// As many calls in descents of [`DEPTH`].
#[inline(always)]
fn descents(call: impl Fn(u64, u32) -> u64) {
    let descents = CALLS / DEPTH;
    black_box((0..descents).fold(1, |x, _| call(x, black_box(DEPTH))));
}

#[inline(never)]
fn profiled(recorder: &Recorder, x: u64) -> u64 {
    let _scope = Scope::enter(recorder, &SITE);
    steps(x, black_box(STEPS))
}

#[inline(never)]
fn body(x: u64) -> u64 {
    steps(x, black_box(STEPS))
}

#[inline(never)]
fn descend_profiled(recorder: &Recorder, x: u64, depth: u32) -> u64 {
    let _scope = Scope::enter(recorder, &RECURSIVE_SITE);
    let x = steps(x, black_box(STEPS / 2));
    let x = if depth > 1 { descend_profiled(recorder, x, depth - 1) } else { x };
    steps(x, black_box(STEPS / 2))
}

#[inline(never)]
fn descend(x: u64, depth: u32) -> u64 {
    let x = steps(x, black_box(STEPS / 2));
    let x = if depth > 1 { descend(x, depth - 1) } else { x };
    steps(x, black_box(STEPS / 2))
}

/// The chain: a multiplication and a shift a step. How many must not be known to the compiler, which
/// would move steps out of the scope.
#[inline(always)]
fn steps(mut x: u64, count: u32) -> u64 {
    for _ in 0..count {
        x = (x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    }
    x
}
