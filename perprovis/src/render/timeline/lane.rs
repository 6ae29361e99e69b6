//! The rows of one thread: bars, and below them what they call.

use perprovis_core::units::Ticks;

use crate::report::Report;

use super::super::bar::level;
use super::super::label::{char_cells, clip, visible_name, width};
use super::super::line::Line;
use super::super::style::Style;
use super::scale::Scale;

/// A call of fewer columns is not drawn as a bar: there is no room for two ends and a difference.
const BAR: f64 = 2.0;
/// A name is cut to no less than this many columns; bars too short for that have none.
const LABEL: usize = 6;
/// Rows that are told apart; what overlaps with more calls than that joins the last one.
const TRACKED: usize = 1024;

/// What is drawn: a call, or a scope that is open still.
pub(super) struct Bar<'r> {
    pub(super) name: &'r str,
    pub(super) function: u32, // index into the report's functions
    pub(super) depth: usize,
    pub(super) start: Ticks,
    pub(super) end: Ticks,
    pub(super) is_open: bool,
}

/// The rows of one thread, drawn.
#[derive(Default)]
pub(super) struct Lane {
    pub(super) rows: Vec<Line>,
    /// How many rows the last one stands for, if that is more than one.
    pub(super) folded: Option<usize>,
    /// Calls too short for a bar.
    pub(super) short: usize,
    /// Those of them that nothing shows, since the ends of bars take their columns.
    pub(super) hidden: usize,
}

impl Lane {
    /// Draws bars, sorted by start, in at most `most` rows (at least one).
    pub(super) fn draw(bars: &[Bar<'_>], most: usize, scale: &Scale, report: &Report) -> Lane {
        let places = places(bars);
        let needed = places.iter().max().map_or(0, |&last| last + 1);
        let mut lane = Lane::default();
        let mut rows: Vec<Row> = (0..needed.min(most)).map(|_| Row::new(scale)).collect();
        let folded = (needed > most).then_some(most - 1);
        lane.folded = folded.map(|from| needed - from);

        let is_wide = |bar: &Bar<'_>, place: usize| {
            let columns = scale.place(bar.end) - scale.place(bar.start);
            folded.is_none_or(|from| place < from) && (bar.is_open || columns >= BAR)
        };
        for (bar, &place) in bars.iter().zip(&places).filter(|(bar, place)| is_wide(bar, **place)) {
            rows[place].draw(bar, scale, report);
        }
        for (bar, &place) in bars.iter().zip(&places).filter(|(bar, place)| !is_wide(bar, **place))
        {
            let is_folded = folded.is_some_and(|from| place >= from);
            let is_shown = rows[place.min(most - 1)].fill(bar, scale);
            if !is_folded {
                lane.short += 1;
                lane.hidden += usize::from(!is_shown);
            }
        }
        lane.rows = rows.into_iter().map(Row::line).collect();
        lane
    }
}

/// The row of each bar: one per depth, or a lower one if another bar is there at that time.
/// Depths of which nothing is shown take no row.
fn places(bars: &[Bar<'_>]) -> Vec<usize> {
    let mut depths: Vec<usize> = bars.iter().map(|bar| bar.depth).collect();
    depths.sort_unstable();
    depths.dedup();
    let mut busy_until: Vec<Ticks> = Vec::new(); // per row
    let place = |bar: &Bar<'_>| {
        let depth = depths.partition_point(|&depth| depth < bar.depth);
        let lowest = depth.min(TRACKED - 1);
        let is_free = |row: &usize| busy_until.get(*row).is_none_or(|&until| until <= bar.start);
        let row = (lowest..TRACKED).find(is_free).unwrap_or(TRACKED - 1);
        if busy_until.len() <= row {
            busy_until.resize(row + 1, Ticks::ZERO);
        }
        busy_until[row] = bar.end;
        row
    };
    bars.iter().map(place).collect()
}

struct Row {
    cells: Vec<String>,       // one column each; empty behind a wide character
    bars: Vec<Option<Style>>, // per column
    fill: Vec<f64>,           // per column; what short calls take of it, below zero without any
    filled_until: Ticks,
}

impl Row {
    fn new(scale: &Scale) -> Row {
        Row {
            cells: vec![" ".to_owned(); scale.cells],
            bars: vec![None; scale.cells],
            fill: vec![-1.0; scale.cells],
            filled_until: Ticks::ZERO,
        }
    }

    fn draw(&mut self, bar: &Bar<'_>, scale: &Scale, report: &Report) {
        let (mut from, to) = (scale.column(bar.start), scale.column(bar.end));
        while from < to && self.bars[from].is_some() {
            from += 1; // where the one before ends
        }
        let text = bar.draw(&visible_name(report.short_name(bar.name)), to - from + 1);
        // The functions that take the most time are told apart for certain.
        self.bars[from..=to].fill(Some(Style::block(bar.function as usize)));
        let mut at = from;
        for cell in char_cells(&text) {
            let columns = width(&cell);
            self.cells[at] = cell;
            self.cells[at + 1..at + columns].iter_mut().for_each(String::clear);
            at += columns;
        }
    }

    /// Adds what a call takes of its columns; whether one of them will show it.
    fn fill(&mut self, bar: &Bar<'_>, scale: &Scale) -> bool {
        let (first, last) = (scale.column(bar.start), scale.column(bar.end));
        // Where calls of a folded row overlap, that time counts once.
        let (start, end) = (scale.place(bar.start.max(self.filled_until)), scale.place(bar.end));
        self.filled_until = self.filled_until.max(bar.end);
        let mut is_shown = false;
        for column in first..=last {
            let part = end.min(column as f64 + 1.0) - start.max(column as f64);
            // The column in which a call ends just at the beginning is not touched.
            if part > 0.0 || column == first {
                self.fill[column] = self.fill[column].max(0.0) + part.max(0.0);
                is_shown |= self.bars[column].is_none();
            }
        }
        is_shown
    }

    fn line(self) -> Line {
        let mut line = Line::default();
        for ((cell, bar), fill) in self.cells.into_iter().zip(self.bars).zip(self.fill) {
            match bar {
                Some(style) => line.push(style, cell),
                None if fill < 0.0 => line.push(Style::Plain, cell),
                None => line.push(Style::Plain, level(fill)),
            }
        }
        line
    }
}

impl Bar<'_> {
    /// The bar in exactly `columns`, with its name inside if most of that fits.
    fn draw(&self, name: &str, columns: usize) -> String {
        let end = if self.is_open { "▶" } else { "┤" };
        if columns < 2 {
            return end.repeat(columns);
        }
        let room = columns - 2;
        let name = if room >= LABEL.min(width(name)) { clip(name, room) } else { String::new() };
        format!("├{name}{}{end}", "─".repeat(room - width(&name)))
    }
}
