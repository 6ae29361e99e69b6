//! Folded stacks: a line per call path, `main;handle;query 1234`, the time of the path itself behind it.
//!
//! The format is that of Brendan Gregg's FlameGraph tools
//! (<https://github.com/brendangregg/FlameGraph>, *2. Fold stacks*), which `inferno`, speedscope and
//! the Firefox Profiler read as well.
//!
//! - Frames: functions by full name, outermost first, with what the format cannot hold written
//!   otherwise: see [`name::frame`].
//! - The number: time on exactly this path, without what is below, in whole nanoseconds, added up over
//!   all threads; an async function counts its busy time, an open scope its time so far. Rounding is
//!   carried from line to line, so that the sum of all lines is the profiled time, to the nanosecond,
//!   and that of a path with all below it is at most one off.
//! - Order: depth first, at each level the largest total time first.
//! - A path without time of its own stands there only if nothing is below it: then no other line
//!   names it.
//!
//! An empty report is an empty file, which `inferno-flamegraph` and `flamegraph.pl` refuse to draw:
//! they have no picture of nothing. Written line by line; beside the report it needs its call tree
//! once more, and the longest line.

mod line;
mod name;

use std::io::{self, Write};

use crate::report::Report;

pub(super) use line::for_each;
#[cfg(feature = "svg")]
pub(super) use name::SEMICOLON;
pub(super) use name::{frame, visible};

/// Writes `report`.
pub(super) fn write(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    for_each(report, u64::MAX, |line| {
        if line.nanos == 0 && !line.is_leaf {
            return Ok(());
        }
        writeln!(writer, "{} {}", line.stack, line.nanos)
    })
}

#[cfg(test)]
pub(super) mod tests;
