//! The report as a table in Markdown, to be pasted into a pull request or to be posted there by a bot.
//!
//! The format is GitHub Flavored Markdown (<https://github.github.com/gfm/>, *Tables (extension)*): a
//! line that sums up, a table of the functions that take the most time, notes on what is running and
//! what was dropped. Times are for people, three digits and a unit, and mean what they mean in the text
//! report. Names are shortened as there, and cannot be anything but text: see [`cell`].

mod cell;

use std::cmp::Reverse;
use std::fmt;
use std::io::{self, Write};

use perprovis_core::units::Ticks;

pub(in crate::export) use cell::name;

use crate::report::{FunctionStats, Report};
use crate::{HumanCount, HumanTime, TextOptions};

/// What an empty report says.
const EMPTY: &str = "**perprovis**: nothing was recorded.\n";

/// Writes `report` with as many functions as the text report.
pub(super) fn write(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    write_top(report, TextOptions::DEFAULT_TOP, writer)
}

impl Report {
    /// The `top_n` functions that take the most time as a table in Markdown, with a line that sums up
    /// and notes on what is running and what was dropped: for a comment on a pull request.
    ///
    /// ```
    /// let markdown = perprovis::Report::default().to_markdown(5);
    /// assert_eq!(markdown, "**perprovis**: nothing was recorded.\n");
    /// ```
    #[must_use]
    pub fn to_markdown(&self, top_n: usize) -> String {
        let mut bytes = Vec::new();
        // Writing to memory does not fail, and what is written is made of strings.
        let _ = write_top(self, top_n, &mut bytes);
        String::from_utf8(bytes).unwrap_or_default()
    }
}

fn write_top(report: &Report, top_n: usize, writer: &mut dyn Write) -> io::Result<()> {
    if report.is_empty() {
        writer.write_all(EMPTY.as_bytes())?;
        return write_notes(report, &[], writer);
    }
    let mut functions: Vec<&FunctionStats> = report.functions.iter().collect();
    // A function that is running now counts with its time so far, which only the tree has.
    functions.sort_by_key(|function| Reverse(total(function)));
    let (shown, hidden) = functions.split_at(functions.len().min(top_n));
    writeln!(writer, "**perprovis**: {}", title(report))?;
    if !shown.is_empty() {
        writeln!(writer)?;
        writeln!(writer, "| function | calls | total | self | avg | p95 | share |")?;
        writeln!(writer, "| :--- | ---: | ---: | ---: | ---: | ---: | ---: |")?;
        for function in shown {
            write_row(report, function, writer)?;
        }
    }
    if !hidden.is_empty() {
        let more = counted(hidden.len() as u64, "more function", "more functions");
        let rest: f64 = hidden.iter().map(|function| self_share(report, function)).sum();
        writeln!(writer, "\n… {more} with {} of the self time", percent(rest))?;
    }
    write_notes(report, shown, writer)
}

fn title(report: &Report) -> String {
    let calls = report.functions.iter().map(|function| function.call_count);
    let threads = (report.threads.len() as u64).saturating_add(report.exited_threads);
    let rate = report.clock.rate;
    let sources = match report.sources.len() as u64 {
        0 => String::new(),
        sources => format!(", merged from {}", counted(sources, "source", "sources")),
    };
    format!(
        "{} of {} in {} on {}, {} in profiled code{sources}",
        counted(calls.fold(0, u64::saturating_add), "call", "calls"),
        counted(report.functions.len() as u64, "function", "functions"),
        HumanTime::from_nanos(rate.nanos(report.clock.run_ticks)),
        counted(threads, "thread", "threads"),
        HumanTime::from_nanos(rate.nanos(report.tree.whole())),
    )
}

fn write_row(report: &Report, function: &FunctionStats, writer: &mut dyn Write) -> io::Result<()> {
    let time = |ticks: Ticks| HumanTime::from_nanos(function.rate.nanos(ticks));
    let of_calls = |nanos: f64| match function.call_count {
        0 => "-".to_owned(),
        _ => HumanTime::from_nanos(nanos).to_string(),
    };
    let own =
        if function.open > 0 { function.tree_self_time } else { function.statistics.self_time };
    writeln!(
        writer,
        "| {}{} | {} | {} | {} | {} | {} | {} |",
        if function.open > 0 { "▸ " } else { "" },
        cell::name(report.short_name(&function.name)),
        HumanCount(function.call_count),
        time(total(function)),
        time(own),
        of_calls(function.avg_nanos()),
        of_calls(function.percentile_nanos(95.0)),
        percent(function.share),
    )
}

/// What a reader must know to read the table right.
fn write_notes(
    report: &Report,
    shown: &[&FunctionStats],
    writer: &mut dyn Write,
) -> io::Result<()> {
    let mut notes = Vec::new();
    if shown.iter().any(|function| function.open > 0) {
        notes.push("▸ is running now; total and self include its time so far.".to_owned());
    }
    let panicked = report.functions.iter().map(|function| function.panicked);
    let panicked = panicked.fold(0, u64::saturating_add);
    if panicked > 0 {
        notes.push(format!("{} unwound in a panic.", counted(panicked, "call", "calls")));
    }
    let dropped = report.dropped;
    let mut note = |number: u64, what: &str| {
        if number > 0 {
            notes.push(format!("⚠ {} {what}", counted(number, "call", "calls")));
        }
    };
    note(dropped.log_calls, "dropped from the call log; all numbers here are exact.");
    note(
        dropped.truncated_calls,
        "kept out of the call tree by its limits; the numbers here are exact.",
    );
    note(dropped.unnamed_calls, "under `[other]`: there were more names than the limit.");
    note(dropped.unrecorded_calls, "could not be recorded and are in no number here.");
    for (index, note) in notes.iter().enumerate() {
        writeln!(writer, "{}- {note}", if index == 0 { "\n" } else { "" })?;
    }
    Ok(())
}

/// The total of a function: of its completed calls, or if it is running now its time in the tree.
fn total(function: &FunctionStats) -> Ticks {
    let completed = function.statistics.total;
    if function.open > 0 { completed.max(function.tree_time) } else { completed }
}

fn self_share(report: &Report, function: &FunctionStats) -> f64 {
    crate::report::share_of(function.tree_self_time, report.tree.whole())
}

/// As in the text report: what is more than nothing shows as more. No tag begins with a digit.
fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent > 0.0 && percent < 0.05 => "<0.1%".to_owned(),
        percent => format!("{percent:.1}%"),
    }
}

fn counted(number: u64, one: &'static str, many: &'static str) -> impl fmt::Display {
    format!("{} {}", HumanCount(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests;
