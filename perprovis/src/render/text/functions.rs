//! The table of functions.

use std::cmp::Reverse;

use perprovis_core::units::Ticks;

use crate::report::{FunctionStats, SortBy};

use super::super::line::Line;
use super::super::spark::spark;
use super::super::style::Style;
use super::super::table::{Cell, Column, KEEP, Kind, Table};
use super::View;
use super::quantity::{self, counted};

/// Stands where there is no number.
const NONE: &str = "-";
/// Columns of a histogram: the precision of a glance.
const SPARK: usize = 8;

impl View<'_> {
    pub(super) fn functions(&self) -> Vec<Line> {
        let functions = &self.report.functions;
        let mut sorted: Vec<&FunctionStats> = functions.iter().collect();
        match self.options.sort {
            // A function that is running now counts with its time so far, which only the tree has.
            SortBy::TotalTime => sorted.sort_by_key(|function| Reverse(shown_total(function))),
            SortBy::SelfTime => sorted.sort_by_key(|function| Reverse(shown_self(function))),
            other => sorted.sort_by(|left, right| other.compare(left, right)),
        }
        let (shown, hidden) = sorted.split_at(sorted.len().min(self.options.top));

        let fields = fields(shown);
        let mut table = Table::new(fields.iter().map(|(column, _)| column.clone()).collect());
        for function in shown {
            table.row(fields.iter().map(|(_, field)| self.cell(function, *field)).collect());
        }
        let mut lines = table.lines(self.options.columns());
        if !hidden.is_empty() {
            let more = counted(hidden.len() as u64, "more function", "more functions");
            let rest = hidden.iter().map(|function| self.self_share(function)).sum();
            let rest = format!("… {more} with {} of the self time", quantity::percent(rest));
            lines.push(self.remark(&rest));
        }
        if shown.iter().any(|function| function.open > 0) {
            let note = "▸ is running now; total and self include its time so far";
            lines.extend(self.explanation(note));
        }
        lines
    }

    fn cell(&self, function: &FunctionStats, field: Field) -> Cell {
        if let Field::Bar = field {
            return Cell::Bar { own: self.self_share(function), share: function.share };
        }
        let ticks = |ticks| quantity::time(function.rate.nanos(ticks));
        let statistics = &function.statistics;
        let of_calls = |nanos: f64| match function.call_count {
            0 => NONE.to_owned(),
            _ => quantity::time(nanos),
        };
        let text = match field {
            Field::Name if function.open > 0 => format!("▸ {}", self.short(&function.name)),
            Field::Name => self.short(&function.name),
            Field::Calls => self.count(function.call_count),
            Field::Panicked => self.count(function.panicked),
            Field::Total => ticks(shown_total(function)),
            Field::SelfTime => ticks(shown_self(function)),
            Field::Mean => of_calls(function.avg_nanos()),
            Field::Percentile(p) => of_calls(function.percentile_nanos(p)),
            Field::Histogram if function.call_count == 0 => NONE.to_owned(),
            Field::Histogram => spark(statistics, SPARK),
            Field::Busy | Field::Idle | Field::Polls | Field::Cancelled if !function.is_async() => {
                NONE.to_owned()
            }
            Field::Busy => ticks(statistics.busy),
            Field::Idle => ticks(statistics.idle),
            Field::Polls => self.count(function.polls),
            Field::Cancelled => self.count(function.cancelled),
            Field::Share | Field::Bar => quantity::percent(function.share),
        };
        let style = match field {
            Field::Total | Field::Share => Style::heat(function.share),
            Field::SelfTime => Style::heat(self.self_share(function)),
            Field::Panicked if function.panicked > 0 => Style::Hot,
            Field::Panicked => Style::Faint,
            _ if text == NONE => Style::Faint,
            _ => Style::Plain,
        };
        Cell::Text(style, text)
    }
}

/// The total of a function: of its completed calls, or if it is running now its time in the tree.
fn shown_total(function: &FunctionStats) -> Ticks {
    let completed = function.statistics.total;
    if function.open > 0 { completed.max(function.tree_time) } else { completed }
}

/// The self time of a function, likewise.
fn shown_self(function: &FunctionStats) -> Ticks {
    if function.open > 0 { function.tree_self_time } else { function.statistics.self_time }
}

/// What a column of the table of functions shows.
#[derive(Clone, Copy)]
enum Field {
    Name,
    Calls,
    Panicked,
    Total,
    SelfTime,
    Mean,
    Percentile(f64),
    Histogram,
    Busy,
    Idle,
    Polls,
    Cancelled,
    Share,
    Bar,
}

/// The columns of the table of these functions, and in which order they go: the smallest rank
/// first. A column that would say nothing is not there.
fn fields(functions: &[&FunctionStats]) -> Vec<(Column, Field)> {
    let any = |is: fn(&FunctionStats) -> bool| functions.iter().any(|function| is(function));
    let column = |title, kind, keep| Column { title, kind, keep };
    let number = |title, keep| column(title, Kind::Number, keep);
    let mut fields = vec![
        (column("function", Kind::Name(20), KEEP), Field::Name),
        (number("calls", 100), Field::Calls),
    ];
    if any(|function| function.panicked > 0) {
        fields.push((number("panics", 95), Field::Panicked));
    }
    fields.extend([(number("total", KEEP), Field::Total), (number("self", 90), Field::SelfTime)]);
    if any(FunctionStats::is_async) {
        fields.extend([
            (number("busy", 65), Field::Busy),
            (number("idle", 62), Field::Idle),
            (number("polls", 58), Field::Polls),
        ]);
    }
    if any(|function| function.cancelled > 0) {
        // Where there is any, it goes before what only describes the calls that completed.
        fields.push((number("cancelled", 88), Field::Cancelled));
    }
    fields.extend([
        (number("avg", 80), Field::Mean),
        (number("min", 20), Field::Percentile(0.0)),
        (number("p50", 40), Field::Percentile(50.0)),
        (number("p95", 60), Field::Percentile(95.0)),
        (number("p99", 30), Field::Percentile(99.0)),
        (number("max", 50), Field::Percentile(100.0)),
        (column("min–max", Kind::Spark, 70), Field::Histogram),
        (number("share", KEEP), Field::Share),
        (column("█self ░below", Kind::Bar, 85), Field::Bar),
    ]);
    fields
}
