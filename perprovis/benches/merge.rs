//! What merging many reports costs.
//!
//! ```sh
//! cargo bench -p perprovis --bench merge
//! ```
//!
//! Reports are added one by one, as a program would that loads one file after the other: memory is the
//! most in use beside the report being added, and time is CPU time without loading.

mod heap;

use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use perprovis::{ManualClock, Merger, Profiler, Report};

/// Functions of a report.
const FUNCTIONS: usize = 1_000;
/// Reports merged.
const REPORTS: usize = 1_000;
/// Reports that differ; they come again and again, under new names.
const DISTINCT: usize = 8;
/// Calls of each function, of as many lengths: more than the 64 buckets of an octave.
const CALLS: usize = 100;

const TIME_BAR: Duration = Duration::from_secs(5);
const MEMORY_BAR_MB: usize = 500;

/// A recording of so many functions, the first of which calls ten others, and so on.
fn report(functions: usize, calls: usize, seed: u64) -> Report {
    let clock = ManualClock::new();
    let profiler = Profiler::builder().clock(clock.clone()).build();
    let names: Vec<String> =
        (0..functions).map(|at| format!("my_app::module::function_{at}")).collect();
    let mut state = seed | 1;
    for _ in 0..calls {
        (0..functions.min(10)).for_each(|root| call(&profiler, &clock, &names, root, &mut state));
    }
    profiler.report()
}

fn call(profiler: &Profiler, clock: &ManualClock, names: &[String], at: usize, state: &mut u64) {
    let _scope = profiler.block(&names[at]);
    for below in (10 * at + 10..10 * at + 20).take_while(|&below| below < names.len()) {
        call(profiler, clock, names, below, state);
    }
    // Marsaglia, "Xorshift RNGs", 2003.
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    clock.advance(Duration::from_nanos(200 + *state % 5_000));
}

fn main() {
    let has = |wanted| std::env::args().any(|argument| argument == wanted);
    let in_earnest = has("--bench") && !has("--test"); // else only to see that it runs
    let (functions, count, calls) =
        if in_earnest { (FUNCTIONS, REPORTS, CALLS) } else { (10, 10, 2) };
    let reports: Vec<Report> =
        (0..DISTINCT).map(|seed| report(functions, calls, seed as u64)).collect();
    let before = heap::watch();
    let (cpu, wall) = (ThreadTime::now(), Instant::now());
    let mut merger = Merger::new();
    for (index, report) in reports.iter().cycle().take(count).enumerate() {
        merger.add(format!("run {index}"), report);
    }
    let merged = black_box(merger.finish());
    let (cpu, wall) = (cpu.elapsed(), wall.elapsed());
    let megabytes = heap::peak_since(before) / 1_000_000;

    let verdict = |met| if met { "met" } else { "NOT met" };
    let mut out = io::stdout().lock();
    let _ = writeln!(
        out,
        "{count} reports of {functions} functions: {} calls, {} of them in the log\n\
         {cpu:.2?} of CPU time ({wall:.2?} of real time), at most {TIME_BAR:?}: {}\n\
         {megabytes} MB, at most {MEMORY_BAR_MB}: {}",
        merged.summary().total_calls,
        merged.calls().len(),
        verdict(cpu <= TIME_BAR),
        verdict(megabytes <= MEMORY_BAR_MB),
    ); // a closed output is fine
}
