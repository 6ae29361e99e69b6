//! The log of calls as CSV: a row per call, oldest first.
//!
//! The format is that of RFC 4180 (Y. Shafranovich, *Common Format and MIME Type for CSV Files*), with
//! lines that end in a single line feed, UTF-8, and a first row that names the columns:
//!
//! | column | content |
//! | --- | --- |
//! | `function` | full name |
//! | `thread_id` | small number, unique in the process |
//! | `thread_name` | empty if it has none, or exited too long ago to be known |
//! | `start_ns` | since the profiler's start, in nanoseconds with up to three decimals |
//! | `duration_ns` | the same unit; of an async function from its first poll to completion |
//! | `panicked` | `true` if the call unwound, else `false` |
//! | `stack` | names from the outermost call to this one, with `;` between them |
//! | `metadata` | a JSON object, empty if there is none |
//! | `source` | only in a merged report: what the call comes from; `start_ns` counts from its start |
//!
//! The names in `stack` are those of the folded format, so a `;` is always a separator: split it
//! there, or group by it. A name or stack that begins with `=`, `+`, `-`, `@`, a tab, a carriage return or
//! an apostrophe has an apostrophe before it, so that no spreadsheet computes it. In `metadata` keys keep their order, and of a key given twice the last value
//! counts; numbers that JSON lacks are the strings `"NaN"`, `"inf"` and `"-inf"`. In pandas:
//! `df.metadata.dropna().map(json.loads)`, in DuckDB: `metadata::JSON ->> 'user_id'`.
//!
//! Written row by row from the log as the recorder kept it: beside the report it needs the names of its
//! functions once more, and a row.

mod object;

use std::borrow::{Borrow, Cow};
use std::collections::HashMap;
use std::io::{self, Write};

use perprovis_core::snapshot::{Call, PathIndex};
use perprovis_core::units::{TickRate, Ticks};

use crate::report::{Report, ThreadId};

use super::cell;
use super::folded::frame;

/// Stands in a stack for callers that a limit kept out of the tree, as in [`Report::calls`].
const TRUNCATED: &str = "[truncated]";

const HEADER: [&str; 8] = [
    "function",
    "thread_id",
    "thread_name",
    "start_ns",
    "duration_ns",
    "panicked",
    "stack",
    "metadata",
];

/// Writes the log of `report`.
pub(super) fn write(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    // Not `Report::calls`, which would make 128 bytes of each call first.
    write_calls(report, report.log.plain().iter(), writer)
}

/// Writes these calls as the log of `report`.
pub(super) fn write_calls(
    report: &Report,
    calls: impl Iterator<Item: Borrow<Call>>,
    writer: &mut dyn Write,
) -> io::Result<()> {
    let threads = report.threads.iter();
    let mut rows = Rows {
        report,
        threads: threads
            .filter_map(|thread| Some((thread.id.number(), thread.name.as_deref()?)))
            .collect(),
        frames: report.functions.iter().map(|function| frame(&function.name)).collect(),
        csv: csv::Writer::from_writer(writer),
        field: String::new(),
        path: Vec::new(),
        stacks: vec![None; report.paths.len()],
        room: KEPT_BYTES,
    };
    let source = (!report.sources.is_empty()).then_some("source");
    rows.csv.write_record(HEADER.into_iter().chain(source))?;
    for call in calls {
        rows.write(call.borrow())?;
    }
    rows.csv.flush()
}

/// Thousandths of nanoseconds up to which a `f64` still tells what is behind the point.
const EXACT_BELOW: f64 = (1u64 << 48) as f64;
/// Rounding errors of a product, relative, with some to spare.
const PRODUCT_ERROR: f64 = 8.0 * f64::EPSILON;

/// Bytes of stacks that are kept, as most calls have one of few.
const KEPT_BYTES: usize = 1 << 24;

