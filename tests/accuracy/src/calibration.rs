//! Whether every process finds the same cost of profiling, also while the other cores are at work.

use std::env;
use std::hint::spin_loop;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::measure::{Row, median};

/// The cost found by a process is within this of the median of all.
const BAR: f64 = 0.10;
const PROCESSES: usize = 7;

pub(crate) fn rows() -> Vec<Row> {
    let idle = costs();
    let done = AtomicBool::new(false);
    let loaded = thread::scope(|scope| {
        let others = thread::available_parallelism().map_or(1, usize::from).saturating_sub(1);
        for _ in 0..others.max(1) {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    spin_loop();
                }
            });
        }
        let loaded = costs();
        done.store(true, Ordering::Relaxed);
        loaded
    });
    let middle = median(idle.iter().copied());
    let row = |name: &str, costs: &[f64]| {
        // Half of them, of either sign: one that another process pushed aside says nothing.
        let error = median(costs.iter().map(|cost| (cost / middle - 1.0).abs()));
        Row { raw: median(costs.iter().copied()), ..Row::of_error(name, error, BAR) }
    };
    vec![
        row("cost of a call, as calibrated", &idle),
        row("... while other cores are at work", &loaded),
    ]
}

/// What so many processes find, in nanoseconds a call.
fn costs() -> Vec<f64> {
    let cost = |_| {
        let output = Command::new(env::current_exe().ok()?).arg("--calibration").output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    (0..PROCESSES).map(|process| cost(process).unwrap_or(f64::NAN)).collect()
}

/// Prints what this process finds.
pub(crate) fn child() {
    let overhead = perprovis::global().report().overhead();
    println!("{}", overhead.inside_nanos + overhead.outside_nanos);
}
