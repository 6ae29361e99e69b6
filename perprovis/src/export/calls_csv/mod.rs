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
//! functions and threads twice more, and some rows.

mod number;
mod object;

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::io::{self, Write};

use perprovis_core::snapshot::{Call, PathIndex};

use crate::report::{FunctionStats, Report, ThreadId, ThreadInfo};

use super::cell;
use super::folded::frame;
use super::format::BUFFER_BYTES;

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
    let mut rows = Rows::new(report);
    let source = (!report.sources.is_empty()).then_some("source");
    let header: Vec<&str> = HEADER.into_iter().chain(source).collect();
    rows.text.extend_from_slice(header.join(",").as_bytes());
    rows.text.push(b'\n');
    for call in calls {
        rows.push(call.borrow());
        if rows.text.len() >= BUFFER_BYTES {
            writer.write_all(&rows.text)?;
            rows.text.clear();
        }
    }
    writer.write_all(&rows.text)?;
    writer.flush()
}

/// Bytes of stacks that are kept, as most calls have one of few.
const KEPT_BYTES: usize = 1 << 24;

/// Makes rows of cells that are as they stand in the file: what calls have in common is quoted once.
struct Rows<'r> {
    report: &'r Report,
    text: Vec<u8>,                     // rows not yet written
    functions: Vec<Box<[u8]>>,         // their cells, by function
    threads: BTreeMap<u64, Box<[u8]>>, // cells of id and name, of those with a name
    frames: Vec<Cow<'r, str>>,         // by function
    field: String,                     // made here again and again, so that rows need no allocation
    path: Vec<u32>,                    // likewise: the functions of a stack
    stacks: Vec<Option<Box<[u8]>>>,    // their cells by path, as far as there is room
    room: usize,                       // bytes for more of them
}

impl<'r> Rows<'r> {
    fn new(report: &'r Report) -> Rows<'r> {
        let function = |function: &FunctionStats| {
            let mut cell = Vec::new();
            cell::push(&mut cell, &cell::text(&function.name));
            cell.into()
        };
        let thread = |thread: &ThreadInfo| {
            let (id, mut cells) = (thread.id.number(), Vec::new());
            number::push(&mut cells, id);
            cells.push(b',');
            cell::push(&mut cells, &cell::text(thread.name.as_deref()?));
            Some((id, cells.into()))
        };
        Rows {
            report,
            text: Vec::with_capacity(2 * BUFFER_BYTES),
            functions: report.functions.iter().map(function).collect(),
            threads: report.threads.iter().filter_map(thread).collect(),
            frames: report.functions.iter().map(|function| frame(&function.name)).collect(),
            field: String::new(),
            path: Vec::new(),
            stacks: vec![None; report.paths.len()],
            room: KEPT_BYTES,
        }
    }

    fn push(&mut self, call: &Call) {
        let (report, text) = (self.report, &mut self.text);
        let rate = report.clock.rate;
        text.extend_from_slice(&self.functions[call.function as usize]);
        text.push(b',');
        match self.threads.get(&call.thread) {
            Some(cells) => text.extend_from_slice(cells),
            None => {
                number::push(text, call.thread);
                text.push(b',');
            }
        }
        text.push(b',');
        number::push_nanos(text, rate, call.start);
        text.push(b',');
        number::push_nanos(text, rate, call.duration);
        text.extend_from_slice(if call.panicked { b",true," } else { b",false," });
        self.push_stack(call);
        self.text.push(b',');
        if let Some(metadata) = &call.metadata {
            self.field.clear();
            object::push(&mut self.field, metadata);
            cell::push(&mut self.text, &self.field);
        }
        if let Some(source) = report.source_of(ThreadId(call.thread)) {
            self.text.push(b',');
            cell::push(&mut self.text, &source.name);
        }
        self.text.push(b'\n');
    }

    fn push_stack(&mut self, call: &Call) {
        let Some(path) = call.path else { return self.push_new_stack(call) };
        if let Some(stack) = &self.stacks[path as usize] {
            return self.text.extend_from_slice(stack);
        }
        let before = self.text.len();
        self.push_new_stack(call);
        let stack = &self.text[before..];
        if stack.len() <= self.room {
            self.room -= stack.len();
            self.stacks[path as usize] = Some(stack.into());
        }
    }

    fn push_new_stack(&mut self, call: &Call) {
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
        cell::push(&mut self.text, &cell::text(&self.field));
    }
}

#[cfg(test)]
mod tests;
