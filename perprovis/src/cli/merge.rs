//! `perprovis merge`.

use std::ffi::OsString;
use std::path::PathBuf;

use perprovis::{Format, LoggedCalls, Merger};

use super::LOGGED_CALLS;
use super::failure::{Exit, Outcome};
use super::input;
use super::output::{self, Output};

/// Stands below the help.
const EXAMPLES: &str = "\
Examples:
  perprovis merge worker-*.json -o all.json
  perprovis merge runs/ -o all.html";

/// Merge profiles of several processes or runs into one.
///
/// Functions of the same name become one, with the counts, times and percentiles of all calls together;
/// threads keep the name of the file they come from. A folder stands for the profiles in it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The profiles, JSON, and folders of them.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// The file to write, in the format of its ending, mostly .json; `-` for standard output.
    #[arg(long, short, value_name = "OUT")]
    output: OsString,

    /// The format by its ending, such as `json`, where OUT does not say.
    #[arg(long, short, value_name = "ENDING", value_parser = output::format)]
    format: Option<Format>,
}

impl Arguments {
    pub(super) fn run(self) -> Outcome {
        let output = Output::from(self.output);
        let format = output.format(self.format)?;
        let mut merger = Merger::new();
        for input in input::all(&self.files)? {
            // One at a time: a thousand of them need no more memory than the merged one.
            input.add_to(&mut merger, LoggedCalls::Latest(LOGGED_CALLS))?;
        }
        output.write(&merger.finish(), format)?;
        Ok(Exit::Fine)
    }
}
