//! `perprovis report`.

use std::path::PathBuf;

use perprovis::{Filter, LoggedCalls, Report};

use super::failure::{Exit, Outcome};
use super::input::Input;
use super::view::View;
use super::{LOGGED_CALLS, output};

/// Stands below the help.
const EXAMPLES: &str = "\
Examples:
  perprovis report profile.json --sort self --top 5
  perprovis report profile.json --flame --filter my_app::db
  ssh host cat profile.json.gz | perprovis report -";

/// Show a profile as text.
///
/// Without options the report: which functions take the time, the slowest calls, what was running.
/// With any of --flame, --tree and --timeline these instead.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The profile, JSON.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Show the flame graph: call paths with bars as long as their time.
    #[arg(long)]
    flame: bool,

    /// Show the call tree: all call paths with their numbers.
    #[arg(long)]
    tree: bool,

    /// Show the latest calls of the log on a time scale, a lane per thread.
    #[arg(long, value_name = "CALLS", num_args = 0..=1, require_equals = true)]
    timeline: Option<Option<usize>>,

    /// Show these functions only, as if no others had been recorded: their own time counts for their
    /// callers. Beginnings of paths, separated by commas; `-` before one keeps it out, as in
    /// `app::db,-app::db::ping`.
    #[arg(long, value_name = "PATHS", allow_hyphen_values = true)]
    filter: Option<Filter>,

    /// Subtract what profiling itself cost.
    #[arg(long)]
    compensated: bool,

    #[command(flatten)]
    view: View,
}

impl Arguments {
    pub(super) fn run(self) -> Outcome {
        let calls = match self.timeline {
            Some(_) => LoggedCalls::Latest(LOGGED_CALLS),
            None => LoggedCalls::Unread,
        };
        let mut report = Input::from(self.file.clone()).read(calls)?;
        if self.compensated {
            report = report.compensated();
        }
        if let Some(filter) = &self.filter {
            report = report.filtered(filter);
        }
        output::print(&self.text(&report))?;
        Ok(Exit::Fine)
    }

    fn text(&self, report: &Report) -> String {
        let options = self.view.options();
        let mut parts = Vec::new();
        if self.flame {
            parts.push(report.flame_graph_text_with(options));
        }
        if self.tree {
            parts.push(report.call_tree().to_text_with(options));
        }
        if let Some(limit) = self.timeline {
            parts.push(report.timeline_text_with(limit.unwrap_or(LOGGED_CALLS), options));
        }
        if parts.is_empty() {
            parts.push(report.to_text_with(options));
        }
        parts.join("\n")
    }
}
