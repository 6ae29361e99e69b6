//! The command line: one subcommand a file, each `arguments -> library -> output`.
//!
//! Whatever goes wrong is told in one line on standard error, and by the exit code.

mod check;
mod completions;
mod convert;
mod diff;
mod failure;
mod input;
mod man;
mod merge;
mod open;
mod output;
mod progress;
mod report;
mod run;
mod sides;
mod view;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::{Exit, Failure};
use perprovis::Limits;

/// Logged calls kept in memory: as many as a profiler keeps.
const LOGGED_CALLS: usize = Limits::DEFAULT.calls_in_all;

/// See where the time of a Rust program goes.
///
/// Reads the profiles that programs with `#[perprovis::profile]` write as JSON (plain or
/// compressed by gzip, of this and any earlier version): shows them, turns them into other formats,
/// merges and compares them. `perprovis run` records one.
///
/// FILE may be `-` for standard input wherever one is read, and OUT `-` for standard output.
/// An output file is written as a whole or not at all.
#[derive(Parser)]
#[command(
    name = "perprovis",
    version,
    after_help = EXIT_CODES,
    max_term_width = 100,
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// Stands below the help of every command.
const EXIT_CODES: &str = "\
Exit codes: 0 all went well, 1 `check` found a regression, 2 an error, told on standard error.
`run` passes on the exit code of the program.";

#[derive(Subcommand)]
enum Command {
    Run(run::Arguments),
    Report(report::Arguments),
    Open(open::Arguments),
    Convert(convert::Arguments),
    Merge(merge::Arguments),
    Diff(diff::Arguments),
    Check(check::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Does what the command line says.
pub(crate) fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(arguments) => arguments.run(),
        Command::Report(arguments) => arguments.run(),
        Command::Open(arguments) => arguments.run(),
        Command::Convert(arguments) => arguments.run(),
        Command::Merge(arguments) => arguments.run(),
        Command::Diff(arguments) => arguments.run(),
        Command::Check(arguments) => arguments.run(),
        Command::Completions(arguments) => arguments.run(),
        Command::Man(arguments) => arguments.run(),
    };
    match outcome {
        Ok(exit) => exit.into(),
        // Who closed the output has seen enough of it.
        Err(Failure::Closed) => Exit::Fine.into(),
        Err(Failure::Told(message)) => {
            tell(&format!("error: {message}"));
            Exit::Error.into()
        }
    }
}

/// Says something beside the result.
fn tell(message: &str) {
    // A closed standard error is no reason to fail.
    let _ = writeln!(std::io::stderr(), "{message}");
}
