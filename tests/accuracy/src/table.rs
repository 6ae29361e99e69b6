//! The rows as a table, for a terminal and for a README.

use std::fmt::Write as _;

use crate::machine;
use crate::measure::Row;

pub(crate) fn text(rows: &[Row]) -> String {
    let cells = cells(rows);
    let width =
        |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..cells[0].len()).map(width).collect();
    let mut out = heading();
    for row in &cells {
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            let _ = match column {
                0 => write!(out, "{cell:<width$}"),
                _ => write!(out, "  {cell:>width$}"),
            };
        }
        out.push('\n');
    }
    out
}

pub(crate) fn markdown(rows: &[Row]) -> String {
    let mut out = heading();
    for (index, row) in cells(rows).iter().enumerate() {
        let _ = writeln!(out, "| {} |", row.join(" | "));
        if index == 0 {
            let _ = writeln!(out, "| ---{} |", " | ---:".repeat(row.len() - 1));
        }
    }
    out
}

/// The names of the rows that fail, with their errors.
pub(crate) fn failed(rows: &[Row]) -> String {
    let failed = rows.iter().filter(|row| row.fails());
    let names: Vec<String> =
        failed.map(|row| format!("{} is {} off", row.name, percent(row.error))).collect();
    names.join("; ")
}

fn heading() -> String {
    format!(
        "{}, {} the feature `ordered-clock`.\nNanoseconds per call of the body, median of the rounds.\n\n",
        machine::description(),
        if cfg!(feature = "ordered-clock") { "with" } else { "without" },
    )
}

fn cells(rows: &[Row]) -> Vec<Vec<String>> {
    let peer = machine::peer();
    let header = ["", "truth", "raw", "compensated", "error", "bar", &peer, "its error"];
    let row = |row: &Row| {
        let verdict = if row.misses() { " NOT met" } else { "" };
        let their_error = row.peer / row.truth - 1.0;
        vec![
            row.name.clone(),
            time(row.truth),
            time(row.raw),
            time(row.compensated),
            percent(row.error),
            format!("{}{verdict}", percent(row.bar).trim_start_matches('+')),
            time(row.peer),
            if their_error.is_nan() { "-".into() } else { percent(their_error) },
        ]
    };
    std::iter::once(header.map(str::to_owned).to_vec()).chain(rows.iter().map(row)).collect()
}

fn time(nanos: f64) -> String {
    match nanos {
        nanos if nanos.is_nan() => "-".into(),
        nanos if nanos < 1e3 => format!("{nanos:.1}"),
        nanos => format!("{nanos:.0}"),
    }
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent != 0.0 && percent.abs() < 0.001 {
        format!("{percent:+.0e} %")
    } else {
        format!("{percent:+.1} %")
    }
}
