//! The logged calls of one thread, as they happened.
//!
//! Events must nest, so calls that cannot are left out, and the profile's name says how many: async
//! calls, which overlap, and those that overlap others since guards were not dropped in their order. In
//! the call tree all of them count. What a call that is there was called by stands around it also where
//! the caller is not there, for just as long: so what an async function called is found under it. A
//! scope that is open still ends where the report was taken.

use std::cell::Cell;

use perprovis_core::units::Ticks;
use serde::Serialize;
use serde::ser::{SerializeSeq, SerializeStruct, Serializer};

use crate::export::lanes::{self, Bar, Bars, Lane};
use crate::report::{OpenScope, Report, ThreadId};

use super::{UNIT, truncated_frame};

pub(super) struct Evented<'r> {
    report: &'r Report,
    bars: &'r Bars<'r>,
    thread: ThreadId,
    pub(super) calls: Vec<u32>, // indexes into the log, without async ones
    pub(super) async_calls: u64,
    pub(super) open: Vec<&'r OpenScope>,
}

/// What the events came to.
#[derive(Clone, Copy, Default)]
struct Outcome {
    last: u128, // moment of the last event, in nanoseconds
    overlapping: u64,
}

impl<'r> Evented<'r> {
    pub(super) fn new(report: &'r Report, bars: &'r Bars<'r>, thread: ThreadId) -> Evented<'r> {
        Evented { report, bars, thread, calls: Vec::new(), async_calls: 0, open: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.open.is_empty()
    }

    /// The thread, and what is not there.
    fn name(&self, outcome: Outcome) -> String {
        let name = self.report.thread_name(self.thread);
        let left_out: Vec<String> =
            [(self.async_calls, "async"), (outcome.overlapping, "overlapping")]
                .into_iter()
                .filter(|(calls, _)| *calls > 0)
                .map(|(calls, kind)| format!("{calls} {kind}"))
                .collect();
        match &*left_out.join(" and ") {
            "" => name,
            left_out => format!("{name} (without {left_out} calls)"),
        }
    }
}

impl Serialize for Evented<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let clock = self.report.clock;
        let outcome = Cell::default();
        let mut object = serializer.serialize_struct("EventedProfile", 6)?;
        object.serialize_field("type", "evented")?;
        object.serialize_field("unit", UNIT)?;
        object.serialize_field("startValue", &0)?;
        object.serialize_field("events", &Events { profile: self, outcome: &outcome })?;
        // These are known only now.
        let outcome: Outcome = outcome.get();
        let end = outcome.last.max(lanes::nanos(clock.rate, clock.run_ticks));
        object.serialize_field("endValue", &end)?;
        object.serialize_field("name", &self.name(outcome))?;
        object.end()
    }
}

#[derive(Serialize)]
struct Event {
    r#type: &'static str,
    frame: u32,
    at: u128,
}

struct Events<'e> {
    profile: &'e Evented<'e>,
    outcome: &'e Cell<Outcome>,
}

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Evented { report, bars, calls, open, .. } = self.profile;
        let calls = calls.iter().map(|&index| &report.log.plain()[index as usize]);
        let seq = serializer.serialize_seq(None)?;
        let mut writer = Writer { report, seq, outcome: Outcome::default(), above: Vec::new() };
        let mut lane = Lane::default();
        for bar in bars.in_order(calls, open.iter().copied()) {
            while let Some(ended) = lane.end_before(&bar) {
                writer.close(&ended, lane.innermost())?;
            }
            let around = lane.innermost().copied();
            if lane.begin(bar) {
                writer.open(&bar, around.as_ref())?;
            } else {
                writer.outcome.overlapping += 1;
            }
        }
        while let Some(ended) = lane.end() {
            writer.close(&ended, lane.innermost())?;
        }
        self.outcome.set(writer.outcome);
        writer.seq.end()
    }
}

struct Writer<'r, Q> {
    report: &'r Report,
    seq: Q,
    outcome: Outcome,
    above: Vec<u32>, // kept for its memory
}

impl<Q: SerializeSeq> Writer<'_, Q> {
    fn open(&mut self, bar: &Bar<'_>, around: Option<&Bar<'_>>) -> Result<(), Q::Error> {
        let mut above = std::mem::take(&mut self.above);
        above.extend(missing_callers(self.report, bar, around));
        for frame in above.drain(..).rev().chain([bar.function]) {
            self.event("O", frame, bar.start)?;
        }
        self.above = above;
        Ok(())
    }

    fn close(&mut self, bar: &Bar<'_>, around: Option<&Bar<'_>>) -> Result<(), Q::Error> {
        let end = if bar.call.is_some() { bar.end } else { self.report.end_of(bar.thread) };
        self.event("C", bar.function, end)?;
        for frame in missing_callers(self.report, bar, around) {
            self.event("C", frame, end)?;
        }
        Ok(())
    }

    fn event(&mut self, r#type: &'static str, frame: u32, at: Ticks) -> Result<(), Q::Error> {
        // What is open ends no earlier than what completed since the report was begun.
        let at = lanes::nanos(self.report.clock.rate, at).max(self.outcome.last);
        self.outcome.last = at;
        self.seq.serialize_element(&Event { r#type, frame, at })
    }
}

/// The frames of the callers between a bar and the one around it, innermost first; none if that is not
/// among its callers.
fn missing_callers(
    report: &Report,
    bar: &Bar<'_>,
    around: Option<&Bar<'_>>,
) -> impl Iterator<Item = u32> {
    let parent = |path: u32| report.paths[path as usize].parent;
    let callers = std::iter::successors(bar.path.and_then(parent), move |&path| parent(path));
    let missing = match around {
        None => Some(callers.clone().count()),
        Some(around) => callers.clone().position(|path| Some(path) == around.path),
    };
    let is_truncated = bar.path.is_none() && around.is_none();
    let truncated = is_truncated.then(|| truncated_frame(report));
    let frame = |path: u32| report.paths[path as usize].function;
    callers.take(missing.unwrap_or(0)).map(frame).chain(truncated)
}
