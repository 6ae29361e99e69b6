//! Trace events, for Perfetto (<https://ui.perfetto.dev>) and `chrome://tracing`.
//!
//! The format is that of *Trace Event Format* (N. Duca, D. Sinclair,
//! <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>), in its form of
//! an object with `traceEvents`. It holds the log of calls, not the statistics: what the log no longer
//! has is told in `otherData`.
//!
//! | in the report | in the file |
//! | --- | --- |
//! | a thread | a lane: a thread (`tid`) of process 1, with its name |
//! | a call | a complete event (`ph` `X`) of category `call` in the lane of its thread |
//! | a call of an async function | an async event (`b` and `e`) of category `async`, on a track of its own: they last from their first poll to completion, and overlap |
//! | a call that overlaps others of its thread, since guards were not dropped in their order | the same, category `overlapping` |
//! | an open scope | a `B` without `E` in the lane, which viewers draw to the last event: an instant at the moment of the report; category `open`. If it does not fit there, as above, up to the moment of the report, `"open": true` |
//! | the same in a merged report, on a thread of a run shorter than the longest | a `B`, and an `E` with `"open": true` at the end of that run |
//! | metadata | `args`, or `args.metadata` if a key is one of ours |
//! | a panic | `"panicked": true`, and red where `cname` is obeyed |
//! | callers that a limit kept out of the tree | `"truncated": true` |
//!
//! Times are microseconds since the profiler's start, with the nanoseconds behind the point. Start and
//! end are rounded each, and the duration is their difference: so whatever nests in ticks nests in the
//! file, and Perfetto drops no complete event for overlapping another. That holds for 101 days: viewers
//! read doubles, in which later moments are not exact to the nanosecond. They count nanoseconds in 63
//! bits, so moments past these become the last one there is.
//!
//! A call that begins at the same nanosecond as an open scope around it begins one later, since Perfetto
//! reads complete events before the others of a moment and would see the scope inside of the call.
//!
//! A file of nothing has one event that says so, since viewers take a file without any for broken.
//!
//! Written event by event; beside the report it needs the depth of each call path, the bars open at a
//! time, and the calls that start at one and the same time, which it sorts.

mod args;
mod escape;
mod event;

use std::collections::HashMap;
use std::io;

use perprovis_core::snapshot::ClockSource;
use perprovis_core::units::Ticks;
use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};

use crate::report::{Report, ThreadId};

use super::lanes::{self, Bar, Bars, Lane};
use args::Args;
use escape::Escape;
use event::{Event, Id, Micros, Name, PROCESS};

/// The largest number of a thread that all viewers keep apart from others.
const MAX_TID: u64 = i32::MAX as u64;

/// Writes `report`.
pub(super) fn write(report: &Report, writer: &mut dyn io::Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(writer, Escape::default());
    Document(report).serialize(&mut serializer).map_err(io::Error::from)
}

struct Document<'r>(&'r Report);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Trace", 3)?;
        object.serialize_field("traceEvents", &Events(self.0))?;
        object.serialize_field("displayTimeUnit", "ns")?;
        object.serialize_field("otherData", &OtherData(self.0))?;
        object.end()
    }
}

struct OtherData<'r>(&'r Report);

impl Serialize for OtherData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let (clock, dropped) = (report.clock, report.dropped);
        let source = match clock.source {
            ClockSource::Counter => "counter",
            ClockSource::Os => "os",
            ClockSource::Manual => "manual",
        };
        let mut object = serializer.serialize_struct("OtherData", 10)?;
        object.serialize_field("profiler", "perprovis")?;
        object.serialize_field("clock", source)?;
        object.serialize_field("nanos_per_tick", &clock.rate.nanos_per_tick())?;
        object.serialize_field("run_nanos", &lanes::nanos(clock.rate, clock.run_ticks))?;
        object.serialize_field("logged_calls", &report.log.plain().len())?;
        object.serialize_field("open_scopes", &report.open.len())?;
        object.serialize_field("dropped_log_calls", &dropped.log_calls)?;
        object.serialize_field("dropped_truncated_calls", &dropped.truncated_calls)?;
        object.serialize_field("dropped_unnamed_calls", &dropped.unnamed_calls)?;
        object.serialize_field("dropped_unrecorded_calls", &dropped.unrecorded_calls)?;
        object.end()
    }
}

struct Events<'r>(&'r Report);

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let mut events = Writer {
            report,
            seq: serializer.serialize_seq(None)?,
            lanes: HashMap::new(),
            asides: 0,
            odd_tids: 0,
        };
        events.seq.serialize_element(&Name::of_process("perprovis"))?;
        for thread in &report.threads {
            events.open_lane(thread.id)?;
        }
        let mut is_empty = true;
        let bars = Bars::new(report);
        for bar in bars.in_order(report.log.plain().iter(), report.open.iter()) {
            is_empty = false;
            events.bar(bar)?;
        }
        if is_empty {
            events.nothing()?;
        }
        if !report.open.is_empty() {
            events.ends_of_shorter_runs()?;
            events.moment_of_the_report()?;
        }
        events.seq.end()
    }
}

/// What is known of a thread on the way.
struct Row<'r> {
    tid: u64,
    name: String,
    lane: Lane<'r>,
    last: Ticks, // when the last call in the lane ended
}

