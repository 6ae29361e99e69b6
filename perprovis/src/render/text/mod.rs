//! The text report: what takes the time, table of functions, slowest calls, open scopes, what was
//! dropped, how it was measured.

mod functions;
mod slowest;

use crate::report::{ClockSource, FunctionStats, Report, ThreadId};

use super::label::{fit, visible, visible_name};
use super::line::Line;
use super::quantity::{self, counted};
use super::style::Style;
use super::table::{Column, KEEP, Kind, Table};
use super::{EMPTY, TextOptions, lines_to_text, notes, wrap, wrap_styled};

/// Rows of the lists below the table; each says what it leaves out.
const LIST_ROWS: usize = 10;
/// Functions named in the header, and the columns of each at most.
const NAMED: usize = 3;
const NAMED_COLUMNS: usize = 30;
/// From this width on counts are written in full.
const FULL_COUNTS_FROM: usize = 80;

/// The whole text report.
pub(super) fn render(report: &Report, options: TextOptions) -> String {
    let columns = options.columns();
    let title = [(Style::Strong, "perprovis:"), (Style::Plain, &title(report))];
    let mut lines = wrap_styled(&title, columns);
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
        lines.push(Line::default());
        lines.extend(section);
    }
    lines_to_text(&lines, options)
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
        "{} of {} in {} on {}{sources}",
        counted(calls, "call", "calls"),
        counted(functions, "function", "functions"),
        quantity::time(report.clock.rate.nanos(report.clock.run_ticks)),
        counted(threads, "thread", "threads"),
    )
}

/// The clock, and what profiling cost.
fn measurement(report: &Report, columns: usize) -> Vec<Line> {
    let wrap = |text: &str| wrap_styled(&[(Style::Faint, text)], columns);
    let source = match report.clock.source {
        ClockSource::Counter => "CPU counter",
        ClockSource::Os => "system clock",
        ClockSource::Manual => "manual clock",
    };
    let tick = quantity::time(report.clock.nanos_per_tick);
    let mut lines = wrap(&format!("clock: {source}, {tick} a tick"));
    let (inside, outside) = (report.overhead.inside_nanos, report.overhead.outside_nanos);
    if inside + outside > 0.0 {
        let cost = format!(
            "profiling: {} a call ({} within its time), {} in all",
            quantity::time(inside + outside),
            quantity::time(inside),
            quantity::time(profiling_nanos(report)),
        );
        lines.extend(wrap(&cost));
    } else {
        lines.extend(wrap("profiling: its cost is not in these numbers"));
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
        if self.options.columns() >= FULL_COUNTS_FROM || number < 100_000 {
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

    /// A line below a table, about what is not in it.
    fn remark(&self, text: &str) -> Line {
        Line::of(Style::Faint, text).clip(self.options.columns())
    }

    /// Lines below a table, about how to read it.
    fn explanation(&self, text: &str) -> Vec<Line> {
        wrap_styled(&[(Style::Faint, text)], self.options.columns())
    }

    /// The part of a function itself of all time in profiled code, in 0..=1.
    fn self_share(&self, function: &FunctionStats) -> f64 {
        crate::report::share_of(function.tree_self_time, self.report.tree.whole())
    }

    /// The answer in one line: the functions with the most self time.
    fn where_the_time_goes(&self) -> Vec<Line> {
        let mut functions: Vec<&FunctionStats> = self.report.functions.iter().collect();
        if functions.len() < 2 {
            return Vec::new();
        }
        functions.sort_by_key(|function| std::cmp::Reverse(function.tree_self_time));
        let (named, others) = functions.split_at(functions.len().min(NAMED));
        let mut parts: Vec<(String, f64)> = named
            .iter()
            .map(|function| {
                (fit(&self.short(&function.name), NAMED_COLUMNS), self.self_share(function))
            })
            .collect();
        if !others.is_empty() {
            let rest = others.iter().map(|function| self.self_share(function)).sum();
            parts.push((counted(others.len() as u64, "other", "others"), rest));
        }
        let mut texts = vec![(Style::Strong, "self time:".to_owned())];
        let last = parts.len() - 1;
        for (index, (name, share)) in parts.into_iter().enumerate() {
            let comma = if index < last { "," } else { "" };
            texts.push((Style::Plain, name));
            texts.push((Style::heat(share), quantity::percent(share) + comma));
        }
        let whole = quantity::time(self.report.clock.rate.nanos(self.report.tree.whole()));
        texts.push((Style::Plain, format!("of {whole}")));
        let texts: Vec<(Style, &str)> =
            texts.iter().map(|(style, text)| (*style, &**text)).collect();
        let long = [&texts[..], &[(Style::Plain, "in profiled code")]].concat();
        let long = wrap_styled(&long, self.options.columns());
        if long.len() == 1 { long } else { wrap_styled(&texts, self.options.columns()) }
    }

    fn open_scopes(&self) -> Vec<Line> {
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
        let mut lines = table.lines(self.options.columns());
        if open.len() > LIST_ROWS {
            let more = counted((open.len() - LIST_ROWS) as u64, "more scope", "more scopes");
            lines.push(self.remark(&format!("… {more}")));
        }
        lines
    }

    /// What the report was merged from.
    fn sources(&self) -> Vec<Line> {
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
        let mut lines = table.lines(self.options.columns());
        if sources.len() > LIST_ROWS {
            let more = counted((sources.len() - LIST_ROWS) as u64, "more source", "more sources");
            lines.push(self.remark(&format!("… {more}")));
        }
        lines
    }
}
