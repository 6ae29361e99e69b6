//! What reports cost: taking one, writing it, and what the recorded program notices of it.
//!
//! ```sh
//! cargo bench -p perprovis --bench report
//! ```
//!
//! Times are CPU time of the thread that takes or writes the report, the best of some. Memory is the
//! most that a step had in use at once, on top of the report that it is about.

mod heap;

use std::hint::black_box;
use std::io::{self, Write};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use perprovis::{Profiler, Report, TextOptions};

/// Repetitions of a step.
const TIMES: usize = 3;
/// Names of functions; longer reports use them on several paths.
const NAMES: usize = 1_000;
/// Threads that record while reports are taken.
const THREADS: usize = 8;

/// A report of [`NAMES`] functions on [`THREADS`] threads takes at most this.
const REPORT_BAR: Duration = Duration::from_millis(20);
/// JSON is written at least this fast, in megabytes per second.
const JSON_BAR: f64 = 150.0;
/// Writing JSON takes less memory than this, however much it is.
const MEMORY_BAR_KIB: usize = 1 << 10;

/// One step about one report.
struct Step {
    about: String,
    name: &'static str,
    time: Duration,
    written: usize, // bytes
    peak: usize,    // bytes
}

impl Step {
    /// Does it several times. `work` gives how many bytes it wrote.
    fn of(about: &str, name: &'static str, mut work: impl FnMut() -> usize) -> Step {
        let mut step = Step { about: about.into(), name, time: Duration::MAX, written: 0, peak: 0 };
        for _ in 0..TIMES {
            let before = heap::watch();
            let start = ThreadTime::now();
            step.written = work();
            step.time = step.time.min(start.elapsed());
            step.peak = heap::peak_since(before);
        }
        step
    }

    /// Megabytes per second.
    fn rate(&self) -> f64 {
        self.written as f64 / self.time.as_secs_f64() / 1e6
    }
}

/// Counts what is written to it.
#[derive(Default)]
struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += black_box(bytes).len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How many bytes `write` writes.
fn written(write: impl FnOnce(&mut Counter) -> Result<(), perprovis::Error>) -> usize {
    let mut counter = Counter::default();
    write(&mut counter).map_or(0, |()| counter.0)
}

/// Calls all paths of a tree in which every path has ten below it, as long as there are any.
fn call_path(profiler: &Profiler, names: &[String], path: usize, paths: usize) {
    let _scope = profiler.block(&names[path % names.len()]);
    for below in (10 * path + 10..10 * path + 20).take_while(|&below| below < paths) {
        call_path(profiler, names, below, paths);
    }
}

/// All steps about a report of so many call paths, all called so many times.
fn steps(names: &[String], paths: usize, times: usize) -> Vec<Step> {
    let profiler = Profiler::builder().call_paths(paths).calls_per_thread(1 << 20).build();
    for _ in 0..times {
        (0..paths.min(10)).for_each(|root| call_path(&profiler, names, root, paths));
    }
    let report = profiler.report();
    let about =
        format!("{} call paths, {} logged calls", report.call_tree().len(), report.calls().len());
    let json = report.to_json();
    vec![
        Step::of(&about, "take", || {
            drop(black_box(profiler.report()));
            0
        }),
        Step::of(&about, "text", || written(|out| report.write_text(out, TextOptions::new()))),
        Step::of(&about, "CSV", || written(|out| report.write_csv(out))),
        Step::of(&about, "JSON", || written(|out| report.write_json(out))),
        Step::of(&about, "load", || black_box(Report::from_json(&json)).map_or(0, |_| json.len())),
    ]
}

/// What is seen while threads keep recording all names.
struct Watch {
    threads: usize,
    taking: bool,
    counts: Vec<u64>, // of calls that took so many times 10 ns, or 1 ms and more
    longest: u64,     // nanoseconds
    waits: u64,       // how often a recording thread gave its processor up by itself
    reports: u32,
    cpu: Duration,  // of the cheapest report
    wall: Duration, // of the longest report
}

impl Watch {
    /// Nothing seen yet.
    fn new(threads: usize, taking: bool) -> Watch {
        let (cpu, wall) = (Duration::MAX, Duration::ZERO);
        let counts = vec![0; 100_001];
        Watch { threads, taking, counts, longest: 0, waits: 0, reports: 0, cpu, wall }
    }

