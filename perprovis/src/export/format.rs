//! Which formats there are, and the two doors to all of them.

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::Error;
use crate::report::Report;

use super::file;

/// Bytes handed to a writer at once.
pub(super) const BUFFER_BYTES: usize = 1 << 16;

/// One line a format: its feature, its variant, what file names end with, the function that writes it.
macro_rules! formats {
    ($($(#[doc = $doc:literal])* $feature:literal $variant:ident $ending:literal $write:expr;)*) => {
        /// A file format that a report can be written in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Format {
            $(
                $(#[doc = $doc])*
                #[doc = concat!("\n\nFiles end with `", $ending, "`; feature `", $feature, "`.")]
                #[cfg(feature = $feature)]
                $variant,
            )*
        }

        impl Format {
            /// Those that this build has.
            pub const ALL: &[Format] = &[$(#[cfg(feature = $feature)] Format::$variant),*];

            /// What the names of its files end with.
            #[must_use]
            pub const fn ending(self) -> &'static str {
                match self {
                    $(#[cfg(feature = $feature)] Format::$variant => $ending,)*
                }
            }

            pub(super) fn write(self, report: &Report, writer: &mut dyn Write) -> io::Result<()> {
                match self {
                    $(#[cfg(feature = $feature)] Format::$variant => $write(report, writer),)*
                }
            }
        }

        /// All endings with their features, also those that this build has not.
        const ENDINGS: &[(&str, &str)] = &[$(($ending, $feature)),*];
    };
}

formats! {
    /// Everything, without loss: [`Report::from_json`] reads it back.
    "json" Json ".json" super::json::write;
    /// Statistics, a row per function.
    "report" Csv ".csv" super::csv::write;
    /// The log of calls, a row per call.
    "report" CallsCsv ".calls.csv" super::calls_csv::write;
    /// A table for a comment on a pull request.
    "report" Markdown ".md" super::markdown::write;
    /// Folded stacks, a line per call path with its self time in nanoseconds, for `inferno-flamegraph`
    /// and `flamegraph.pl`.
    "report" Folded ".folded" super::folded::write;
    /// A flame graph to zoom and search in a browser, callers below.
    "svg" Svg ".svg" super::svg::write;
    /// The same upside down: callers above.
    "svg" Icicle ".icicle.svg" super::svg::write_icicle;
    /// Chrome trace events, for Perfetto and `chrome://tracing`.
    "json" ChromeTrace ".trace.json" super::chrome_trace::write;
    /// For [speedscope](https://www.speedscope.app).
    "json" Speedscope ".speedscope.json" super::speedscope::write;
    /// For `go tool pprof` and all that reads its format.
    "pprof" Pprof ".pb.gz" super::pprof::write;
    /// For the [Firefox Profiler](https://profiler.firefox.com).
    "firefox" Firefox ".profile.json.gz" super::firefox::write;
    /// A page of its own, to explore in any browser, without a network.
    "html" Html ".html" super::html::write;
}

impl Format {
    /// The format that the name of a file asks for by its ending; the longest one counts, and not the
    /// case.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if no format has such an ending, or this build has it not.
    pub fn of(path: impl AsRef<Path>) -> Result<Format, Error> {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let found = ENDINGS
            .iter()
            .filter(|(ending, _)| name.ends_with(ending))
            .max_by_key(|(ending, _)| ending.len());
        let unknown = |feature| Error::Format { path: path.to_owned(), feature };
        let (ending, feature) = found.ok_or_else(|| unknown(None))?;
        let format = Format::ALL.iter().find(|format| format.ending() == *ending);
        format.copied().ok_or_else(|| unknown(Some(feature)))
    }

    /// All endings, separated by commas.
    pub(crate) fn endings() -> String {
        ENDINGS.iter().map(|(ending, _)| *ending).collect::<Vec<_>>().join(", ")
    }
}

/// The ending: `.speedscope.json`.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.ending())
    }
}

impl Report {
    /// Writes the report to a file, in the format that its name asks for: see [`Format`]. An
    /// existing file is replaced in one step, and stays as it is if anything fails.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), perprovis::Error> {
    /// perprovis::global().report().export("profile.folded")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if the name asks for none, [`Error::WriteFile`] if the file cannot be written.
    pub fn export(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        self.export_as(Format::of(path)?, path)
    }

    /// Writes the report to a file of any name, as [`Report::export`].
    ///
    /// # Errors
    ///
    /// [`Error::WriteFile`] if the file cannot be written.
    pub fn export_as(&self, format: Format, path: impl AsRef<Path>) -> Result<(), Error> {
        file::replace(path.as_ref(), |writer| {
            format.write(self, writer).map_err(|source| Error::Write { source })
        })
    }

    /// Writes the report in any format anywhere. Buffers what it writes.
    ///
    /// # Errors
    ///
    /// [`Error::Write`] if the writer fails.
    pub fn write(&self, format: Format, writer: impl Write) -> Result<(), Error> {
        let mut writer = BufWriter::with_capacity(BUFFER_BYTES, writer);
        let written = format.write(self, &mut writer).and_then(|()| writer.flush());
        written.map_err(|source| {
            let _unwritten = writer.into_parts(); // no second attempt on drop
            Error::Write { source }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_ending_counts() {
        let of = |name: &str| Format::of(name);
        assert_eq!(of("a/b/profile.csv").unwrap(), Format::Csv);
        assert_eq!(of("profile.calls.CSV").unwrap(), Format::CallsCsv);
        assert_eq!(of(".md").unwrap(), Format::Markdown);
        for &format in Format::ALL {
            assert_eq!(of(&format!("x{format}")).unwrap(), format);
        }
    }

    #[test]
    fn other_names_are_told_what_there_is() {
        for name in ["profile", "profile.txt", "", "csv", "x.csv/"] {
            let error = match Format::of(name) {
                Err(error) => error.to_string(),
                Ok(format) => {
                    assert_eq!((name, format), ("x.csv/", Format::Csv), "{name}");
                    continue;
                }
            };
            assert!(error.contains(".speedscope.json") && error.contains(".folded"), "{error}");
        }
    }
}
