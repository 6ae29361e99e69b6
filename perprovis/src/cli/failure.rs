//! How a command ends, well or not.

use std::error::Error as _;
use std::fmt::Display;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use perprovis::Error;

/// What a command returns.
pub(super) type Outcome = Result<Exit, Failure>;

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// All went well.
    Fine,
    /// `check` found a regression.
    Regression,
    /// Could not do what was asked.
    Error,
    /// What the program that was run ended with.
    Program(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Regression => 1,
            Exit::Error => 2,
            Exit::Program(code) => code,
        })
    }
}

/// Why a command could not do what was asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// A line for the user: what, where, and what to do about it.
    Told(String),
    /// Standard output was closed by who reads it.
    Closed,
}

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Failure {
        Failure::Told(message.into())
    }

    /// What the library said about the file of this name.
    pub(super) fn about(file: impl Display, error: &Error) -> Failure {
        match error {
            Error::Write { source } => Failure::written(source),
            Error::WriteFile { .. } => Failure::new(error.to_string()),
            _ => Failure::Told(format!("{file}: {error}{}", remedy(error))),
        }
    }

    /// Standard output failed.
    pub(super) fn written(error: &io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Closed,
            _ => Failure::Told(format!("cannot write to standard output: {error}")),
        }
    }

    /// The operating system refused a file.
    pub(super) fn file(verb: &str, path: &Path, error: &io::Error) -> Failure {
        let remedy = match error.kind() {
            io::ErrorKind::NotFound => "; check the path",
            io::ErrorKind::PermissionDenied => "; check its permissions",
            _ => "",
        };
        Failure::Told(format!("cannot {verb} {path:?}: {error}{remedy}"))
    }
}

/// What the user can do where the library does not say so.
fn remedy(error: &Error) -> &'static str {
    match error {
        Error::Syntax { source, .. } if source.to_string().starts_with("EOF") => {
            "; it is cut short, so record it anew"
        }
        Error::Syntax { .. } if error.source().is_some() => {
            "; expected JSON as `report.export(\"profile.json\")` writes it"
        }
        Error::Invalid { .. } => "; it was changed since it was written, so record it anew",
        _ => "",
    }
}
