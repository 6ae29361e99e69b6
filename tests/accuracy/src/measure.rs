//! A program's rounds: without perprovis and with it in turn.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

use crate::peer;
use crate::programs::{BARE, Form, MEASURED, Program, Shape};

/// Attempts at a round that the system does not disturb.
const DISTURBED: usize = 20;

/// Compensated times are within this of the truth.
const COMPENSATED_BAR: f64 = 0.10;
/// But not of a loop that does nothing but call: it hides 2 to 3 ns less of the profiler's work than callers
/// do on average, which nothing in a report tells from work of its own.
const LOOP_HELD: f64 = 0.30;
/// So is the raw mean of a body of 1 us.
const RAW_BAR: f64 = 0.05;

/// One number of one program: the truth, and what was reported.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) truth: f64, // with the three below in nanoseconds; NaN where there is none
    pub(crate) raw: f64,
    pub(crate) compensated: f64,
    pub(crate) peer: f64,
    pub(crate) error: f64, // relative, of the value that the bar is for; the median of the rounds
    pub(crate) bar: f64,   // infinite if there is none
    pub(crate) held: f64,  // fails above: the bar, unless it is known to be missed
}

impl Row {
    pub(crate) fn misses(&self) -> bool {
        self.error.is_nan() || self.error.abs() > self.bar
    }

    pub(crate) fn fails(&self) -> bool {
        self.error.is_nan() || self.error.abs() > self.held
    }

    /// Something that has no time: its error and the bar.
    pub(crate) fn of_error(name: impl Into<String>, error: f64, bar: f64) -> Row {
        let none = f64::NAN;
        let (truth, raw, compensated, peer) = (none, none, none, none);
        Row { name: name.into(), truth, raw, compensated, peer, error, bar, held: bar }
    }
}

/// One round's times, in nanoseconds per call of the body.
#[derive(Clone, Copy, Default)]
struct Times {
    body: f64,
    own: f64,   // the caller's self time
    total: f64, // the caller's total time
}

/// The rows of a program.
pub(crate) fn rows(program: &Program, rounds: usize) -> Vec<Row> {
    let mut all: Vec<[Times; 3]> = Vec::new(); // truth, raw, compensated
    let mut before;
    for _ in 0..=rounds {
        let truth = truth(program);
        let mut after = [Times::default(); 2];
        before = after;
        for _ in 0..DISTURBED {
            // Else ended threads' logs pile up, which each report reads; then what is called first is made.
            perprovis::global().clear();
            let _ = time(program, &MEASURED, program.between);
            before = reported(program);
            let undisturbed = time(program, &MEASURED, program.between).is_some();
            after = reported(program);
            if undisturbed {
                break;
            }
        }
        let [raw, compensated] = std::array::from_fn(|form| {
            let calls = program.calls_in_all() as f64;
            let (after, before): (Times, Times) = (after[form], before[form]);
            Times {
                body: (after.body - before.body) / calls,
                own: (after.own - before.own) / calls,
                total: (after.total - before.total) / calls,
            }
        });
        all.push([truth, raw, compensated]);
    }
    all.remove(0); // warms up

    let peer = peer::times(program);
    let row = |what: &str, of: fn(&Times) -> f64, peer: f64, judged: usize, bar: f64| {
        let median_of = |form: usize| median(all.iter().map(|times| of(&times[form])));
        let error = median(all.iter().map(|times| of(&times[judged]) / of(&times[0]) - 1.0));
        Row {
            name: format!("{}: {what}", program.name),
            truth: median_of(0),
            raw: median_of(1),
            compensated: median_of(2),
            peer,
            error,
            bar,
            held: bar,
        }
    };
    let body = match program.shape {
        Shape::Async => "its busy time",
        Shape::Recursion => "its self time",
        Shape::Loop | Shape::TwoThreads => "the body",
    };
    let peer_body = if program.shape == Shape::Recursion { f64::NAN } else { peer.0 };
    let mut rows = vec![row(body, |times| times.body, peer_body, 2, COMPENSATED_BAR)];
    if program.name.starts_with("1 us") {
        rows.push(row("the body, raw", |times| times.body, peer_body, 1, RAW_BAR));
    }
    if program.between > 0 && program.own <= 130 {
        // Of longer bodies it is less than the noise of their truth.
        rows.push(row("caller, self", |times| times.own, f64::NAN, 2, COMPENSATED_BAR));
    }
    let mut total = row("caller, total", |times| times.total, peer.1, 2, COMPENSATED_BAR);
    if program.name == "15 ns" {
        total.held = LOOP_HELD;
    }
    rows.push(total);
    rows
}

/// The times without perprovis. Since all is one chain, the caller's own work takes as long whatever the
/// body does: it is measured beside a short one, as of 200 ns the noise is as large as 20 ns of work.
fn truth(program: &Program) -> Times {
    let time = |program: &Program, between| {
        let mut attempts = (0..DISTURBED).filter_map(|_| time(program, &BARE, between));
        attempts.next().unwrap_or(f64::NAN)
    };
    let body = time(program, 0);
    if program.between == 0 {
        return Times { body, own: 0.0, total: body };
    }
    let beside = Program { calls: 1_000, own: 10, repeat: 5, ..*program };
    let own = time(&beside, program.between) - time(&beside, 0);
    Times { body, own, total: time(program, program.between) }
}

/// Runs a program once; nanoseconds per call of the body, `None` if the system took the CPU away
/// meanwhile.
fn time(program: &Program, form: &Form, between: u64) -> Option<f64> {
    let times = Mutex::new((Duration::ZERO, Duration::ZERO));
    program.run(form, between, &|all| {
        let (start, cpu) = (Instant::now(), ThreadTime::now());
        all();
        let (cpu, wall) = (cpu.elapsed(), start.elapsed());
        let mut times = times.lock().unwrap();
        *times = (times.0 + wall, times.1 + cpu);
    });
    let (wall, cpu) = times.into_inner().unwrap();
    let undisturbed = wall.as_secs_f64() < cpu.as_secs_f64() * 1.01 + 5e-6;
    undisturbed.then(|| wall.as_nanos() as f64 / program.calls_in_all() as f64)
}

/// What perprovis has counted so far, raw and compensated, in nanoseconds.
fn reported(program: &Program) -> [Times; 2] {
    let (body, caller) = program.functions();
    let report = perprovis::global().report();
    [report.clone(), report.compensated()].map(|report| {
        let (Some(body), Some(caller)) = (report.function(body), report.function(caller)) else {
            return Times::default();
        };
        let body = match program.shape {
            Shape::Async => body.busy_time.as_nanos() as f64,
            _ => body.self_nanos(),
        };
        Times { body, own: caller.self_nanos(), total: caller.total_nanos() }
    })
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
