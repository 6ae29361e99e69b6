//! Tables that fit a width: some columns stretch, the least important ones go.

use super::bar::split_bar;
use super::label::{fit, fit_pairs, width};
use super::line::Line;
use super::style::Style;

const GAP: usize = 2;
/// Columns of a bar, at least and at most: bars take what the rest leaves.
const BARS: (usize, usize) = (5, 24);
/// Columns of a list of pairs, at least where it is that long.
const PAIRS: usize = 16;

/// What a column does with its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Names: left-aligned, cut if need be, at least this wide where the name is.
    Name(usize),
    /// Numbers: right-aligned, never cut.
    Number,
    /// Bars as long as there is room. The title goes if it is longer.
    Bar,
    /// `key=value` pairs, cut if need be.
    Pairs,
    /// Histograms: left-aligned, never cut.
    Spark,
}

/// A column: its title, its kind and how soon it goes when there is no room.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) kind: Kind,
    pub(crate) keep: u8, // the smallest goes first; KEEP never goes
}

/// Columns of this rank never go.
pub(crate) const KEEP: u8 = u8::MAX;

/// What stands in a column, made visible already.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    Text(Style, String),
    /// Both in 0..=1: the solid part of the bar, as warm as it is long, and all of it.
    Bar {
        own: f64,
        share: f64,
    },
    Pairs(Vec<String>),
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(Style::Plain, text)
    }
}

impl Cell {
    fn natural(&self) -> usize {
        match self {
            Cell::Text(_, text) => width(text),
            Cell::Bar { .. } => BARS.1,
            Cell::Pairs(pairs) => {
                pairs.iter().map(|pair| width(pair) + 1).sum::<usize>().saturating_sub(1)
            }
        }
    }

    fn show(&self, kind: Kind, columns: usize) -> Line {
        match (self, kind) {
            (Cell::Bar { own, share }, _) => split_bar(*own, *share, columns),
            (Cell::Pairs(pairs), _) => fit_pairs(pairs, columns).into(),
            (Cell::Text(style, text), Kind::Name(_)) => Line::of(*style, fit(text, columns)),
            (Cell::Text(style, text), _) => Line::of(*style, text.as_str()),
        }
    }
}

/// A table under construction.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>) -> Table {
        Table { columns, rows: Vec::new() }
    }

    /// Adds a row: one cell per column.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// The lines, title and rule first, none wider than `columns`.
    pub(crate) fn lines(mut self, columns: usize) -> Vec<Line> {
        self.drop_columns(columns);
        let widths = self.widths(columns);
        let mut lines = Vec::with_capacity(self.rows.len() + 2);
        let titles = self.columns.iter().zip(&widths).map(|(column, &columns)| {
            if column.kind == Kind::Bar && width(column.title) > columns {
                ""
            } else {
                column.title
            }
        });
        lines.push(self.line(titles.map(|title| Line::of(Style::Strong, title)), &widths));
        let total = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        lines.push(Line::of(Style::Faint, "─".repeat(total.min(columns))));
        for row in &self.rows {
            let cells = row.iter().zip(&self.columns).zip(&widths);
            lines.push(self.line(
                cells.map(|((cell, column), &columns)| cell.show(column.kind, columns)),
                &widths,
            ));
        }
        // Only a width too small for the columns that never go still needs this.
        lines.into_iter().map(|line| line.trim_end().clip(columns)).collect()
    }

    fn natural(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| row[column].natural());
        cells.chain([width(self.columns[column].title)]).max().unwrap_or(0)
    }

    /// The columns that a column needs to be of use.
    fn least(&self, column: usize) -> usize {
        match self.columns[column].kind {
            Kind::Name(least) => self.natural(column).min(least),
            Kind::Number | Kind::Spark => self.natural(column),
            Kind::Bar => BARS.0,
            Kind::Pairs => self.natural(column).min(PAIRS),
        }
    }

    fn drop_columns(&mut self, columns: usize) {
        loop {
            let all: usize = (0..self.columns.len()).map(|column| self.least(column) + GAP).sum();
            let least = self.columns.iter().enumerate().min_by_key(|(_, column)| column.keep);
            match least {
                Some((index, column)) if all > columns + GAP && column.keep < KEEP => {
                    self.columns.remove(index);
                    self.rows.iter_mut().for_each(|row| drop(row.remove(index)));
                }
                _ => return,
            }
        }
    }

    /// The columns' widths: bars give way first, then names and pairs, the widest first.
    fn widths(&self, columns: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..self.columns.len()).map(|at| self.natural(at)).collect();
        let gaps = GAP * widths.len().saturating_sub(1);
        let too_wide =
            |widths: &[usize]| (widths.iter().sum::<usize>() + gaps).saturating_sub(columns);
        for (at, column) in self.columns.iter().enumerate() {
            if column.kind == Kind::Bar {
                widths[at] -= too_wide(&widths).min(widths[at] - BARS.0);
            }
        }
        let gives = |at: &usize| matches!(self.columns[*at].kind, Kind::Name(_) | Kind::Pairs);
        loop {
            let too_wide = too_wide(&widths);
            let widest = (0..widths.len()).filter(gives).max_by_key(|&at| widths[at]);
            match widest {
                Some(at) if too_wide > 0 && widths[at] > 1 => {
                    let others = (0..widths.len()).filter(gives).filter(|&other| other != at);
                    let second = others.map(|other| widths[other]).max().unwrap_or(0);
                    // Down to the second widest name, then in turns.
                    let cut = too_wide.min((widths[at] - second.min(widths[at] - 1)).max(1));
                    widths[at] = (widths[at] - cut.min(widths[at] - 1)).max(1);
                }
                _ => return widths,
            }
        }
    }

    fn line(&self, cells: impl Iterator<Item = Line>, widths: &[usize]) -> Line {
        let mut line = Line::default();
        for (at, ((cell, column), &columns)) in cells.zip(&self.columns).zip(widths).enumerate() {
            if at > 0 {
                line.push(Style::Plain, " ".repeat(GAP));
            }
            line.append(match column.kind {
                Kind::Number => cell.pad_left(columns),
                Kind::Name(_) | Kind::Bar | Kind::Pairs | Kind::Spark => cell.pad_right(columns),
            });
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(vec![
            Column { title: "function", kind: Kind::Name(6), keep: KEEP },
            Column { title: "calls", kind: Kind::Number, keep: 9 },
            Column { title: "p95", kind: Kind::Number, keep: 1 },
        ]);
        let text = |text: &str| Cell::from(text.to_owned());
        table.row(vec![text("a::rather::long::name"), text("12"), text("1.00 ms")]);
        table.row(vec![text("b"), text("1,234"), text("10.0 ns")]);
        table
    }

    fn plain(lines: Vec<Line>) -> Vec<String> {
        lines.iter().map(Line::plain).collect()
    }

    #[test]
    fn a_wide_table_shows_everything() {
        assert_eq!(
            plain(table().lines(80)),
            [
                "function               calls      p95",
                "─────────────────────────────────────",
                "a::rather::long::name     12  1.00 ms",
                "b                      1,234  10.0 ns",
            ]
        );
    }

    #[test]
    fn a_narrow_table_cuts_names_then_drops_columns() {
        assert_eq!(plain(table().lines(25))[2], "a:…::name     12  1.00 ms");
        assert_eq!(plain(table().lines(16))[2], "a:…::name     12");
        assert!(table().lines(3).iter().all(|line| line.width() <= 3));
    }
}
