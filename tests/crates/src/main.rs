//! The check on real crates: puts `#[profile]` on every function with a body, or on every container
//! of functions, and fails if that changes anything else than the time it takes.
//!
//! Of each crate it makes copies of the source as the registry has it, one with the attribute,
//! and compares:
//!
//! 1. Everything keeps the attribute: the annotated copy compiles. Nothing is taken back.
//! 2. Every test passes that passes without the attribute: unit, integration, documentation, by name.
//! 3. There is no new warning, of rustc or clippy.
//! 4. On average over the crates, a clean debug build of the crate alone takes at most 1.15 times as long.
//!
//! It takes about twenty minutes for all crates on two cores. Needs the registry, clippy, and for the
//! build time a unix.
#![forbid(unsafe_code)]

mod annotate;
mod cargo;
mod catalogue;
mod check;
mod compilation;
mod meter;
mod source;
mod suite;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use annotate::Bearers;
use catalogue::{Selection, Subject};
use check::{Outcome, Places};
use table::Style;

const USAGE: &str = "\
usage: perprovis-crates [--containers] [--short] [--markdown] [--keep] [NAME@VERSION[:FEATURE,...] ...]

  --containers  puts the attribute on each outermost impl, trait, mod and fn, not on each fn
  --short       three crates, as for every commit; without it and without names, all of the catalogue
  --markdown    prints the table as Markdown
  --keep        leaves the copies of the crates, to look into";

/// Of the mean over the catalogue. What the cheapest of the peers' attributes costs (fastrace 0.7.19).
const BUILD_RATIO_LIMIT: f64 = 1.15;

/// So many findings and notes of a crate are printed, the others counted.
const SHOWN: usize = 20;

struct Arguments {
    subjects: Vec<Subject>,
    bearers: Bearers,
    style: Style,
    keep: bool,
    /// The whole catalogue, whose mean build time has a limit: fewer crates are a lottery.
    full: bool,
}

fn main() -> ExitCode {
    let outcome = if meter::is_compiler() { meter::compile() } else { run() };
    outcome.unwrap_or_else(|error| {
        eprintln!("{error:#}");
        ExitCode::FAILURE
    })
}

fn run() -> Result<ExitCode> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let work = work_folder()?;
    let target = work.join("target");
    let mut outcomes = Vec::new();
    let mut failures = 0;
    for subject in &arguments.subjects {
        let folder = work.join(format!("{}-{}", subject.name, subject.version));
        let places = Places { package, work: &folder, target: &target };
        match check::check(subject, arguments.bearers, places, |step| {
            eprintln!("{subject}: {step}")
        }) {
            Ok(outcome) => {
                print_details(&outcome);
                failures += outcome.findings.len();
                outcomes.push(outcome);
            }
            Err(error) => {
                eprintln!("{subject}: cannot be checked: {error:#}");
                failures += 1;
            }
        }
        if !arguments.keep && folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
    }
    if let Some(mean) = table::mean_build_ratio(&outcomes)
        && arguments.full
        && is_too_slow(mean)
    {
        eprintln!("the attribute makes builds x{mean:.3}; the limit is x{BUILD_RATIO_LIMIT}");
        failures += 1;
    }
    print!("{}", table::render(&outcomes, arguments.style));
    if arguments.keep {
        eprintln!("the copies are in {}", work.display());
    }
    // A run that checked nothing must not look like a success.
    let passed = failures == 0 && outcomes.len() == arguments.subjects.len();
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Arguments {
    fn parse(arguments: impl Iterator<Item = String>) -> Result<Arguments> {
        let (mut subjects, mut selection) = (Vec::new(), None);
        let (mut bearers, mut style, mut keep) = (Bearers::Functions, Style::Text, false);
        for argument in arguments {
            match argument.as_str() {
                "--containers" => bearers = Bearers::Containers,
                "--short" => selection = Some(Selection::Short),
                "--markdown" => style = Style::Markdown,
                "--keep" => keep = true,
                _ if argument.starts_with('-') => bail!(USAGE),
                _ => subjects.push(Subject::parse(&argument).context(USAGE)?),
            }
        }
        let full = subjects.is_empty() && selection.is_none();
        if full {
            selection = Some(Selection::Full);
        }
        subjects.extend(selection.into_iter().flat_map(Selection::subjects));
        Ok(Arguments { subjects, bearers, style, keep, full })
    }
}

/// In this program's own target folder: no copy can be mistaken for source, and `cargo clean` removes
/// them all.
fn work_folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(2).context("the program is in a target folder")?;
    Ok(target.join("crates"))
}

fn print_details(outcome: &Outcome) {
    for finding in outcome.findings.iter().take(SHOWN) {
        eprintln!("{}: {finding}", outcome.krate);
    }
    for note in outcome.notes.iter().take(SHOWN) {
        eprintln!("{}: note: {note}", outcome.krate);
    }
    for (count, what) in [(outcome.findings.len(), "findings"), (outcome.notes.len(), "notes")] {
        if count > SHOWN {
            eprintln!("{}: {} more {what}", outcome.krate, count - SHOWN);
        }
    }
}

fn is_too_slow(mean_build_ratio: f64) -> bool {
    mean_build_ratio > BUILD_RATIO_LIMIT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_time_has_a_limit() {
        assert!(is_too_slow(1.16) && !is_too_slow(1.14));
    }

    #[test]
    fn only_the_whole_catalogue_is_full() {
        let parse = |text: &str| Arguments::parse(text.split_whitespace().map(str::to_owned));
        let full = parse("--containers --markdown").unwrap();
        assert!(full.full && full.bearers == Bearers::Containers);
        for few in ["--short", "bb8@0.9.1", "--short bb8@0.9.1"] {
            let few = parse(few).unwrap();
            assert!(!few.full && !few.subjects.is_empty() && few.bearers == Bearers::Functions);
        }
        assert!(parse("--unknown").is_err());
    }
}