struct Writer<'r, Q> {
    report: &'r Report,
    seq: Q,
    lanes: HashMap<ThreadId, Row<'r>>,
    asides: u64,   // events on tracks of their own, so far
    odd_tids: u64, // threads with numbers that viewers do not know, so far
}

impl<'r, Q: SerializeSeq> Writer<'r, Q> {
    /// Names a thread.
    fn open_lane(&mut self, thread: ThreadId) -> Result<(), Q::Error> {
        let mut tid = thread.0;
        if !(1..=MAX_TID).contains(&tid) {
            tid = MAX_TID - self.odd_tids % MAX_TID;
            self.odd_tids += 1;
        }
        let name = self.report.thread_name(thread);
        self.seq.serialize_element(&Name::of_thread(tid, &name))?;
        self.seq.serialize_element(&Name::place_of_thread(tid, self.lanes.len()))?;
        self.lanes.insert(thread, Row { tid, name, lane: Lane::default(), last: Ticks::ZERO });
        Ok(())
    }

    fn bar(&mut self, bar: Bar<'r>) -> Result<(), Q::Error> {
        if !self.lanes.contains_key(&bar.thread) {
            self.open_lane(bar.thread)?; // one that exited long ago, or is in the log only
        }
        let Some(row) = self.lanes.get_mut(&bar.thread) else { return Ok(()) };
        let report = self.report;
        let is_async = bar.is_async(report);
        let is_in_lane = !is_async && {
            while row.lane.end_before(&bar).is_some() {}
            row.lane.begin(bar)
        };

        let mut start = Micros::at(report, bar.start);
        let end = bar.call.map(|_| Micros::at(report, bar.end));
        let opens_at_once =
            |around: &Bar<'_>| around.call.is_none() && Micros::at(report, around.start) == start;
        if is_in_lane && end.is_some() && row.lane.bars().any(opens_at_once) {
            start = start.next();
        }
        let event = Event {
            name: &report.functions[bar.function as usize].name,
            pid: PROCESS,
            tid: row.tid,
            ts: start,
            cname: bar.call.filter(|call| call.panicked).map(|_| "terrible"),
            ..Event::default()
        };
        if is_in_lane {
            row.last = row.last.max(bar.call.map_or(Ticks::ZERO, |_| bar.end));
            let args = Args { call: bar.call, aside: None };
            let args = (!args.is_empty()).then_some(args);
            let event = match end {
                Some(end) => {
                    let dur = Some(end.since(start));
                    Event { ph: "X", cat: "call", dur, args, ..event }
                }
                None => Event { ph: "B", cat: "open", args, ..event },
            };
            return self.seq.serialize_element(&event);
        }
        let id2 = Some(Id { local: self.asides });
        self.asides += 1;
        let cat = if is_async { "async" } else { "overlapping" };
        let args = Some(Args { call: bar.call, aside: Some(&row.name) });
        self.seq.serialize_element(&Event { ph: "b", cat, id2, args, ..event })?;
        // An async event without an end is a mistake to some.
        let now = report.end_of(bar.thread).max(bar.start);
        let end = end.unwrap_or_else(|| Micros::at(report, now));
        let end = Event { ph: "e", cat, id2, ts: end, args: None, cname: None, ..event };
        self.seq.serialize_element(&end)
    }

    /// Ends what is open in runs shorter than the longest, to whose end viewers would draw it.
    fn ends_of_shorter_runs(&mut self) -> Result<(), Q::Error> {
        let report = self.report;
        let is_short = |thread| report.end_of(thread) < report.clock.run_ticks;
        let mut rows: Vec<_> = self.lanes.iter().filter(|(thread, _)| is_short(**thread)).collect();
        rows.sort_by_key(|(thread, _)| **thread);
        for (thread, row) in rows {
            let innermost = row.lane.innermost().map_or(Ticks::ZERO, |bar| bar.start);
            let end = report.end_of(*thread).max(row.last).max(innermost);
            // An `E` ends the innermost.
            for bar in row.lane.bars().rev().filter(|bar| bar.call.is_none()) {
                self.seq.serialize_element(&Event {
                    ph: "E",
                    name: &report.functions[bar.function as usize].name,
                    cat: "open",
                    pid: PROCESS,
                    tid: row.tid,
                    ts: Micros::at(report, end),
                    args: Some(Args { call: None, aside: None }),
                    ..Event::default()
                })?;
            }
        }
        Ok(())
    }

    /// The end of what is open: without it viewers would take the last event before for that.
    fn moment_of_the_report(&mut self) -> Result<(), Q::Error> {
        let report = self.report;
        self.seq.serialize_element(&Event {
            ph: "i",
            name: "report",
            cat: "note",
            pid: PROCESS,
            tid: self.lanes.values().map(|row| row.tid).min().unwrap_or(1),
            ts: Micros::at(report, report.clock.run_ticks),
            s: Some("p"),
            ..Event::default()
        })
    }

    /// Says that there is nothing.
    fn nothing(&mut self) -> Result<(), Q::Error> {
        let report = self.report;
        self.seq.serialize_element(&Event {
            ph: "X",
            name: "nothing is in the log of calls",
            cat: "note",
            pid: PROCESS,
            tid: 1,
            dur: Some(Micros::at(report, report.clock.run_ticks)),
            ..Event::default()
        })
    }
}

#[cfg(test)]
mod tests;
