//! The two sides of a comparison.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::PathBuf;

use perprovis::{Comparison, LoggedCalls, Merger, Report};

use super::failure::Failure;
use super::input::{self, Input};

/// What is compared with what.
#[derive(clap::Args)]
pub(super) struct Sides {
    /// The profile before, JSON; or a folder with the profiles of several runs.
    #[arg(
        value_name = "BASE",
        required_unless_present = "base_files",
        conflicts_with = "base_files"
    )]
    base: Option<PathBuf>,

    /// The profile after, likewise.
    #[arg(value_name = "NEW", required_unless_present = "new_files", conflicts_with = "new_files")]
    new: Option<PathBuf>,

    /// The profiles before, of several runs; with --new.
    #[arg(long = "base", value_name = "FILE", num_args = 1.., requires = "new_files")]
    base_files: Vec<PathBuf>,

    /// The profiles after; with --base.
    #[arg(long = "new", value_name = "FILE", num_args = 1.., requires = "base_files")]
    new_files: Vec<PathBuf>,
}

impl Sides {
    /// Compares the runs; of each only some numbers stay in memory.
    pub(super) fn compare(&self) -> Result<Comparison, Failure> {
        let (base, new) = self.inputs()?;
        let failure = RefCell::new(None);
        let reports = |inputs: Vec<Input>| {
            let read = |input: Input| match input.read(LoggedCalls::Unread) {
                Ok(report) => Some(report),
                Err(error) => {
                    // The first one is told.
                    failure.borrow_mut().get_or_insert(error);
                    None
                }
            };
            inputs.into_iter().map_while(read)
        };
        let comparison = Comparison::of(reports(base), reports(new));
        failure.into_inner().map_or(Ok(comparison), Err)
    }

    /// Each side as one report, its runs merged.
    pub(super) fn merged(&self) -> Result<(Report, Report), Failure> {
        let merged = |inputs: Vec<Input>| -> Result<Report, Failure> {
            if let [only] = &inputs[..] {
                return only.read(LoggedCalls::Unread);
            }
            let mut merger = Merger::new();
            for input in inputs {
                input.add_to(&mut merger, LoggedCalls::Unread)?;
            }
            Ok(merger.finish())
        };
        let (base, new) = self.inputs()?;
        Ok((merged(base)?, merged(new)?))
    }

    fn inputs(&self) -> Result<(Vec<Input>, Vec<Input>), Failure> {
        let all = |one: &Option<PathBuf>, several: &[PathBuf]| match one {
            Some(path) => input::all(std::slice::from_ref(path)),
            None => input::all(several),
        };
        let (base, new) = (all(&self.base, &self.base_files)?, all(&self.new, &self.new_files)?);
        for side in [&base, &new] {
            each_once(side)?;
        }
        if base.iter().chain(&new).filter(|input| input.is_stdin()).count() > 1 {
            let problem = "standard input can be one profile only; name a file for the other";
            return Err(Failure::new(problem));
        }
        Ok((base, new))
    }
}

/// Refuses a run that is counted twice: runs that do not differ at all would pass for sure knowledge.
fn each_once(side: &[Input]) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    let whole = |input: &Input| input.path().canonicalize().unwrap_or(input.path().to_owned());
    match side.iter().find(|input| !seen.insert(whole(input))) {
        None => Ok(()),
        Some(input) => {
            Err(Failure::new(format!("{input} is named twice on one side; name each run once")))
        }
    }
}
