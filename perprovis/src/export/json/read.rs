//! JSON to snapshot: shape and types. Whether the numbers fit each other is checked elsewhere.

use std::fmt;
use std::sync::Arc;

use perprovis_core::histogram::{BUCKETS, Histogram};
use perprovis_core::metadata::Metadata;
use perprovis_core::snapshot::{self as core, Path, Snapshot};
use perprovis_core::statistics::Statistics;
use perprovis_core::units::{TickRate, Ticks};
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

use crate::Error;

use super::super::folded::visible;
use super::bytes::Position;
use super::value::Read;
use super::{FORMAT, VERSION};

/// Ticks between a femtosecond and a quarter of an hour: no clock lies outside, and numbers made
/// of such ticks stay finite.
const SANE_RATES: std::ops::RangeInclusive<f64> = 1e-6..=1e12;

/// What a row of `calls` must be.
pub(super) const CALL: &str = "a call: [thread, function, path, start, duration, unwound]";

/// The snapshot in a JSON text, and its version. `place` says where a place in it is in the file.
pub(super) fn snapshot(
    json: &[u8],
    place: impl Fn(Position) -> Position,
) -> Result<(Snapshot, u64), Error> {
    let document: Result<Document, serde_json::Error> = serde_json::from_slice(json);
    // Only of our own format and version are the parser's complaints of any use.
    let header = match &document {
        Ok(document) => {
            Header { format: Some(document.format.clone()), version: Some(document.version) }
        }
        Err(_) => match serde_json::from_slice(json) {
            Ok(header) => header,
            Err(_) => Header { format: Some(FORMAT.to_owned()), version: None },
        },
    };
    if header.format.as_deref() != Some(FORMAT) {
        return Err(Error::Foreign { found: header.format });
    }
    match header.version {
        Some(found) if found > VERSION => Err(Error::Version { found, supported: VERSION }),
        Some(0) => Err(invalid("version", "there is no version 0")),
        version => {
            let document = document.map_err(|error| syntax(&error, place))?;
            Ok((document.into_snapshot()?, version.unwrap_or(VERSION)))
        }
    }
}

/// One row of `calls`.
pub(super) fn call(json: &[u8]) -> Result<core::Call, serde_json::Error> {
    serde_json::from_slice(json).map(|CallRow(call)| call)
}

/// A mistake that serde_json found in a piece of a file, at its place in the file.
pub(super) fn syntax(error: &serde_json::Error, place: impl Fn(Position) -> Position) -> Error {
    let inside = Position { line: error.line(), column: error.column() };
    let message = error.to_string();
    let place_inside = format!(" at line {} column {}", inside.line, inside.column);
    let said = message.strip_suffix(&place_inside).unwrap_or(&message);
    syntax_at(&shown(said), place(inside)) // it quotes what stands in the file
}

/// A mistake at a place in the file.
pub(super) fn syntax_at(problem: &str, Position { line, column }: Position) -> Error {
    let source = format!("{problem} at line {line} column {column}").into();
    Error::Syntax { line, column, source }
}

/// A text of the file as a part of a message: without what a terminal would act on, and no longer than a
/// few lines.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 300;
    let shown = visible(text).into_owned();
    let count = shown.chars().count();
    if count <= LONGEST {
        return shown;
    }
    let (head, tail) = (shown.chars().take(LONGEST / 2), shown.chars().skip(count - LONGEST / 2));
    head.chain(['…']).chain(tail).collect()
}

pub(super) fn invalid(at: impl Into<String>, problem: impl Into<String>) -> Error {
    Error::Invalid { at: at.into(), problem: problem.into() }
}

#[derive(Deserialize)]
struct Header {
    format: Option<String>,
    version: Option<u64>,
}

#[derive(Deserialize)]
struct Document {
    format: String,
    version: u64,
    clock: Clock,
    overhead: Overhead,
    dropped: Dropped,
    functions: Vec<Function>,
    paths: Vec<(Option<u32>, u32)>,
    threads: Vec<Thread>,
    exited: Exited,
    open: Vec<(u64, u32, u64)>,
    calls: Vec<CallRow>,
    #[serde(default)] // version 1 had none
    sources: Vec<Source>,
}

#[derive(Deserialize)]
struct Source {
    name: String,
    run_ticks: u64,
    calls: u64,
    time: u64,
    last_thread: u64,
}

