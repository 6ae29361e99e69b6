//! What perprovis reports beside the truth, which is the same code without it, and beside what a peer
//! reports: `cargo run --release --manifest-path tests/accuracy/Cargo.toml`, with `-- --short` for fewer
//! rounds, `-- --markdown` for the table of the README. Exits with 1 if a bar is missed, but for one
//! that is known to be: there, if it is missed by more than is known. The bars are for the feature `ordered-clock`, which is on here; with `--no-default-features` one sees what it is for.
//!
//! Truth and measurement take turns, so that whatever else the machine does hits both alike; the
//! median over the rounds counts, of each time and of each error. A round is short, and made again if
//! the system took the CPU away meanwhile. A machine at work can still spoil a whole program's rounds, so a
//! bar counts as missed when it is missed in three attempts.

mod calibration;
mod exact;
mod machine;
mod measure;
mod peer;
mod programs;
mod table;

use std::env;
use std::process::ExitCode;

use measure::Row;
use programs::Program;

/// Attempts after which a bar counts as missed.
const ATTEMPTS: usize = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--calibration"] => calibration::child(),
        ["--peer", program] => peer::child(program),
        options => return suite(options),
    }
    ExitCode::SUCCESS
}

fn suite(options: &[&str]) -> ExitCode {
    let rounds = if options.contains(&"--short") { 11 } else { 41 };
    let mut rows: Vec<Row> = Vec::new();
    for program in Program::all() {
        rows.extend(attempts(|| measure::rows(&program, rounds)));
    }
    rows.extend(exact::rows());
    rows.extend(attempts(calibration::rows));
    let markdown = options.contains(&"--markdown");
    print!("{}", if markdown { table::markdown(&rows) } else { table::text(&rows) });
    ExitCode::from(u8::from(rows.iter().any(Row::fails)))
}

/// The rows of the first attempt in which none fails, or of the last.
fn attempts(measure: impl Fn() -> Vec<Row>) -> Vec<Row> {
    let mut rows = measure();
    for attempt in 1..ATTEMPTS {
        if !rows.iter().any(Row::fails) {
            break;
        }
        eprintln!("attempt {attempt} of {ATTEMPTS}: {}", table::failed(&rows));
        rows = measure();
    }
    rows
}