struct Rows<'w> {
    report: &'w Report,
    threads: HashMap<u64, &'w str>,
    frames: Vec<Cow<'w, str>>, // by function
    csv: csv::Writer<&'w mut dyn Write>,
    field: String,  // made here again and again, so that rows need no allocation
    path: Vec<u32>, // likewise: the functions of a stack
    stacks: Vec<Option<Box<str>>>, // by path, as far as there is room
    room: usize,    // bytes for more of them
}

impl Rows<'_> {
    fn write(&mut self, call: &Call) -> io::Result<()> {
        let report = self.report;
        let rate = report.clock.rate;
        let name = &report.functions[call.function as usize].name;
        self.csv.write_field(&*cell::text(name))?;
        self.field(|field| push_number(field, call.thread))?;
        let thread = self.threads.get(&call.thread).copied().unwrap_or_default();
        self.csv.write_field(&*cell::text(thread))?;
        self.field(|field| push_nanos(field, rate, call.start))?;
        self.field(|field| push_nanos(field, rate, call.duration))?;
        self.csv.write_field(if call.panicked { "true" } else { "false" })?;
        self.write_stack(call)?;
        let metadata = call.metadata.as_deref().map_or(&[][..], Vec::as_slice);
        self.field(|field| object::push(field, metadata))?;
        if let Some(source) = report.source_of(ThreadId(call.thread)) {
            self.csv.write_field(&*source.name)?;
        }
        self.csv.write_record(None::<&[u8]>)?; // ends the row
        Ok(())
    }

    fn write_stack(&mut self, call: &Call) -> io::Result<()> {
        let Some(path) = call.path else { return self.write_new_stack(call) };
        if let Some(stack) = &self.stacks[path as usize] {
            return Ok(self.csv.write_field(&**stack)?);
        }
        self.write_new_stack(call)?;
        if self.field.len() <= self.room {
            self.room -= self.field.len();
            self.stacks[path as usize] = Some(self.field.as_str().into());
        }
        Ok(())
    }

    fn write_new_stack(&mut self, call: &Call) -> io::Result<()> {
        self.field.clear();
        self.path.clear();
        let paths = &self.report.paths;
        let parent = |&path: &PathIndex| paths[path as usize].parent;
        let along = std::iter::successors(call.path, parent);
        self.path.extend(along.map(|path| paths[path as usize].function));
        if call.path.is_none() {
            self.field.push_str(TRUNCATED);
            self.path.push(call.function);
        }
        for &function in self.path.iter().rev() {
            if !self.field.is_empty() {
                self.field.push(';');
            }
            self.field.push_str(&self.frames[function as usize]);
        }
        Ok(self.csv.write_field(&*cell::text(&self.field))?)
    }

    fn field(&mut self, fill: impl FnOnce(&mut String)) -> io::Result<()> {
        self.field.clear();
        fill(&mut self.field);
        Ok(self.csv.write_field(&self.field)?)
    }
}

fn push(field: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = std::fmt::Write::write_fmt(field, text); // writing to a `String` does not fail
}

/// A number in half the time that `write!` takes.
fn push_number(field: &mut String, mut number: u64) {
    let mut digits = [0; 20]; // as many as there are in 2^64
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    field.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
}

/// Nanoseconds without superfluous zeros.
fn push_nanos(field: &mut String, rate: TickRate, ticks: Ticks) {
    if rate == TickRate::NANOSECOND {
        push_number(field, ticks.0);
        return;
    }
    let nanos = rate.nanos(ticks);
    let thousandths = nanos * 1000.0;
    // Which of two thousandths the middle between them rounds to hangs by its last bits.
    let is_tie = (thousandths.fract() - 0.5).abs() <= thousandths * PRODUCT_ERROR;
    if thousandths < EXACT_BELOW && !is_tie {
        // The same digits in a third of the time.
        let rounded = thousandths.round() as u64;
        push_number(field, rounded / 1000);
        if rounded.is_multiple_of(1000) {
            return;
        }
        push(field, format_args!(".{:03}", rounded % 1000));
    } else {
        push(field, format_args!("{nanos:.3}"));
    }
    field.truncate(field.trim_end_matches('0').trim_end_matches('.').len());
}

#[cfg(test)]
mod tests;