#[derive(Deserialize)]
struct Clock {
    source: ClockSource,
    nanos_per_tick: f64,
    run_ticks: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ClockSource {
    Counter,
    Os,
    Manual,
}

#[derive(Deserialize)]
struct Overhead {
    inside_nanos: f64,
    outside_nanos: f64,
}

#[derive(Deserialize)]
struct Dropped {
    log_calls: u64,
    truncated_calls: u64,
    unnamed_calls: u64,
    unrecorded_calls: u64,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    count: u64,
    panicked: u64,
    cancelled: u64,
    polls: u64,
    sum: u64,
    total: u64,
    #[serde(rename = "self")]
    self_time: u64,
    busy: u64,
    idle: u64,
    min: u64,
    max: u64,
    squares: String,
    histogram: Vec<(u32, u64)>,
    slowest: Vec<CallRow>,
}

#[derive(Deserialize)]
struct Thread {
    id: u64,
    name: Option<String>,
    exited: bool,
    nodes: Vec<NodeRow>,
}

#[derive(Deserialize)]
struct Exited {
    threads: u64,
    nodes: Vec<NodeRow>,
}

#[derive(Deserialize)]
struct NodeRow(u32, u64, u64, u64, u64);

impl Document {
    fn into_snapshot(self) -> Result<Snapshot, Error> {
        let rate = TickRate::new(self.clock.nanos_per_tick)
            .filter(|rate| SANE_RATES.contains(&rate.nanos_per_tick()))
            .ok_or_else(|| invalid("clock.nanos_per_tick", "expected a number in 1e-6..=1e12"))?;
        let source = match self.clock.source {
            ClockSource::Counter => core::ClockSource::Counter,
            ClockSource::Os => core::ClockSource::Os,
            ClockSource::Manual => core::ClockSource::Manual,
        };
        let functions = self.functions.into_iter().enumerate();
        let paths = self.paths.into_iter();
        let open = self.open.into_iter();
        Ok(Snapshot {
            functions: functions
                .map(|(index, function)| function.into_core(index))
                .collect::<Result<_, _>>()?,
            paths: paths.map(|(parent, function)| Path { parent, function }).collect(),
            threads: self.threads.into_iter().map(Thread::into_core).collect(),
            exited: self.exited.nodes.into_iter().map(NodeRow::into_core).collect(),
            exited_threads: self.exited.threads,
            calls: self.calls.into_iter().map(|row| row.0).collect(),
            open: open
                .map(|(thread, path, since)| core::OpenScope { thread, path, since: Ticks(since) })
                .collect(),
            dropped: core::Dropped {
                log_calls: self.dropped.log_calls,
                truncated_calls: self.dropped.truncated_calls,
                unnamed_calls: self.dropped.unnamed_calls,
                unrecorded_calls: self.dropped.unrecorded_calls,
            },
            clock: core::ClockFacts {
                source,
                rate,
                started: Ticks::ZERO,
                now: Ticks(self.clock.run_ticks),
                faults: core::ClockFaults::default(),
            },
            overhead: core::Overhead {
                inside_nanos: self.overhead.inside_nanos,
                outside_nanos: self.overhead.outside_nanos,
            },
            sources: self.sources.into_iter().map(Source::into_core).collect(),
            session: None,
        })
    }
}

impl Source {
    fn into_core(self) -> core::Source {
        core::Source {
            name: self.name.into(),
            run: Ticks(self.run_ticks),
            calls: self.calls,
            time: Ticks(self.time),
            last_thread: self.last_thread,
        }
    }
}

impl Function {
    fn into_core(self, index: usize) -> Result<core::Function, Error> {
        let at = |field: &str| format!("functions[{index}].{field}");
        let squares = self.squares.parse().map_err(|_| {
            invalid(at("squares"), "expected a whole number below 2^128 in a string")
        })?;
        let last = (BUCKETS) as u32 - 1;
        if let Some(entry) = self.histogram.iter().position(|&(bucket, _)| bucket > last) {
            let at = at(&format!("histogram[{entry}]"));
            return Err(invalid(at, format!("the last bucket is {last}")));
        }
        Ok(core::Function {
            name: self.name.into(),
            statistics: Statistics {
                count: self.count,
                panicked: self.panicked,
                cancelled: self.cancelled,
                polls: self.polls,
                sum: Ticks(self.sum),
                total: Ticks(self.total),
                self_time: Ticks(self.self_time),
                busy: Ticks(self.busy),
                idle: Ticks(self.idle),
                min: Ticks(self.min),
                max: Ticks(self.max),
                squares,
                histogram: Histogram::from_buckets(self.histogram),
            },
            slowest: self.slowest.into_iter().map(|row| row.0).collect(),
        })
    }
}

impl Thread {
    fn into_core(self) -> core::Thread {
        core::Thread {
            id: self.id,
            name: self.name.map(Arc::from),
            exited: self.exited,
            nodes: self.nodes.into_iter().map(NodeRow::into_core).collect(),
        }
    }
}

impl NodeRow {
    fn into_core(self) -> core::Node {
        core::Node {
            path: self.0,
            calls: self.1,
            self_time: Ticks(self.2),
            truncated_calls: self.3,
            truncated_time: Ticks(self.4),
        }
    }
}

/// Read straight into the engine's type: a million of them should not be copied more than once.
struct CallRow(core::Call);

impl<'de> Deserialize<'de> for CallRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CallRow, D::Error> {
        deserializer.deserialize_seq(CallVisitor).map(CallRow)
    }
}

struct CallVisitor;

impl<'de> Visitor<'de> for CallVisitor {
    type Value = core::Call;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CALL)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<core::Call, A::Error> {
        fn next<'de, A: SeqAccess<'de>, T: Deserialize<'de>>(
            row: &mut A,
            at: usize,
        ) -> Result<T, A::Error> {
            row.next_element()?.ok_or_else(|| de::Error::invalid_length(at, &CallVisitor))
        }
        Ok(core::Call {
            thread: next(&mut row, 0)?,
            function: next(&mut row, 1)?,
            path: next(&mut row, 2)?,
            start: Ticks(next(&mut row, 3)?),
            duration: Ticks(next(&mut row, 4)?),
            panicked: match next(&mut row, 5)? {
                0u8 => false,
                1 => true,
                other => {
                    let found = de::Unexpected::Unsigned(other.into());
                    return Err(de::Error::invalid_value(found, &"0 or 1"));
                }
            },
            metadata: row.next_element::<Vec<(String, Read)>>()?.map(|pairs| {
                let pairs: Metadata =
                    pairs.into_iter().map(|(key, value)| (key.into(), value.0)).collect();
                Arc::new(pairs)
            }),
        })
    }
}
