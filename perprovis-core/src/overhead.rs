//! Measures what profiling a call costs on this machine, with the profiler itself.

use std::hint::black_box;
use std::sync::OnceLock;
use std::time::Instant;

use crate::callsite::Callsite;
use crate::clock::{Clock, calibrate};
use crate::limits::Limits;
use crate::recorder::Recorder;
use crate::scope::Scope;
use crate::snapshot::Overhead;

/// Calls per batch: short enough that most batches run undisturbed, long enough for the clock.
const CALLS: u32 = if cfg!(miri) { 5 } else { 500 }; // an interpreter has no time to lose
/// Batches: the median counts, which no interrupt moves.
const BATCHES: usize = 61;

static SITE: Callsite = Callsite::named("calibration");

/// The cost of a call under `clock`: measured once per process, in about a millisecond; zero under
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

/// An empty call is reported to take the inside cost; what an empty profiled call takes longer than
/// an empty one that is not profiled is the whole cost.
fn measure() -> Overhead {
    let recorder = Recorder::with(true, Limits::DEFAULT, None);
    let mut costs: Vec<f64> = (0..BATCHES)
        .map(|_| nanos_per_call(|| profiled(&recorder)) - nanos_per_call(empty))
        .collect();
    costs.sort_by(f64::total_cmp);
    let (session, snapshot) = recorder.collect();
    let rate = calibrate::rate(&session.clock);
    let inside = snapshot.functions.first().map_or(0.0, |function| {
        function.statistics.histogram.quantile(0.5) * rate.nanos_per_tick()
    });
    let whole = costs[BATCHES / 2].max(inside);
    Overhead { inside_nanos: inside, outside_nanos: whole - inside }
}

fn nanos_per_call(call: impl Fn()) -> f64 {
    let start = Instant::now();
    for _ in 0..CALLS {
        call();
    }
    start.elapsed().as_nanos() as f64 / f64::from(CALLS)
}

#[inline(never)]
fn profiled(recorder: &Recorder) {
    let _scope = Scope::enter(recorder, &SITE);
    black_box(());
}

#[inline(never)]
fn empty() {
    black_box(());
}
