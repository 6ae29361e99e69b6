//! Notes below a report: what the limits dropped, in plain words, and what to do about it.

use perprovis_core::snapshot::ClockFaults;
use perprovis_core::units::Ticks;

use crate::report::{ClockSource, Report};

use super::line::Line;
use super::quantity::counted;
use super::style::Style;
use super::wrap_styled;

/// From this share of the time on the cost of profiling is worth a warning.
const COSTLY: f64 = 0.1;

/// Columns before the lines of a note but the first.
const INDENT: usize = 2;

/// One note per kind of loss, none if nothing was lost.
pub(super) fn lines(report: &Report, columns: usize) -> Vec<Line> {
    let dropped = report.dropped;
    let calls = |number| counted(number, "call", "calls");
    let mut notes = Vec::new();
    let cost = super::text::profiling_share(report);
    if cost >= COSTLY {
        notes.push(format!(
            "Profiling itself is about {:.0}% of the time in profiled code, most of it where small \
             functions are called often. Report::compensated() subtracts it.",
            cost * 100.0,
        ));
    }
    let clock = &report.clock;
    if clock.source == ClockSource::Os && clock.run_ticks == Ticks::ZERO && !report.is_empty() {
        notes.push(
            "! This target has no clock: calls are counted, and all times are zero. Give the \
             profiler one that the program drives: clock(ManualClock) of Profiler::builder()."
                .to_owned(),
        );
    }
    let ClockFaults { negative_calls, disagreement } = clock.faults;
    if disagreement > 0.0 {
        notes.push(format!(
            "The CPU's counter and the system's clock disagree by {} between parts of the run: the \
             machine was suspended or moved, or one of the two is not steady. Times may be off by as \
             much.",
            if disagreement.is_finite() {
                format!("{:.1}%", disagreement * 100.0)
            } else {
                "any amount, since the counter went back,".to_owned()
            },
        ));
    }
    if negative_calls > 0 {
        notes.push(format!(
            "{} ended before beginning, by the clock, which was set back or differs between cores: \
             counted as no time.",
            calls(negative_calls),
        ));
    }
    if dropped.log_calls > 0 {
        notes.push(format!(
            "The call log holds {} and dropped {}. The timeline and the list of calls lack those; \
             all statistics are exact. For a \
             larger one raise `calls_per_thread` or `calls_in_all` of Profiler::builder().",
            calls(report.functions.iter().map(|function| function.logged_calls()).sum()),
            calls(dropped.log_calls),
        ));
    }
    if dropped.truncated_calls > 0 {
        notes.push(format!(
            "{} lay deeper, or on more call paths, than the call tree holds: they stand under \
             [truncated] there, and are exact in the table. For a \
             larger tree raise `depth` or `call_paths` of Profiler::builder().",
            calls(dropped.truncated_calls),
        ));
    }
    if dropped.unnamed_calls > 0 {
        notes.push(format!(
            "{} had names beyond the limit and stand under [other]. Use fewer distinct names, or \
             raise `names` of Profiler::builder().",
            calls(dropped.unnamed_calls),
        ));
    }
    if dropped.unrecorded_calls > 0 {
        notes.push(format!(
            "{} could not be recorded and are in no number here: they were made while their \
             thread was ending, or from inside the profiler. Do not profile the memory allocator \
             or destructors of thread-locals.",
            calls(dropped.unrecorded_calls),
        ));
    }
    let lines = notes.iter().flat_map(|note| {
        let note = [(Style::Hot, "!"), (Style::Plain, note)];
        let lines = wrap_styled(&note, columns - INDENT).into_iter().enumerate();
        lines.map(|(index, line)| if index == 0 { line } else { indented(line) })
    });
    lines.collect()
}

fn indented(line: Line) -> Line {
    let columns = line.width() + INDENT;
    line.pad_left(columns)
}
