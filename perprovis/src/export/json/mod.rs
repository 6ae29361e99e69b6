//! A report as JSON (RFC 8259), and back without loss.
//!
//! # Format `perprovis-report`, version 2
//!
//! One object. Times are whole clock ticks unless a name says otherwise; a point in time counts
//! from the profiler's start. `F` is an index into `functions`, `P` one into `paths`. Readers
//! ignore members they do not know, refuse a higher version, and may ignore what is marked
//! *derived*, as perprovis does. Integers go up to 2^64 - 1, which a reader that keeps numbers as
//! doubles rounds from 2^53 on.
//!
//! ```text
//! format      "perprovis-report"
//! version     2
//! clock       { source: "counter" | "os" | "manual",
//!               nanos_per_tick: number > 0, run_ticks: from the start to the report }
//! overhead    { inside_nanos, outside_nanos }      cost of profiling a call, in its time and beside it
//! dropped     { log_calls, truncated_calls, unnamed_calls, unrecorded_calls }
//! functions   [ { name: unique, count, panicked, cancelled, polls,
//!                 sum, total, self, busy, idle, min, max,
//!                 squares: sum of squared ticks, a decimal string (up to 2^128 - 1),
//!                 histogram: [[bucket, count], ...]  ascending, counts add up to `count`,
//!                 slowest: [call, ...]               the slowest first,
//!                 share: number in 0..=1,            derived
//!                 nanos: { total, self, mean, std_dev, min, p50, p90, p95, p99, max } derived
//!               }, ... ]                           by total, the largest first, then by name
//! paths       [ [parent P or null, F], ... ]       distinct; a parent stands before its children
//! threads     [ { id, name: string or null, exited: bool, nodes: [node, ...] }, ... ]
//! exited      { threads: how many are merged here, nodes: [node, ...] }
//! open        [ [thread, P, since], ... ]          scopes open when the report was taken
//! sources     [ { name, run_ticks, calls, time,    what a merged report was merged from, else empty;
//!                 last_thread }, ... ]             see below
//! calls       [ call, ... ]                        by start
//!
//! node        [ P, calls, self, truncated calls, truncated time ]
//! call        [ thread, F, P or null, start, duration, 1 if it unwound else 0 ]
//!             or the same with [[key, value], ...] behind it
//! value       true | false | integer | string | number with point or exponent
//!             | { "float": "NaN" | "inf" | "-inf" }
//! ```
//!
//! In a merged report the threads of a source have the ids above the `last_thread` of the source before
//! it, up to its own, and points in time count from the start of that source's run. `calls` and `time`
//! are its completed calls and its time in profiled code.
//!
//! Version 1 had no `sources`.
//!
//! The buckets of a histogram: values below 128 have one each, by number; above, bucket `b` begins
//! at `(64 + b % 64) << s` and is `1 << s` wide, with `s = b / 64 - 1`.

mod bytes;
mod check;
mod head;
mod read;
mod reader;
mod row;
mod stream;
mod value;
mod write;

use std::borrow::Borrow;
use std::io;
use std::path::Path;

use perprovis_core::snapshot::Call;

use crate::Error;
use crate::report::Report;

use super::Format;

pub use stream::LoggedCalls;

/// What `format` says.
const FORMAT: &str = "perprovis-report";
/// The version written, and the highest one read.
const VERSION: u64 = 2;

/// Writes `report`.
pub(super) fn write(report: &Report, writer: &mut dyn io::Write) -> io::Result<()> {
    write_calls(report, || report.log.plain().iter(), writer)
}

/// Writes `report` with other calls in its log.
fn write_calls<I: Iterator<Item: Borrow<Call>>>(
    report: &Report,
    calls: impl Fn() -> I,
    writer: &mut dyn io::Write,
) -> io::Result<()> {
    serde_json::to_writer(writer, &write::Document { report, calls }).map_err(io::Error::from)
}

impl Report {
    /// The report as JSON, in the format described in the source of `perprovis::export::json`;
    /// [`Report::from_json`] loses nothing.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Fails only for maps with keys that are no strings, and there is none.
        let calls = || self.log.plain().iter();
        serde_json::to_string(&write::Document { report: self, calls }).unwrap_or_default()
    }

    /// Writes the report as JSON, call by call: needs no memory beside the report.
    ///
    /// # Errors
    ///
    /// [`Error::Write`] if the writer fails.
    pub fn write_json(&self, writer: impl io::Write) -> Result<(), Error> {
        self.write(Format::Json, writer)
    }

    /// Writes the report to a JSON file. An existing file is replaced in one step, and stays as it
    /// is if anything fails.
    ///
    /// # Errors
    ///
    /// [`Error::WriteFile`] if the file cannot be written.
    pub fn export_to_json(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.export_as(Format::Json, path)
    }

    /// The report that [`Report::to_json`] wrote: equal to it in every query.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] if it is no JSON or not of this shape, [`Error::Foreign`] if it is
    /// something else's JSON, [`Error::Version`] if it is from a newer perprovis,
    /// [`Error::Invalid`] if it contradicts itself.
    pub fn from_json(json: &str) -> Result<Report, Error> {
        Report::read_json(json.as_bytes(), LoggedCalls::All)
    }
}

#[cfg(test)]
mod stream_tests;
#[cfg(test)]
mod tests;
