//! What perprovis reports beside the truth, which is the same code without it, and beside what a peer
//! reports: `cargo run --release --manifest-path tests/accuracy/Cargo.toml`, with `-- --short` for fewer
//! rounds, `-- --markdown` for the table of the README. Exits with 1 if a bar is missed. The bars are for
//! the feature `ordered-clock`, which is on here; with `--no-default-features` one sees what it is for.
//!
//! Truth and measurement take turns, so that whatever else the machine does hits both alike; the
//! median over the rounds counts, of each time and of each error. A round is short, and made again if
//! the system took the CPU away meanwhile. A machine at work can still spoil a whole run, so a bar counts
//! as missed when it is missed in three.

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

/// Runs after which a bar counts as missed.
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
    let mut attempt = 1;
    let (rows, missed) = loop {
        let mut rows: Vec<Row> =
            Program::all().iter().flat_map(|program| measure::rows(program, rounds)).collect();
        rows.extend(exact::rows());
        rows.extend(calibration::rows());
        let missed = rows.iter().any(Row::misses);
        if !missed || attempt == ATTEMPTS {
            break (rows, missed);
        }
        eprintln!("attempt {attempt} of {ATTEMPTS}: {}", table::missed(&rows));
        attempt += 1;
    };
    let markdown = options.contains(&"--markdown");
    print!("{}", if markdown { table::markdown(&rows) } else { table::text(&rows) });
    ExitCode::from(u8::from(missed))
}
