//! The markers of a thread: calls that say more than a stack does, open scopes, and what was dropped.

use std::collections::HashMap;

use perprovis_core::metadata::Value as Metadata;
use perprovis_core::snapshot::Call;
use perprovis_core::units::Ticks;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;

use crate::export::lanes::Bar;
use crate::report::Report;

use super::millis;
use super::schema::{self, Kind, NOTE, PANICKED, Schemas};
use super::shell::Shell;
use super::track::Track;

// Phases of markers in the format.
const INSTANT: u8 = 0;
const INTERVAL: u8 = 1;
const INTERVAL_START: u8 = 2;

/// The category of what is no function: grey.
const OTHER: u64 = 0;

/// The markers of one thread.
pub(super) struct Markers<'r> {
    report: &'r Report,
    track: &'r Track<'r>,
    schemas: &'r Schemas<'r>,
    shell: &'r Shell,
    notes: Vec<String>,
    strings: Vec<&'r str>,    // the thread's
    notes_at: u32,            // where the notes are behind these
    names: HashMap<u32, u32>, // of functions with a marker: indexes into the strings
    count: usize,             // notes included
}

/// One marker.
enum Marker<'r> {
    Note(u32),
    Bar(Bar<'r>),
}

impl<'r> Markers<'r> {
    /// The markers of `track`, whose table of strings is `strings`; with the notes if it is the
    /// first one.
    pub(super) fn new(
        report: &'r Report,
        track: &'r Track<'r>,
        schemas: &'r Schemas<'r>,
        shell: &'r Shell,
        (strings, is_first): (Option<&'r Value>, bool),
    ) -> Markers<'r> {
        let strings = strings.and_then(Value::as_array).into_iter().flatten();
        let mut strings: Vec<&str> =
            strings.map(|text| text.as_str().unwrap_or_default()).collect();
        let places = (0..).zip(&strings).map(|(at, text)| (*text, at));
        let mut places: HashMap<&str, u32> = places.collect();
        let notes = if is_first { notes(report) } else { vec![] };
        let mut count = notes.len();
        let mut names = HashMap::new();
        for bar in bars(report, track) {
            count += 1;
            names.entry(bar.function).or_insert_with(|| {
                let name = report.functions[bar.function as usize].name.as_str();
                *places.entry(name).or_insert_with(|| {
                    strings.push(name);
                    strings.len() as u32 - 1
                })
            });
        }
        let notes_at = strings.len() as u32;
        Markers { report, track, schemas, shell, notes, strings, notes_at, names, count }
    }

    /// The thread's table of strings, with those that only markers have.
    pub(super) fn strings(&self) -> impl Serialize + '_ {
        let notes = self.notes.iter().map(String::as_str);
        self.strings.iter().copied().chain(notes).collect::<Vec<_>>()
    }

    fn iter(&self) -> impl Iterator<Item = Marker<'r>> + '_ {
        let notes = (0..self.notes.len() as u32).map(Marker::Note);
        let bars = (self.count > self.notes.len()).then(|| bars(self.report, self.track));
        notes.chain(bars.into_iter().flatten().map(Marker::Bar))
    }

    fn millis(&self, moment: Ticks) -> f64 {
        millis(self.report.clock.rate, moment)
    }
}

fn bars<'r>(report: &'r Report, track: &'r Track<'r>) -> impl Iterator<Item = Bar<'r>> + 'r {
    let is_marked = |call| schema::is_marked(report, call);
    track.bars(report).filter(move |bar| bar.call.is_none_or(is_marked))
}

/// What is to be said of the whole report.
fn notes(report: &Report) -> Vec<String> {
    let dropped = report.dropped;
    let losses = [
        (dropped.log_calls, "are not in the log: only call tree and flame graph have them"),
        (dropped.truncated_calls, "are under [truncated]: too deep, or on too many paths"),
        (dropped.unnamed_calls, "are under [other]: too many names"),
        (dropped.unrecorded_calls, "could not be recorded"),
    ];
    let losses = losses.into_iter().filter(|&(calls, _)| calls > 0);
    let mut notes: Vec<String> =
        losses.map(|(calls, what)| format!("{calls} calls {what}")).collect();
    if report.tree.is_empty() {
        notes.push("Nothing was recorded".to_owned());
    }
    notes
}

impl Serialize for Markers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let category = |marker: Marker<'_>| match marker {
            Marker::Note(_) => OTHER,
            Marker::Bar(bar) => self.shell.categories[bar.function as usize],
        };
        let data = |marker| Data(self, marker);
        let end = |marker| match marker {
            Marker::Bar(bar) => bar.call.map(|_| self.millis(bar.end)),
            Marker::Note(_) => None,
        };
        let name = |marker| match marker {
            Marker::Note(note) => self.notes_at + note,
            Marker::Bar(bar) => self.names[&bar.function],
        };
        let phase = |marker| match marker {
            Marker::Note(_) => INSTANT,
            Marker::Bar(Bar { call: Some(_), .. }) => INTERVAL,
            Marker::Bar(_) => INTERVAL_START,
        };
        let start = |marker| match marker {
            Marker::Note(_) => 0.0,
            Marker::Bar(bar) => self.millis(bar.start),
        };
        let mut map = serializer.serialize_map(Some(7))?;
        map.serialize_entry("category", &Column(self, category))?;
        map.serialize_entry("data", &Column(self, data))?;
        map.serialize_entry("endTime", &Column(self, end))?;
        map.serialize_entry("name", &Column(self, name))?;
        map.serialize_entry("phase", &Column(self, phase))?;
        map.serialize_entry("startTime", &Column(self, start))?;
        map.serialize_entry("length", &self.count)?;
        map.end()
    }
}

struct Column<'m, 'r, F>(&'m Markers<'r>, F);

impl<'r, T: Serialize, F: Fn(Marker<'r>) -> T> Serialize for Column<'_, 'r, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut column = serializer.serialize_seq(Some(self.0.count))?;
        self.0.iter().try_for_each(|marker| column.serialize_element(&(self.1)(marker)))?;
        column.end()
    }
}

/// Type and fields of a marker.
struct Data<'m, 'r>(&'m Markers<'r>, Marker<'r>);

impl Serialize for Data<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let Marker::Bar(bar) = &self.1 else {
            map.serialize_entry("type", NOTE)?;
            return map.end();
        };
        let schema = self.0.schemas.of(bar.function);
        map.serialize_entry("type", schema.map_or(NOTE, |schema| &schema.name))?;
        if let (Some(call), Some(schema)) = (bar.call, schema) {
            fields(call, schema, &mut map)?;
        }
        map.end()
    }
}

fn fields<M: SerializeMap>(
    call: &Call,
    schema: &schema::Schema<'_>,
    map: &mut M,
) -> Result<(), M::Error> {
    let pairs = call.metadata.as_deref().map_or(&[][..], Vec::as_slice);
    for (at, (key, value)) in pairs.iter().enumerate() {
        if pairs[at + 1..].iter().any(|(later, _)| later == key) {
            continue; // the last one counts
        }
        let key = &*schema::written(key);
        match (schema.kind(key), value) {
            (Kind::Integer | Kind::Decimal, Metadata::Int(value)) => {
                map.serialize_entry(key, value)?
            }
            (Kind::Decimal, Metadata::Float(value)) => map.serialize_entry(key, value)?,
            (_, value) => map.serialize_entry(key, &value.to_string())?,
        }
    }
    if call.panicked {
        map.serialize_entry(PANICKED, "yes")?;
    }
    Ok(())
}
