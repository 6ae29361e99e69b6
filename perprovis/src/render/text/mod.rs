//! The text report: what takes the time, table of functions, slowest calls, open scopes, what was
//! dropped, how it was measured.

mod functions;
mod slowest;

use crate::report::{ClockSource, FunctionStats, Report, ThreadId};

use super::label::{clip, fit, visible, visible_name, width};
use super::quantity::{self, counted};
use super::table::{Column, KEEP, Kind, Table};
use super::{EMPTY, TextOptions, lines_to_text, notes, wrap};

/// Rows of the lists below the table; each says what it leaves out.
const LIST_ROWS: usize = 10;
/// Functions named in the header, and the columns of each at most.
const NAMED: usize = 3;
const NAMED_COLUMNS: usize = 30;
/// From this width on counts are written in full.
const FULL_COUNTS_FROM: usize = 80;

/// The whole text report.
pub(super) fn render(report: &Report, options: TextOptions) -> String {
    let columns = options.width;
    let mut lines = wrap(&title(report), columns);
    let view = View { report, options };
    let sections = if report.is_empty() {
        vec![wrap(EMPTY, columns), notes::lines(report, columns)]
    } else {
        lines.extend(view.where_the_time_goes());
        let (functions, slowest) = (view.functions(), view.slowest());
        let notes = notes::lines(report, columns);
        vec![
            functions,
            slowest,
            view.open_scopes(),
            view.sources(),
            notes,
            measurement(report, columns),
        ]
    };
    for section in sections.into_iter().filter(|section| !section.is_empty()) {
        lines.push(String::new());
        lines.extend(section);
    }
    lines_to_text(&lines)
}

fn title(report: &Report) -> String {
    let functions = report.functions.len() as u64;
    let calls: u64 =
        report.functions.iter().fold(0, |sum, function| sum.saturating_add(function.call_count));
    let threads = (report.threads.len() as u64).saturating_add(report.exited_threads);
    let sources = match report.sources.len() as u64 {
        0 => String::new(),
        sources => format!(", merged from {}", counted(sources, "source", "sources")),
    };
    format!(
        "perprovis: {} of {} in {} on {}{sources}",
        counted(calls, "call", "calls"),
        counted(functions, "function", "functions"),
        quantity::time(report.clock.rate.nanos(report.clock.run_ticks)),
        counted(threads, "thread", "threads"),
    )
}

/// The clock, and what profiling cost.
fn measurement(report: &Report, columns: usize) -> Vec<String> {
    let source = match report.clock.source {
        ClockSource::Counter => "CPU counter",
        ClockSource::Os => "system clock",
        ClockSource::Manual => "manual clock",
    };
    let tick = quantity::time(report.clock.nanos_per_tick);
    let mut lines = wrap(&format!("clock: {source}, {tick} a tick"), columns);
    let (inside, outside) = (report.overhead.inside_nanos, report.overhead.outside_nanos);
    if inside + outside > 0.0 {
        let cost = format!(
            "profiling: {} a call ({} within its time), {} in all",
            quantity::time(inside + outside),
            quantity::time(inside),
            quantity::time(profiling_nanos(report)),
        );
        lines.extend(wrap(&cost, columns));
    } else {
        lines.extend(wrap("profiling: its cost is not in these numbers", columns));
    }
    lines
}

/// What profiling cost, in all threads.
fn profiling_nanos(report: &Report) -> f64 {
    // A call of an async function is measured once per poll.
    let measured = report.functions.iter().map(|function| function.call_count.max(function.polls));
    let intervals: f64 = measured.map(|number| number as f64).sum();
    (report.overhead.inside_nanos + report.overhead.outside_nanos) * intervals
}

/// What profiling cost as a share of the time in profiled code, about.
pub(super) fn profiling_share(report: &Report) -> f64 {
    let whole = report.clock.rate.nanos(report.tree.whole());
    if whole > 0.0 { (profiling_nanos(report) / whole).min(1.0) } else { 0.0 }
}

struct View<'r> {
    report: &'r Report,
    options: TextOptions,
}

