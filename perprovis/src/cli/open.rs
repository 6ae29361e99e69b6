//! `perprovis open`.

use std::path::{Path, PathBuf};

use perprovis::{Format, Report};

use super::failure::{Exit, Failure, Outcome};
use super::input::Input;
use super::{LOGGED_CALLS, output};

/// Explore a profile in the browser.
///
/// Writes it as a page of its own, which needs no network, to a temporary file, and opens that. $BROWSER
/// and the desktop's settings say with what.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The profile, JSON.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Arguments {
    pub(super) fn run(self) -> Outcome {
        let input = Input::from(self.file);
        let json = input.open()?;
        let path = page_path(input.path())?;
        let converted = Report::convert_json_to_file(json, Format::Html, &path, LOGGED_CALLS);
        if let Err(error) = converted {
            // It is empty; the error is what matters.
            let _ = std::fs::remove_file(&path);
            return Err(Failure::about(&input, &error));
        }
        show(&path)?;
        Ok(Exit::Fine)
    }
}

/// A new file for a page, which stays: the browser reads it later.
pub(super) fn page_path(profile: &Path) -> Result<PathBuf, Failure> {
    let name = profile.file_stem().unwrap_or_default().to_string_lossy();
    let file = tempfile::Builder::new()
        .prefix(&format!("perprovis-{name}-"))
        .suffix(".html")
        .tempfile()
        .and_then(|file| file.keep().map_err(Into::into));
    let failed = |error| Failure::file("write into", &std::env::temp_dir(), &error);
    file.map(|(_, path)| path).map_err(failed)
}

/// Opens a page, and says where it is.
pub(super) fn show(path: &Path) -> Result<(), Failure> {
    output::print(&format!("{}\n", path.display()))?;
    open::that_detached(path).map_err(|error| {
        Failure::new(format!("cannot start a browser: {error}; open {path:?} in one yourself"))
    })
}
