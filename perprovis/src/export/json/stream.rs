//! JSON of any size: to a report that keeps what is needed, or straight to another format.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use perprovis_core::snapshot::{Call, Snapshot};

use crate::Error;
use crate::report::{Merger, Report, new_indexes};

use super::super::format::BUFFER_BYTES;
use super::super::{Format, calls_csv, file};
use super::reader::Reader;

/// Which calls of a file's log [`Report::read_json`] keeps. They are checked, kept or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoggedCalls {
    /// All, however many there are.
    All,
    /// The latest so many; the earlier ones count as [dropped](Report::dropped).
    Latest(usize),
    /// None, for statistics, call tree and flame graph, which need none. None counts as dropped.
    Unread,
}

impl Report {
    /// Reads a report as JSON from anywhere, with as many of its logged calls as are asked for: so it needs
    /// no more memory for gigabytes of calls than for those kept. Buffers what it reads.
    ///
    /// ```
    /// use perprovis::{LoggedCalls, Report};
    ///
    /// # let json = Report::default().to_json();
    /// let report = Report::read_json(json.as_bytes(), LoggedCalls::Latest(1000))?;
    /// # assert!(report.is_empty());
    /// # Ok::<(), perprovis::Error>(())
    /// ```
    ///
    /// A file in which the calls stand before the functions, which perprovis never writes, is read with all of them
    /// before some are let go.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] if the reader fails, and those of [`Report::from_json`].
    pub fn read_json(json: impl Read, calls: LoggedCalls) -> Result<Report, Error> {
        Ok(read(json, calls)?.0)
    }

    /// Writes a report that is there as JSON in another format. JSON and the log of calls as CSV take all
    /// calls through without keeping any; formats that show calls get the `latest` so many; the others
    /// need none. Gives how many calls were left out for that limit. Buffers what it reads and writes.
    ///
    /// # Errors
    ///
    /// Those of [`Report::read_json`], after which part of the result may be written;
    /// [`Error::Write`] if the writer fails.
    pub fn convert_json(
        json: impl Read,
        format: Format,
        writer: impl Write,
        latest: usize,
    ) -> Result<u64, Error> {
        let mut writer = BufWriter::with_capacity(BUFFER_BYTES, writer);
        let converted = convert(json, format, &mut writer, latest);
        let converted = converted.and_then(|left_out| {
            writer.flush().map_err(|source| Error::Write { source })?;
            Ok(left_out)
        });
        if converted.is_err() {
            let _unwritten = writer.into_parts(); // no second attempt on drop
        }
        converted
    }

    /// Writes a report that is there as JSON to a file in another format, as [`Report::convert_json`]. An
    /// existing file is replaced in one step, and stays as it is if anything fails; it may be the one that
    /// is read.
    ///
    /// # Errors
    ///
    /// Those of [`Report::read_json`]; [`Error::WriteFile`] if the file cannot be written.
    pub fn convert_json_to_file(
        json: impl Read,
        format: Format,
        path: impl AsRef<Path>,
        latest: usize,
    ) -> Result<u64, Error> {
        let mut left_out = 0;
        file::replace(path.as_ref(), |writer| {
            left_out = convert(json, format, writer, latest)?;
            Ok(())
        })?;
        Ok(left_out)
    }
}

impl Merger {
    /// Adds a report that is there as JSON, with as many of its logged calls as are asked for: the same as
    /// [`Merger::add`] of [`Report::read_json`] in less time. Buffers what it reads. After an error nothing is
    /// added.
    ///
    /// # Errors
    ///
    /// Those of [`Report::read_json`].
    pub fn add_json(
        &mut self,
        source: impl AsRef<str>,
        json: impl Read,
        calls: LoggedCalls,
    ) -> Result<(), Error> {
        let read = Latest::read(json, calls)?;
        self.add_snapshot(source.as_ref(), read.snapshot);
        Ok(())
    }
}

/// A report with the latest of its calls.
struct Latest {
    snapshot: Snapshot,
    left_out: u64,    // calls that were not kept
    unread: Vec<u64>, // the same by function
}

