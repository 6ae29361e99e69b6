//! Where a result goes: a file, in whole or not at all, or standard output.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use perprovis::{Format, Report};

use super::failure::Failure;

/// A file or standard output.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Stdout,
    File(PathBuf),
}

impl From<std::ffi::OsString> for Output {
    fn from(path: std::ffi::OsString) -> Output {
        if path == "-" { Output::Stdout } else { Output::File(path.into()) }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Stdout => f.write_str("standard output"),
            Output::File(path) => write!(f, "{path:?}"),
        }
    }
}

impl Output {
    /// The format asked for, or else that of the file's name.
    pub(super) fn format(&self, asked: Option<Format>) -> Result<Format, Failure> {
        match (asked, self) {
            (Some(format), _) => Ok(format),
            (None, Output::File(path)) => {
                Format::of(path).map_err(|error| Failure::new(format!("{error}, or use --format")))
            }
            (None, Output::Stdout) => Err(Failure::new(
                "standard output has no name that says the format; add --format, such as --format svg",
            )),
        }
    }
}

impl Output {
    /// Writes a report there.
    pub(super) fn write(&self, report: &Report, format: Format) -> Result<(), Failure> {
        let written = match self {
            Output::Stdout => report.write(format, io::stdout().lock()),
            Output::File(path) => report.export_as(format, path),
        };
        written.map_err(|error| Failure::about(self, &error))
    }
}

impl Output {
    /// Writes a text there.
    pub(super) fn put(&self, text: &str) -> Result<(), Failure> {
        match self {
            Output::Stdout => print(text),
            Output::File(path) => {
                replace(path, text).map_err(|error| Failure::file("write", path, &error))
            }
        }
    }
}

/// Replaces a file in one step, unless it is no regular one, such as a device.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    if path.exists() && !path.is_file() {
        return fs::write(path, text);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".perprovis-");
    // As any new file, not only for its owner as temporary ones are.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    if let Ok(old) = fs::metadata(path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Writes a text to standard output.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| Failure::written(&error))
}

/// The format of this ending, with or without a dot before it.
pub(super) fn format(ending: &str) -> Result<Format, String> {
    let wanted = ending.trim_start_matches('.');
    let found = Format::ALL.iter().find(|format| format.ending()[1..].eq_ignore_ascii_case(wanted));
    found.copied().ok_or_else(|| {
        let endings: Vec<_> = Format::ALL.iter().map(|format| &format.ending()[1..]).collect();
        format!("expected one of {}", endings.join(", "))
    })
}
