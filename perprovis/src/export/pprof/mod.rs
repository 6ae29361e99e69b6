//! The format of `go tool pprof`, for all that reads it: `profile.proto` (*Description of
//! profile.proto*, <https://github.com/google/pprof/tree/main/proto>), compressed by gzip.
//!
//! # Mapping
//!
//! - A sample is a node of one thread's call tree, so it has the *self* values of one call path on
//!   one thread; pprof adds up what lies below, and counts recursion once.
//! - Its values are `calls/count`, the completed calls, and `time/nanoseconds`, the self time, the one
//!   shown by default. Scopes still open count no call, but their time so far. Async functions weigh
//!   their busy time. All times of a file add up to the time of the whole call tree, rounded once to
//!   a nanosecond: a value is the difference of two rounded running totals.
//! - What a limit kept out of the tree is below `[truncated]`, with its calls and time.
//! - Labels are `thread`, the name, and `thread_id`, its number: `-tagfocus=thread=worker`,
//!   `-tagroot=thread`. Exited threads that are no longer known apart have the name
//!   `[exited threads]` and no number. In a merged report there is `source`, too.
//! - A function has one location in the one mapping; there are no addresses, files or lines.
//! - `duration_nanos` is the run time, `period` one nanosecond, since nothing is sampled.
//!   `time_nanos` is absent: a report does not know the time of day.
//! - Drops are comments, which pprof shows above its tables; what only the log of calls dropped is
//!   none, since all values here are exact. An empty report has no sample, and a comment that says
//!   so: pprof ignores samples without a value.
//! - pprof shows a function without name by its address, so an empty name becomes `""`. It escapes
//!   names of functions where it draws, but not labels: quotes, backslashes and control characters
//!   in the name of a thread are replaced.
//!
//! Messages are written one by one, so memory is that of one sample and one buffer: concatenated
//! encodings of a protobuf message are the encoding of the merged message.

mod proto;
#[cfg(test)]
mod tests;

use std::io::{self, BufWriter, Write};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use perprovis_core::snapshot::Node;
use perprovis_core::units::{TickRate, Ticks};
use prost::Message;

use proto::{Function, Label, Line, Location, Mapping, Profile, Sample, ValueType};

use crate::report::Report;

/// Bytes handed to the compressor at once: it is slow on small pieces.
const BUFFER_BYTES: usize = 1 << 16;
/// The operating system in the header: unknown, so that a report is the same file everywhere.
const ANY_SYSTEM: u8 = 255;
/// The only mapping.
const PROGRAM: u64 = 1;

/// Stands for what is no function; its location is behind those of the functions.
const TRUNCATED: &str = "[truncated]";
/// Stands for the name of threads that are no longer known apart.
const EXITED: &str = "[exited threads]";

// Places in the string table. Behind the last one come the names of functions, then of threads.
const CALLS: i64 = 1;
const COUNT: i64 = 2;
const TIME: i64 = 3;
const NANOSECONDS: i64 = 4;
const THREAD: i64 = 5;
const THREAD_ID: i64 = 6;
const SOURCE: i64 = 7;
const FIXED: [&str; 8] =
    ["", "calls", "count", "time", "nanoseconds", "thread", "thread_id", "source"];

/// Writes `report`.
pub(super) fn write(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    let header = GzBuilder::new().mtime(0).operating_system(ANY_SYSTEM);
    let encoder = header.write(writer, Compression::default());
    let mut profile = Writer {
        report,
        out: BufWriter::with_capacity(BUFFER_BYTES, encoder),
        encoded: Vec::new(),
        strings: 0,
    };
    profile.write_all()?;
    let encoder = profile.out.into_inner().map_err(io::IntoInnerError::into_error)?;
    encoder.finish().map(drop)
}

struct Writer<'r, 'w> {
    report: &'r Report,
    out: BufWriter<GzEncoder<&'w mut dyn Write>>,
    encoded: Vec<u8>, // of the message being written, to spare an allocation for each
    strings: i64,     // written so far
}

