//! What is read: files, standard input, compressed or not.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use perprovis::{Format, LoggedCalls, Merger, Report};

use super::failure::Failure;
use super::progress::Progress;

/// How files compressed by gzip begin (RFC 1952).
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// A file or standard input. Displays as messages name it.
#[derive(Clone, Debug)]
pub(super) struct Input(PathBuf);

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Input {
        Input(path)
    }
}

impl From<std::ffi::OsString> for Input {
    fn from(path: std::ffi::OsString) -> Input {
        Input(path.into())
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_stdin() { f.write_str("standard input") } else { write!(f, "{:?}", self.0) }
    }
}

impl Input {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn is_stdin(&self) -> bool {
        self.0.as_os_str() == "-"
    }

    /// Its bytes, unpacked; long reads show how far they got.
    pub(super) fn open(&self) -> Result<Box<dyn Read>, Failure> {
        let failed = |error: io::Error| Failure::file("read", &self.0, &error);
        if self.is_stdin() {
            return unpacked(Progress::new(io::stdin(), "standard input", None)).map_err(failed);
        }
        let found = fs::metadata(&self.0).map_err(failed)?;
        if found.is_dir() {
            return Err(Failure::new(format!("{self} is a folder; name a file in it")));
        }
        let name = self.0.file_name().unwrap_or_default().to_string_lossy();
        let whole = found.is_file().then_some(found.len());
        let file = File::open(&self.0).map_err(failed)?;
        unpacked(Progress::new(file, &name, whole)).map_err(failed)
    }
}

impl Input {
    /// The report in it.
    pub(super) fn read(&self, calls: LoggedCalls) -> Result<Report, Failure> {
        Report::read_json(self.open()?, calls).map_err(|error| Failure::about(self, &error))
    }

    /// Adds the report in it, as a source with its path for a name.
    pub(super) fn add_to(&self, merger: &mut Merger, calls: LoggedCalls) -> Result<(), Failure> {
        let added = merger.add_json(self.0.to_string_lossy(), self.open()?, calls);
        added.map_err(|error| Failure::about(self, &error))
    }
}

fn unpacked(mut reader: impl Read + 'static) -> io::Result<Box<dyn Read>> {
    let mut head = Vec::with_capacity(GZIP.len());
    reader.by_ref().take(GZIP.len() as u64).read_to_end(&mut head)?;
    let is_packed = head == GZIP;
    let whole = Cursor::new(head).chain(reader);
    Ok(if is_packed { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) })
}

/// The files, and for a folder the profiles in it, by name.
pub(super) fn all(paths: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let mut inputs = Vec::new();
    for path in paths {
        if !path.is_dir() {
            inputs.push(Input(path.clone()));
            continue;
        }
        let failed = |error: io::Error| Failure::file("read", path, &error);
        let mut found = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            found.push(entry.map_err(failed)?.path());
        }
        found.retain(|path| is_profile(path));
        found.sort();
        if found.is_empty() {
            let problem =
                format!("{path:?} is a folder without profiles; they end in .json or .json.gz");
            return Err(Failure::new(problem));
        }
        inputs.extend(found.into_iter().map(Input));
    }
    Ok(inputs)
}

/// Whether a file in a folder is a profile by its name.
fn is_profile(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_firefox = matches!(Format::of(&*name), Ok(Format::Firefox));
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    !is_firefox
        && !name.starts_with('.')
        && Format::of(name).is_ok_and(|format| format == Format::Json)
}
