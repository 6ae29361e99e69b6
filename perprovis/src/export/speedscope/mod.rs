//! The format of speedscope (<https://www.speedscope.app>).
//!
//! It is described in *speedscope's file format*
//! (<https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources>) and by
//! `https://www.speedscope.app/file-format-schema.json`.
//!
//! - `shared.frames`: the functions, in the order of the report, then `[truncated]`. Only names: where a
//!   function stands in the source is not known.
//! - The first profile, which is the one shown, is the call tree of all threads: sampled, a sample per
//!   call path, its weight the time on exactly that path. The weights add up to the profiled time to the
//!   nanosecond: see [`aggregated`].
//! - Then a profile for each thread of which calls are in the log: evented, as it happened. Those end
//!   where the log does, so their times are not those of the tree: see [`evented`].
//!
//! All times are whole nanoseconds, in evented profiles since the profiler's start. Metadata and panics
//! have no place in the format; the name of the document tells how many calls left the log.
//!
//! Written sample by sample and event by event. Since the format wants a thread's events together, and
//! the log is sorted by time, it takes 4 bytes per logged call beside the report, and the call tree once
//! more.

mod aggregated;
mod evented;

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use serde::ser::{SerializeSeq, SerializeStruct, Serializer};

use crate::report::{Report, ThreadId};

use super::lanes::{self, Bars};
use aggregated::Aggregated;
use evented::Evented;

const SCHEMA: &str = "https://www.speedscope.app/file-format-schema.json";
const TRUNCATED: &str = "[truncated]";
const UNIT: &str = "nanoseconds";

/// Writes `report`.
pub(super) fn write(report: &Report, writer: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer(writer, &Document(report)).map_err(io::Error::from)
}

struct Document<'r>(&'r Report);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let name = match report.dropped.log_calls {
            0 => "perprovis".to_owned(),
            calls => format!("perprovis ({calls} calls are no longer in the log)"),
        };
        let mut object = serializer.serialize_struct("File", 6)?;
        object.serialize_field("$schema", SCHEMA)?;
        object.serialize_field("shared", &Shared(report))?;
        object.serialize_field("profiles", &Profiles(report))?;
        object.serialize_field("activeProfileIndex", &0)?;
        object.serialize_field("name", &name)?;
        object.serialize_field("exporter", "perprovis")?;
        object.end()
    }
}

#[derive(Serialize)]
struct Frame<'r> {
    name: &'r str,
}

struct Shared<'r>(&'r Report);

impl Serialize for Shared<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Shared", 1)?;
        object.serialize_field("frames", &Frames(self.0))?;
        object.end()
    }
}

struct Frames<'r>(&'r Report);

impl Serialize for Frames<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = self.0.functions.iter().map(|function| function.name.as_str());
        serializer.collect_seq(names.chain([TRUNCATED]).map(|name| Frame { name }))
    }
}

/// The frame of calls of which the callers are not known: the one behind the functions.
fn truncated_frame(report: &Report) -> u32 {
    report.functions.len() as u32
}

struct Profiles<'r>(&'r Report);

impl Serialize for Profiles<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let mut profiles = serializer.serialize_seq(None)?;
        profiles.serialize_element(&Aggregated::new(report))?;
        let bars = Bars::new(report);
        let mut threads: BTreeMap<ThreadId, Evented<'_>> = BTreeMap::new();
        for (call, index) in report.log.plain().iter().zip(0..) {
            let id = ThreadId(call.thread);
            let thread = threads.entry(id).or_insert_with(|| Evented::new(report, &bars, id));
            if lanes::is_async(report, call.function) {
                thread.async_calls += 1;
            } else {
                thread.calls.push(index);
            }
        }
        for scope in &report.open {
            let new = || Evented::new(report, &bars, scope.thread_id);
            threads.entry(scope.thread_id).or_insert_with(new).open.push(scope);
        }
        for thread in threads.values().filter(|thread| !thread.is_empty()) {
            profiles.serialize_element(thread)?;
        }
        profiles.end()
    }
}

#[cfg(test)]
mod tests;