impl Latest {
    fn read(json: impl Read, calls: LoggedCalls) -> Result<Latest, Error> {
        let mut reader = Reader::new(json)?;
        let limit = match calls {
            LoggedCalls::All => usize::MAX,
            LoggedCalls::Latest(limit) => limit,
            LoggedCalls::Unread => 0,
        };
        let (mut kept, mut left_out) = (VecDeque::new(), 0u64);
        let mut unread = vec![0u64; reader.snapshot.functions.len()];
        while let Some(call) = reader.next_call()? {
            if kept.len() == limit {
                left_out += 1;
                unread[call.function as usize] += 1;
                kept.pop_front();
            }
            if limit > 0 {
                kept.push_back(call);
            }
        }
        let mut snapshot = reader.snapshot;
        snapshot.calls = kept.into();
        if calls != LoggedCalls::Unread {
            let dropped = &mut snapshot.dropped.log_calls;
            *dropped = dropped.saturating_add(left_out);
        }
        Ok(Latest { snapshot, left_out, unread })
    }
}

/// The report, and how many of its calls were not kept.
fn read(json: impl Read, calls: LoggedCalls) -> Result<(Report, u64), Error> {
    let Latest { snapshot, left_out, unread } = Latest::read(json, calls)?;
    if calls != LoggedCalls::Unread {
        return Ok((Report::from_snapshot(snapshot), left_out));
    }
    let indexes = new_indexes(&snapshot.functions);
    let mut report = Report::from_snapshot(snapshot);
    for (index, calls) in indexes.into_iter().zip(unread) {
        report.functions[index as usize].unread = calls;
    }
    Ok((report, left_out))
}

fn convert(
    json: impl Read,
    format: Format,
    writer: &mut dyn Write,
    latest: usize,
) -> Result<u64, Error> {
    match need(format) {
        Need::All => {
            let stream = Stream::new(json)?;
            let written = match format {
                Format::Json => super::write_calls(&stream.report, || stream.calls(), writer),
                _ => calls_csv::write_calls(&stream.report, stream.calls(), writer),
            };
            stream.end(written)?;
            Ok(0)
        }
        Need::Latest => {
            let (report, left_out) = read(json, LoggedCalls::Latest(latest))?;
            write(&report, format, writer)?;
            Ok(left_out)
        }
        Need::None => {
            let (report, _) = read(json, LoggedCalls::Unread)?;
            write(&report, format, writer)?;
            Ok(0)
        }
    }
}

fn write(report: &Report, format: Format, writer: &mut dyn Write) -> Result<(), Error> {
    format.write(report, writer).map_err(|source| Error::Write { source })
}

/// Which calls a format needs.
enum Need {
    /// All, one after the other.
    All,
    /// The latest, all at once: it tells lanes and nesting apart first.
    Latest,
    /// None.
    None,
}

fn need(format: Format) -> Need {
    match format {
        Format::Json | Format::CallsCsv => Need::All,
        Format::ChromeTrace | Format::Speedscope => Need::Latest,
        #[cfg(feature = "firefox")]
        Format::Firefox => Need::Latest,
        #[cfg(feature = "html")]
        Format::Html => Need::Latest,
        Format::Csv | Format::Markdown | Format::Folded => Need::None,
        #[cfg(feature = "svg")]
        Format::Svg | Format::Icicle => Need::None,
        #[cfg(feature = "pprof")]
        Format::Pprof => Need::None,
    }
}

/// A report without its calls, and these one by one.
struct Stream<R> {
    report: Report,
    functions: Vec<u32>, // their indexes in the report, by those in the text
    reader: RefCell<Reader<R>>,
    failure: RefCell<Option<Error>>, // why the calls ended early
}

impl<R: Read> Stream<R> {
    fn new(json: R) -> Result<Stream<R>, Error> {
        let mut reader = Reader::new(json)?;
        let snapshot = std::mem::take(&mut reader.snapshot);
        let functions = new_indexes(&snapshot.functions);
        let report = Report::from_snapshot(snapshot);
        Ok(Stream { report, functions, reader: RefCell::new(reader), failure: RefCell::default() })
    }

    /// The calls still to come. Writers know no failure of what they write: it ends the calls, and
    /// [`Stream::end`] tells it.
    fn calls(&self) -> impl Iterator<Item = Call> {
        std::iter::from_fn(|| match self.reader.borrow_mut().next_call() {
            Ok(call) => call.map(|call| {
                let function = self.functions[call.function as usize];
                Call { function, ..call }
            }),
            Err(error) => {
                *self.failure.borrow_mut() = Some(error);
                None
            }
        })
    }

    fn end(self, written: io::Result<()>) -> Result<(), Error> {
        match self.failure.into_inner() {
            Some(error) => Err(error),
            None => written.map_err(|source| Error::Write { source }),
        }
    }
}
