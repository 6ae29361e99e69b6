//! `perprovis run`.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
#[cfg(unix)]
use std::sync::{Arc, atomic::AtomicBool};

use perprovis::{Filter, Format, LoggedCalls, Merger, Report};

use super::failure::{Exit, Failure, Outcome};
use super::input::Input;
use super::output::{self, Output};
use super::view::View;
use super::{LOGGED_CALLS, open, tell};

/// The library's variable for the files to write.
const EXPORT: &str = "PERPROVIS_EXPORT";

/// Stands below the help.
const EXAMPLES: &str = "\
Examples:
  perprovis run -- cargo run --release
  perprovis run --open -- ./target/release/server --port 80
  perprovis run -o before.json -- cargo test --release";

/// Run a program and show its profile.
///
/// The program must have `#[perprovis::main]` on its `main`, or call `perprovis::report_on_exit()`
/// there; this command asks it for a profile by setting PERPROVIS_EXPORT, and passes on the program's exit
/// code. The profile is shown as text; with --output it is written instead, with --open it is opened in the browser.
/// If several processes write one, as tests and servers with workers do, they are merged.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The program and its arguments.
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    command: Vec<OsString>,

    /// Write the profile to a file, in the format of its ending, instead of showing it. Can be given
    /// several times.
    #[arg(long, short, value_name = "OUT")]
    output: Vec<PathBuf>,

    /// Open the profile in the browser instead of showing it.
    #[arg(long)]
    open: bool,

    /// Record these functions only. Beginnings of paths, separated by commas; `-` before one keeps it
    /// out, as in `app::db,-app::db::ping`.
    #[arg(long, value_name = "PATHS", allow_hyphen_values = true)]
    filter: Option<Filter>,

    #[command(flatten)]
    view: View,
}

impl Arguments {
    pub(super) fn run(self) -> Outcome {
        // A wrong name is told before the program has run for an hour.
        let formats: Result<Vec<_>, _> = self
            .output
            .iter()
            .map(|path| {
                let output = Output::File(path.clone());
                output.format(None).map(|format| (path, format))
            })
            .collect();
        let formats = formats?;
        let failed = |error| Failure::file("write into", &std::env::temp_dir(), &error);
        let directory = tempfile::Builder::new().prefix("perprovis-").tempdir().map_err(failed)?;

        let status = self.start(directory.path())?;
        let profiles = profiles(directory.path()).map_err(failed)?;
        if profiles.is_empty() {
            tell(&format!("error: {}", why_none(status)));
            return Ok(match exit(status) {
                0 => Exit::Error,
                code => Exit::Program(code),
            });
        }
        let report = load(&profiles)?;
        for (path, format) in &formats {
            let written = report.export_as(*format, path);
            written.map_err(|error| Failure::about(path.display(), &error))?;
        }
        if self.open {
            let page = open::page_path(Path::new(&self.command[0]))?;
            let written = report.export_as(Format::Html, &page);
            written.map_err(|error| Failure::about(page.display(), &error))?;
            open::show(&page)?;
        }
        if formats.is_empty() && !self.open {
            output::print(&report.to_text_with(self.view.options()))?;
        }
        Ok(Exit::Program(exit(status)))
    }

    /// Runs the program to its end.
    fn start(&self, directory: &Path) -> Result<ExitStatus, Failure> {
        let mut exports = directory.join("%p.json").into_os_string();
        // What the user wants in addition.
        if let Some(more) =
            std::env::var_os(EXPORT).filter(|more| !more.is_empty() && more != "off")
        {
            exports.push(",");
            exports.push(more);
        }
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).env(EXPORT, exports);
        command.env("PERPROVIS_REPORT", "off"); // shown here, of all processes together
        if let Some(filter) = &self.filter {
            command.env("PERPROVIS_FILTER", filter.to_string());
        }
        let failed = |error: io::Error| {
            let program = &self.command[0];
            let remedy = match error.kind() {
                io::ErrorKind::NotFound => "; check its spelling, and that it is built",
                io::ErrorKind::PermissionDenied => "; it may be no program",
                _ => "",
            };
            Failure::new(format!("cannot run {program:?}: {error}{remedy}"))
        };
        stay_alive();
        let mut child = command.spawn().map_err(failed)?;
        child.wait().map_err(failed)
    }
}

/// Lets Ctrl-C, which the terminal sends to all processes in the foreground, end the program only: what
/// it wrote is still to be shown.
fn stay_alive() {
    #[cfg(unix)]
    {
        let is_met = Arc::new(AtomicBool::new(false));
        // Without it Ctrl-C ends this command, too.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, is_met);
    }
}

/// The profiles that were written, by age.
fn profiles(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        if path.extension() == Some(OsStr::new("json")) {
            found.push((entry.metadata()?.modified()?, path));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// All of them in one report.
fn load(profiles: &[PathBuf]) -> Result<Report, Failure> {
    let read = |path: &PathBuf| Input::from(path.clone()).read(LoggedCalls::Latest(LOGGED_CALLS));
    if let [only] = profiles {
        return read(only);
    }
    let mut merger = Merger::new();
    for path in profiles {
        let process = path.file_stem().unwrap_or_default().to_string_lossy();
        merger.add(format!("process {process}"), &read(path)?);
    }
    Ok(merger.finish())
}

/// The exit code to pass on: that of a shell if a signal ended it.
fn exit(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128u8.saturating_add(u8::try_from(signal).unwrap_or(0));
    }
    // The system's codes have a byte; others are failures all the same.
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// Why the program wrote no profile, in one line.
fn why_none(status: ExitStatus) -> String {
    if std::env::var_os("PERPROVIS").is_some_and(|value| value == "off") {
        return "the program wrote no profile: PERPROVIS=off is set; unset it".to_owned();
    }
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!(
            "the program wrote no profile: signal {signal} ended it first; let it end by itself, or turn on \
             `.signals()` of report_on_exit() for SIGINT and SIGTERM, or set PERPROVIS_EVERY=10s"
        );
    }
    match status.code() {
        Some(0) => "the program wrote no profile: put #[perprovis::main] on its `main`, with the \
                    feature `enable` of perprovis on"
            .to_owned(),
        code => format!(
            "the program wrote no profile: it failed with exit code {}; if it ran at all, put \
             #[perprovis::main] on its `main`",
            code.unwrap_or(-1)
        ),
    }
}
