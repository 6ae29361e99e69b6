//! As large as reports are meant to be: 1,000,000 logged calls, 100,000 call paths, ten threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use perprovis::{ManualClock, Profiler, Report};

use super::stage::Stage;

const WORKERS: usize = 9;
const ROUNDS: u64 = 10;
/// Calls that every call makes, over four levels: 11,110 call paths a thread, of which no other has one.
const CHILDREN: u64 = 10;
const LEVELS: u64 = 4;
/// Functions of a level, at most: 2,984 of all four.
const PARTS: u64 = 997;
/// What is missing to 1,000,000 calls and 100,000 call paths, on the main thread.
const MAIN_PATHS: u64 = 10;
const MAIN_CALLS: u64 = 10;

struct Walk {
    profiler: &'static Profiler,
    clock: ManualClock,
    step: Arc<AtomicU64>,
}

impl Walk {
    /// Calls of one level, below the call with this number on the level above.
    fn level(&self, level: u64, above: u64) {
        for place in CHILDREN * above..CHILDREN * (above + 1) {
            let part = place % PARTS;
            let step = self.step.fetch_add(1, Ordering::Relaxed);
            let scope = self.profiler.block(&format!("app::layer_{level}::Part{part}::run"));
            let _scope = if step.is_multiple_of(100) { scope.with("step", step) } else { scope };
            self.clock.advance_nanos(50 + step.wrapping_mul(2_654_435_761) % 1_000);
            if level < LEVELS {
                self.level(level + 1, place);
            }
        }
    }
}

/// Nine workers that take turns.
pub(crate) fn report() -> Report {
    let clock = ManualClock::new();
    let builder = Profiler::builder().clock(clock.clone());
    let profiler =
        builder.calls_per_thread(1 << 20).calls_in_all(1 << 20).call_paths(1 << 17).build();
    let profiler: &'static Profiler = Box::leak(Box::new(profiler));
    for _ in 0..MAIN_CALLS {
        for path in 0..MAIN_PATHS {
            let _scope = profiler.block(&format!("app::setup_{path}"));
            clock.advance_nanos(10_000);
        }
    }
    let names: Vec<String> = (1..=WORKERS).map(|worker| format!("worker {worker}")).collect();
    let stage = Stage::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let step = Arc::new(AtomicU64::new(0));
    for _ in 0..ROUNDS {
        for worker in 0..WORKERS {
            let walk = Walk { profiler, clock: clock.clone(), step: step.clone() };
            stage.on(worker, move |_| walk.level(1, worker as u64));
        }
    }
    drop(stage);
    let report = profiler.report();
    assert_eq!((report.calls().len(), report.call_tree().iter().count()), (1_000_000, 100_000));
    report
}