impl Writer<'_, '_> {
    fn write_all(&mut self) -> io::Result<()> {
        for text in FIXED {
            self.string(text.to_owned())?;
        }
        let report = self.report;
        self.part(&Profile {
            sample_type: vec![
                ValueType { r#type: CALLS, unit: COUNT },
                ValueType { r#type: TIME, unit: NANOSECONDS },
            ],
            mapping: vec![Mapping { id: PROGRAM, has_functions: true }],
            duration_nanos: whole_nanos(report.clock.rate, report.clock.run_ticks),
            period_type: Some(ValueType { r#type: TIME, unit: NANOSECONDS }),
            period: 1,
            default_sample_type: TIME,
            ..Profile::default()
        })?;
        for (index, function) in report.functions.iter().enumerate() {
            let name = if function.name.is_empty() { "\"\"" } else { &function.name };
            self.function(location_of(index), name)?;
        }
        let truncated = location_of(report.functions.len());
        self.function(truncated, TRUNCATED)?;
        self.samples(truncated)?;
        self.comments()
    }

    /// A function, its name and its location.
    fn function(&mut self, id: u64, name: &str) -> io::Result<()> {
        let name = self.string(name.to_owned())?;
        let line = vec![Line { function_id: id }];
        self.part(&Profile {
            function: vec![Function { id, name }],
            location: vec![Location { id, mapping_id: PROGRAM, line }],
            ..Profile::default()
        })
    }

    fn samples(&mut self, truncated: u64) -> io::Result<()> {
        let report = self.report;
        let mut totals = Totals { rate: report.clock.rate, calls: 0, ticks: Ticks::ZERO };
        for (info, nodes) in report.threads.iter().zip(&report.nodes) {
            let number = i64::try_from(info.id.number()).unwrap_or(i64::MAX);
            let name = info.name.as_deref().filter(|name| !name.is_empty());
            let name = name.map_or_else(|| format!("thread {number}"), drawable);
            let name = Label { key: THREAD, str: self.string(name)?, ..Label::default() };
            // pprof takes the key for the unit of a number without one.
            let id = Label { key: THREAD_ID, num: number, num_unit: COUNT, ..Label::default() };
            let mut labels = vec![name, id];
            if let Some(source) = report.source_of(info.id) {
                let source = self.string(drawable(&source.name))?;
                labels.push(Label { key: SOURCE, str: source, ..Label::default() });
            }
            self.nodes(nodes, truncated, &labels, &mut totals)?;
        }
        if report.exited.is_empty() {
            return Ok(());
        }
        let name = self.string(EXITED.to_owned())?;
        let label = Label { key: THREAD, str: name, ..Label::default() };
        self.nodes(&report.exited, truncated, &[label], &mut totals)
    }

    fn nodes(
        &mut self,
        nodes: &[Node],
        truncated: u64,
        label: &[Label],
        totals: &mut Totals,
    ) -> io::Result<()> {
        let paths = &self.report.paths;
        for node in nodes {
            let own = totals.add(node.calls, node.self_time);
            let cut = totals.add(node.truncated_calls, node.truncated_time);
            if own == [0, 0] && cut == [0, 0] {
                continue; // stands only above others
            }
            let above = std::iter::successors(Some(&paths[node.path as usize]), |path| {
                path.parent.map(|parent| &paths[parent as usize])
            });
            let stack = || above.clone().map(|path| location_of(path.function as usize));
            if own != [0, 0] {
                let location_id = stack().collect();
                self.sample(Sample { location_id, value: own.into(), label: label.into() })?;
            }
            if cut != [0, 0] {
                let location_id = std::iter::once(truncated).chain(stack()).collect();
                self.sample(Sample { location_id, value: cut.into(), label: label.into() })?;
            }
        }
        Ok(())
    }

    fn comments(&mut self) -> io::Result<()> {
        let dropped = self.report.dropped;
        let losses = [
            (dropped.truncated_calls, "are under [truncated]: too deep, or on too many paths"),
            (dropped.unnamed_calls, "are under [other]: too many names"),
            (dropped.unrecorded_calls, "could not be recorded and are in no value"),
        ];
        let losses = losses.into_iter().filter(|&(calls, _)| calls > 0);
        let losses = losses.map(|(calls, what)| format!("{calls} calls {what}"));
        let is_empty = self.report.tree.is_empty();
        for comment in losses.chain(is_empty.then(|| "Nothing was recorded".to_owned())) {
            let comment = vec![self.string(comment)?];
            self.part(&Profile { comment, ..Profile::default() })?;
        }
        Ok(())
    }

    fn sample(&mut self, sample: Sample) -> io::Result<()> {
        self.part(&Profile { sample: vec![sample], ..Profile::default() })
    }

    /// Writes a string; returns its place in the table.
    fn string(&mut self, text: String) -> io::Result<i64> {
        self.part(&Profile { string_table: vec![text], ..Profile::default() })?;
        self.strings += 1;
        Ok(self.strings - 1)
    }

    fn part(&mut self, part: &Profile) -> io::Result<()> {
        self.encoded.clear();
        part.encode(&mut self.encoded)?;
        self.out.write_all(&self.encoded)
    }
}

/// Running totals, so that what is rounded and what is too large for 63 bits is so once and not
/// once a sample.
struct Totals {
    rate: TickRate,
    calls: u64,
    ticks: Ticks,
}

impl Totals {
    /// What the totals as pprof knows them grow by.
    fn add(&mut self, calls: u64, ticks: Ticks) -> [i64; 2] {
        let before = self.whole();
        self.calls = self.calls.saturating_add(calls);
        self.ticks += ticks;
        let after = self.whole();
        [after[0] - before[0], after[1] - before[1]]
    }

    fn whole(&self) -> [i64; 2] {
        [i64::try_from(self.calls).unwrap_or(i64::MAX), whole_nanos(self.rate, self.ticks)]
    }
}

fn whole_nanos(rate: TickRate, ticks: Ticks) -> i64 {
    i64::try_from(rate.duration(ticks).as_nanos()).unwrap_or(i64::MAX)
}

/// `name` without what ends or breaks a string in the language of graphs that pprof draws with.
fn drawable(name: &str) -> String {
    let drawable = |character: char| match character {
        '"' => '\'',
        '\\' => '/',
        _ if character.is_control() => ' ',
        _ => character,
    };
    name.chars().map(drawable).collect()
}

/// The location, and function, of a function's index: zero is none.
fn location_of(function: usize) -> u64 {
    function as u64 + 1
}
