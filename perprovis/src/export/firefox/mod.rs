//! The format of the Firefox Profiler (<https://profiler.firefox.com>): its *processed profile format*
//! (<https://github.com/firefox-devtools/profiler/blob/main/docs-developer/processed-profile-format.md>,
//! types in `src/types/profile.ts`), version 55 as of the crate `fxprof-processed-profile`, compressed
//! by gzip.
//!
//! # Mapping
//!
//! | in the report | in the file |
//! | --- | --- |
//! | a thread | a thread of the one process, with its name; those no longer known apart are one, `[exited threads]` |
//! | what a thread did, by its log and its open scopes | *samples*, one whenever the innermost call changes: the stack chart is what happened |
//! | time in the call tree that the log has no call for | one sample per call path at moment zero, behind which nothing runs: the stack chart leaves it out, call tree and flame graph count it |
//! | a call with metadata, an async one, one that unwound | a *marker* from its start to its end, with the metadata as fields; async calls overlap, and markers may |
//! | an open scope | a marker without an end, beside its samples |
//! | drops | a marker at moment zero each, named by what was dropped |
//! | the module of a function | its category, and so its colour |
//!
//! The weight of a sample is self time in milliseconds (`tracing-ms`), with nine digits behind the
//! point. It is taken from the budget of its node in the call tree: each node of each thread gets
//! exactly its self time, and all weights of a file add up to the time of the whole call tree. Where
//! log and tree do not agree (async functions count their busy time, a compensated report is shorter
//! in the tree than in the log) the tree wins and the later samples weigh less than they last.
//! Async calls are in no sample of the log, since their polls are not in it; what they call is.
//! Where the tree says `[truncated]`, so do the stacks.
//!
//! An empty report has one thread with the marker `Nothing was recorded`: the profiler shows no
//! profile without a thread.
//!
//! # Memory
//!
//! The crate makes everything but samples and markers: meta data, categories, schemas, and the
//! tables of strings, functions, frames and stacks, as large as the call trees. It would keep samples and
//! markers too, and knows only whole numbers as weights (`i32`); so these are written from here. The
//! format wants them by column, and by thread while the log is by time. So the log is walked once a
//! column, through an index of four bytes a call.

mod category;
mod markers;
mod samples;
mod schema;
mod shell;
#[cfg(test)]
mod tests;
mod track;

use std::io::{self, BufWriter, Write};

use flate2::{Compression, GzBuilder};
use perprovis_core::units::{TickRate, Ticks};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value};

use crate::report::Report;

use super::lanes::{self, Bars};
use markers::Markers;
use samples::Samples;
use schema::Schemas;
use shell::Shell;
use track::{Labels, Track};

/// Bytes handed to the compressor at once: it is slow on small pieces.
const BUFFER_BYTES: usize = 1 << 16;
/// The operating system in the header: unknown, so that a report is the same file everywhere.
const ANY_SYSTEM: u8 = 255;

/// Writes `report`.
pub(super) fn write(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    let header = GzBuilder::new().mtime(0).operating_system(ANY_SYSTEM);
    // A log compresses to hardly less with more effort, in several times the time.
    let encoder = header.write(writer, Compression::fast());
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, encoder);
    write_json(report, &mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.finish().map(drop)
}

fn write_json(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let labels = Labels::new(report);
    let by_thread = track::by_thread(report);
    let bars = Bars::new(report);
    let tracks = track::tracks(report, &labels, &by_thread, &bars);
    let schemas = Schemas::new(report);
    let shell = Shell::new(report, &labels, &tracks, &schemas)?;
    let document = Document { report, tracks: &tracks, schemas: &schemas, shell: &shell };
    serde_json::to_writer(out, &document).map_err(io::Error::from)
}

/// The whole file.
struct Document<'r> {
    report: &'r Report,
    tracks: &'r [Track<'r>],
    schemas: &'r Schemas<'r>,
    shell: &'r Shell,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &self.shell.profile {
            map.serialize_entry(key, value)?;
        }
        map.serialize_entry("threads", &Threads(self))?;
        map.end()
    }
}

struct Threads<'d, 'r>(&'d Document<'r>);

impl Serialize for Threads<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let document = self.0;
        let mut threads = serializer.serialize_seq(Some(document.tracks.len()))?;
        for (index, (track, tables)) in
            document.tracks.iter().zip(&document.shell.threads).enumerate()
        {
            threads.serialize_element(&Thread { document, track, tables, is_first: index == 0 })?;
        }
        threads.end()
    }
}

struct Thread<'d, 'r> {
    document: &'d Document<'r>,
    track: &'r Track<'r>,
    tables: &'d Map<String, Value>,
    is_first: bool,
}

impl Serialize for Thread<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Document { report, schemas, shell, .. } = *self.document;
        let strings = (self.tables.get("stringArray"), self.is_first);
        let markers = Markers::new(report, self.track, schemas, shell, strings);
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.tables {
            match key.as_str() {
                "stringArray" => map.serialize_entry(key, &markers.strings())?,
                _ => map.serialize_entry(key, value)?,
            }
        }
        map.serialize_entry("samples", &Samples::new(report, self.track))?;
        map.serialize_entry("markers", &markers)?;
        map.end()
    }
}

/// A moment in milliseconds, with the nanoseconds behind the point.
fn millis(rate: TickRate, moment: Ticks) -> f64 {
    lanes::nanos(rate, moment) as f64 / 1e6
}