    /// Records for `length`, while taking reports or not.
    fn run(mut self, names: &[String], length: Duration) -> Watch {
        let (profiler, stop) = (Profiler::new(), AtomicBool::new(false));
        let ready = Barrier::new(self.threads + 1);
        let (threads, taking) = (self.threads, self.taking);
        let record = || {
            let mut seen = Watch::new(threads, taking);
            names.iter().for_each(|name| profiler.measure(name, || ()));
            ready.wait();
            let waits = waits_of_this_thread();
            for name in names.iter().cycle().take_while(|_| !stop.load(Ordering::Relaxed)) {
                let start = Instant::now();
                profiler.measure(name, || ());
                let nanos = start.elapsed().as_nanos() as u64;
                seen.counts[(nanos as usize / 10).min(100_000)] += 1;
                seen.longest = seen.longest.max(nanos);
            }
            seen.waits = waits_of_this_thread() - waits;
            seen
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(record)).collect();
            ready.wait();
            let start = Instant::now();
            while start.elapsed() < length {
                if taking { self.take(&profiler) } else { thread::sleep(length) }
            }
            stop.store(true, Ordering::Relaxed);
            threads.into_iter().filter_map(|thread| thread.join().ok()).for_each(|seen| {
                self.counts.iter_mut().zip(&seen.counts).for_each(|(sum, count)| *sum += count);
                self.longest = self.longest.max(seen.longest);
                self.waits += seen.waits;
            });
        });
        self
    }

    fn take(&mut self, profiler: &Profiler) {
        let (wall, cpu) = (Instant::now(), ThreadTime::now());
        drop(black_box(profiler.report()));
        self.cpu = self.cpu.min(cpu.elapsed());
        self.wall = self.wall.max(wall.elapsed());
        self.reports += 1;
    }

    /// The time that this share of the calls does not exceed, in microseconds.
    fn micros(&self, share: f64) -> f64 {
        let mut left = self.counts.iter().sum::<u64>() as f64 * share;
        let within = |count: &u64| {
            left -= *count as f64;
            left <= 0.0
        };
        self.counts.iter().position(within).unwrap_or_default() as f64 / 100.0
    }
}

/// As Linux counts it; elsewhere 0.
fn waits_of_this_thread() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or_default()
}

fn main() {
    let has = |wanted| std::env::args().any(|argument| argument == wanted);
    let in_earnest = has("--bench") && !has("--test"); // else only to see that it runs
    let count = if in_earnest { NAMES } else { 10 };
    let names: Vec<String> =
        (0..count).map(|at| format!("my_app::module::function_{at}")).collect();
    let (cases, length): (&[_], _) = match in_earnest {
        true => (&[(10, 10), (1_000, 10), (100_000, 1), (1_000, 1_000)], Duration::from_secs(1)),
        false => (&[(10, 1)], Duration::from_millis(1)),
    };
    let steps: Vec<Step> =
        cases.iter().flat_map(|&(paths, times)| steps(&names, paths, times)).collect();
    let watches = [(1, false), (1, true), (THREADS, false), (THREADS, true)]
        .map(|(threads, taking)| Watch::new(threads, taking).run(&names, length));
    let _ = print(&mut io::stdout().lock(), &steps, &watches); // a closed output is fine
}

fn print(out: &mut impl Write, steps: &[Step], watches: &[Watch; 4]) -> io::Result<()> {
    writeln!(out, "{:<24}{:>12}{:>12}{:>10}{:>14}", "", "ms", "MB", "MB/s", "memory, KiB")?;
    let mut about = "";
    for step in steps {
        if std::mem::replace(&mut about, &step.about) != step.about {
            writeln!(out, "{about}")?;
        }
        write!(out, "  {:<22}{:>12.3}", step.name, step.time.as_secs_f64() * 1e3)?;
        match step.written {
            0 => write!(out, "{:>22}", "")?,
            bytes => write!(out, "{:>12.3}{:>10.0}", bytes as f64 / 1e6, step.rate())?,
        }
        writeln!(out, "{:>14.1}", step.peak as f64 / 1024.0)?;
    }

    writeln!(out, "\nmicroseconds a call takes, {NAMES} functions")?;
    let [half, most, all] = ["half", "99.99 %", "longest"];
    writeln!(out, "{:<24}{half:>12}{most:>12}{all:>10}{:>14}", "", "waits")?;
    for watch in watches {
        let what = format!("{} threads, {} reports", watch.threads, watch.reports);
        let (half, most, all) = (watch.micros(0.5), watch.micros(0.9999), watch.longest / 1_000);
        writeln!(out, "{what:<24}{half:>12.2}{most:>12.2}{all:>10}{:>14}", watch.waits)?;
    }

    let json = || steps.iter().filter(|step| step.name == "JSON");
    let long = json().filter(|step| step.written > 1_000_000).map(Step::rate);
    let rate = long.fold(f64::INFINITY, f64::min);
    let kib = json().map(|step| step.peak).max().unwrap_or_default() / 1024;
    let [.., Watch { cpu, wall, .. }] = *watches;
    let verdict = |met| if met { "met" } else { "NOT met" };
    writeln!(out, "\nbars")?;
    writeln!(out, "  report of {NAMES} functions x {THREADS} threads, which keep recording:")?;
    writeln!(out, "    {cpu:.1?}, at most {REPORT_BAR:?}: {}", verdict(cpu <= REPORT_BAR))?;
    writeln!(out, "    (up to {wall:.1?} of real time, with all threads on the same processors)")?;
    writeln!(out, "  JSON: {rate:.0} MB/s, at least {JSON_BAR}: {}", verdict(rate >= JSON_BAR))?;
    let met = verdict(kib < MEMORY_BAR_KIB);
    writeln!(out, "  JSON: {kib} KiB beside the report, less than {MEMORY_BAR_KIB}: {met}")
}