impl View<'_> {
    fn count(&self, number: u64) -> String {
        if self.options.width >= FULL_COUNTS_FROM || number < 100_000 {
            quantity::count(number)
        } else {
            quantity::short_count(number)
        }
    }

    fn short(&self, name: &str) -> String {
        visible_name(self.report.short_name(name))
    }

    fn thread(&self, id: ThreadId) -> String {
        visible(&self.report.numbered_thread(id))
    }

    /// The part of a function itself of all time in profiled code, in 0..=1.
    fn self_share(&self, function: &FunctionStats) -> f64 {
        crate::report::share_of(function.tree_self_time, self.report.tree.whole())
    }

    /// The answer in one line: the functions with the most self time.
    fn where_the_time_goes(&self) -> Vec<String> {
        let mut functions: Vec<&FunctionStats> = self.report.functions.iter().collect();
        if functions.len() < 2 {
            return Vec::new();
        }
        functions.sort_by_key(|function| std::cmp::Reverse(function.tree_self_time));
        let share = |function: &FunctionStats| quantity::percent(self.self_share(function));
        let mut parts: Vec<String> = functions
            .iter()
            .take(NAMED)
            .map(|function| {
                let name = fit(&self.short(&function.name), NAMED_COLUMNS);
                format!("{name} {}", share(function))
            })
            .collect();
        if functions.len() > NAMED {
            let rest = functions[NAMED..].iter().map(|function| self.self_share(function)).sum();
            let others = (functions.len() - NAMED) as u64;
            let others = counted(others, "other", "others");
            parts.push(format!("{others} {}", quantity::percent(rest)));
        }
        let whole = quantity::time(self.report.clock.rate.nanos(self.report.tree.whole()));
        let line = format!("self time: {} of {whole}", parts.join(", "));
        let long = format!("{line} in profiled code");
        let fits = width(&long) <= self.options.width;
        wrap(if fits { &long } else { &line }, self.options.width)
    }

    fn open_scopes(&self) -> Vec<String> {
        let open = &self.report.open;
        if open.is_empty() {
            return Vec::new();
        }
        let mut table = Table::new(vec![
            Column { title: "running now", kind: Kind::Name(20), keep: KEEP },
            Column { title: "so far", kind: Kind::Number, keep: KEEP },
            Column { title: "thread", kind: Kind::Name(10), keep: 1 },
        ]);
        for scope in open.iter().take(LIST_ROWS) {
            let depth = scope.call_stack.len().saturating_sub(1).min(8);
            let run = self.report.end_of(scope.thread_id);
            let so_far = quantity::time(self.report.clock.rate.nanos(run.since(scope.since_ticks)));
            table.row(vec![
                format!("{}{}", "  ".repeat(depth), self.short(&scope.name)).into(),
                so_far.into(),
                self.thread(scope.thread_id).into(),
            ]);
        }
        let mut lines = table.lines(self.options.width);
        if open.len() > LIST_ROWS {
            let more = counted((open.len() - LIST_ROWS) as u64, "more scope", "more scopes");
            lines.push(clip(&format!("… {more}"), self.options.width));
        }
        lines
    }

    /// What the report was merged from.
    fn sources(&self) -> Vec<String> {
        let sources = &self.report.sources;
        if sources.is_empty() {
            return Vec::new();
        }
        let mut table = Table::new(vec![
            Column { title: "merged from", kind: Kind::Name(20), keep: KEEP },
            Column { title: "calls", kind: Kind::Number, keep: KEEP },
            Column { title: "profiled", kind: Kind::Number, keep: KEEP },
            Column { title: "run", kind: Kind::Number, keep: 1 },
        ]);
        let rate = self.report.clock.rate;
        for source in sources.iter().take(LIST_ROWS) {
            table.row(vec![
                visible(&source.name).into(),
                self.count(source.call_count).into(),
                quantity::time(rate.nanos(source.plain.time)).into(),
                quantity::time(rate.nanos(source.plain.run)).into(),
            ]);
        }
        let mut lines = table.lines(self.options.width);
        if sources.len() > LIST_ROWS {
            let more = counted((sources.len() - LIST_ROWS) as u64, "more source", "more sources");
            lines.push(clip(&format!("… {more}"), self.options.width));
        }
        lines
    }
}
