//! The crate's error type.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What can go wrong outside of recording, which never fails.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be written. What stood there before is untouched.
    WriteFile {
        /// The file asked for.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The name of a file asks for no format, or for one that this build has not.
    Format {
        /// The file asked for.
        path: PathBuf,
        /// The feature of perprovis that is missing.
        feature: Option<&'static str>,
    },
    /// The writer handed in refused the data.
    Write {
        /// What the writer said.
        source: io::Error,
    },
    /// The reader handed in failed.
    Read {
        /// What the reader said.
        source: io::Error,
    },
    /// The text is no JSON, is cut short, or a value in it has the wrong type.
    Syntax {
        /// The line, counted from 1; 0 if unknown.
        line: usize,
        /// The column in bytes, counted from 1; 0 if unknown.
        column: usize,
        /// What the JSON parser said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The text is JSON, but no perprovis report.
    Foreign {
        /// The `format` it names, if it names one.
        found: Option<String>,
    },
    /// The report was written by a newer perprovis.
    Version {
        /// The version of the file.
        found: u64,
        /// The newest version this perprovis reads.
        supported: u64,
    },
    /// The report contradicts itself.
    Invalid {
        /// Where, as in `functions[3].min`.
        at: String,
        /// What is wrong there.
        problem: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::WriteFile { path, source } => {
                write!(f, "cannot write {}: {source}{}", quoted(path), remedy(source))
            }
            Error::Format { path, feature: Some(feature) } => write!(
                f,
                "cannot write {}: this build has not the format; turn on the feature `{feature}` of \
                 perprovis",
                quoted(path)
            ),
            Error::Format { path, feature: None } => {
                write!(f, "cannot tell the format of {} by its name", quoted(path))?;
                #[cfg(feature = "report")]
                write!(f, "; it may end with {}", crate::Format::endings())?;
                Ok(())
            }
            Error::Write { source } => write!(f, "cannot write the report: {source}"),
            Error::Read { source } => write!(f, "cannot read the report: {source}"),
            // The parser's message ends with line and column already.
            Error::Syntax { source, .. } => write!(f, "cannot read the report: {source}"),
            Error::Foreign { found: None } => f.write_str(
                "not a perprovis report: `format` is missing; expected a file written by \
                 `Report::to_json`",
            ),
            Error::Foreign { found: Some(found) } => write!(
                f,
                "not a perprovis report: its `format` is {found:?}; expected a file written by \
                 `Report::to_json`"
            ),
            Error::Version { found, supported } => write!(
                f,
                "the report has version {found}, this perprovis reads up to version {supported}; \
                 update perprovis"
            ),
            Error::Invalid { at, problem } => {
                write!(f, "the report contradicts itself at `{at}`: {problem}")
            }
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Error::WriteFile { source, .. } | Error::Write { source } | Error::Read { source } => {
                Some(source)
            }
            Error::Syntax { source, .. } => Some(source.as_ref()),
            Error::Format { .. }
            | Error::Foreign { .. }
            | Error::Version { .. }
            | Error::Invalid { .. } => None,
        }
    }
}

fn quoted(path: &Path) -> String {
    format!("{:?}", path.as_os_str())
}

/// What the user can do about it, where there is something.
fn remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => "; create its directory first",
        io::ErrorKind::PermissionDenied => "; choose a place this process may write to",
        io::ErrorKind::IsADirectory => "; name a file in it instead",
        io::ErrorKind::StorageFull => "; make room or choose another place",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_path_and_the_cause() {
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = Error::WriteFile { path: PathBuf::from("a/b.json"), source };
        assert_eq!(
            error.to_string(),
            "cannot write \"a/b.json\": permission denied; choose a place this process may write to"
        );
        assert!(error.source().is_some());
    }

    #[test]
    fn errors_cross_threads() {
        fn crosses<T: Send + Sync + 'static>() {}
        crosses::<Error>();
    }
}
