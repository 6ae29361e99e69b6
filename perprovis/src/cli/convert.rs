//! `perprovis convert`.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use perprovis::{Format, Report};

use super::failure::{Exit, Failure, Outcome};
use super::input::Input;
use super::output::{self, Output};
use super::{LOGGED_CALLS, tell};

/// Stands below the help.
const EXAMPLES: &str = "\
Examples:
  perprovis convert profile.json -o profile.svg
  perprovis convert profile.json -o - --format folded | flamegraph.pl > profile.svg";

/// Turn a profile into another format.
///
/// The ending of OUT says which: .json, .csv (a row per function), .calls.csv (a row per call), .md,
/// .folded, .svg and .icicle.svg (flame graphs), .html (a page to explore), .trace.json
/// (Perfetto, chrome://tracing), .speedscope.json, .pb.gz (pprof), .profile.json.gz (Firefox
/// Profiler).
///
/// Files of any size are read in bounded memory. JSON and the log of calls as CSV get all calls of the log, other
/// formats that show calls the latest of them: see --calls.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The profile, JSON.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The file to write; `-` for standard output.
    #[arg(long, short, value_name = "OUT")]
    output: OsString,

    /// The format by its ending, such as `svg` or `calls.csv`, where OUT does not say.
    #[arg(long, short, value_name = "ENDING", value_parser = output::format)]
    format: Option<Format>,

    /// Show at most so many of the latest calls.
    #[arg(long, value_name = "CALLS", default_value_t = LOGGED_CALLS)]
    calls: usize,
}

impl Arguments {
    pub(super) fn run(self) -> Outcome {
        let (input, output) = (Input::from(self.file), Output::from(self.output));
        let format = output.format(self.format)?;
        let json = input.open()?;
        let converted = match &output {
            Output::Stdout => Report::convert_json(json, format, io::stdout().lock(), self.calls),
            Output::File(path) => Report::convert_json_to_file(json, format, path, self.calls),
        };
        let left_out = converted.map_err(|error| Failure::about(&input, &error))?;
        if left_out > 0 {
            let latest = self.calls;
            tell(&format!(
                "note: {output} shows the latest {latest} calls of the log and leaves out {left_out}; \
                 --calls raises that. All statistics are exact."
            ));
        }
        Ok(Exit::Fine)
    }
}
