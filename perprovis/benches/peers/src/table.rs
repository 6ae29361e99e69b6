//! The contest as a table, for a terminal and for a README.

use std::fmt::Write as _;

use crate::{
    contest::{Contest, Row},
    machine,
    workload::Workload,
};

/// Columns that line up.
pub(crate) fn text(contest: &Contest) -> String {
    let cells = cells(contest);
    let widths: Vec<usize> = (0..cells[0].len())
        .map(|column| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
        .collect();
    let mut out = heading(contest);
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

/// A table to be pasted.
pub(crate) fn markdown(contest: &Contest) -> String {
    let mut out = heading(contest);
    for (index, row) in cells(contest).iter().enumerate() {
        let _ = writeln!(out, "| {} |", row.join(" | "));
        if index == 0 {
            let _ = writeln!(out, "| ---{} |", " | ---:".repeat(row.len() - 1));
        }
    }
    out
}

fn heading(contest: &Contest) -> String {
    format!(
        "{}.\nNanoseconds per call, {}, best of {}; in brackets the ratio to the floor.\n\n",
        machine::description(),
        contest.rules.clock,
        contest.rules.rounds,
    )
}

/// The table's header and rows, cheapest leaf first.
fn cells(contest: &Contest) -> Vec<Vec<String>> {
    let mut rows: Vec<&Row> = contest.rows.iter().collect();
    rows.sort_by(|a, b| a.cells[0].ns_per_call.total_cmp(&b.cells[0].ns_per_call));

    let mut header = vec![String::new()];
    header.extend(Workload::ALL.map(|workload| workload.to_string()));
    header.push("recorded".into());
    let rows = rows.into_iter().map(|row| row_cells(row, contest.floor()));
    std::iter::once(header).chain(rows).collect()
}

fn row_cells(row: &Row, floor: Option<&Row>) -> Vec<String> {
    let mut cells = vec![row.peer.name()];
    for (column, cell) in row.cells.iter().enumerate() {
        let ns = cell.ns_per_call;
        cells.push(match floor {
            Some(floor) => format!("{ns:.1} ({:.2})", ns / floor.cells[column].ns_per_call),
            None => format!("{ns:.1}"),
        });
    }
    cells.push(match row.recorded_share {
        None => "-".into(),
        Some(1.0) => "all".into(),
        Some(share) => format!("{:.4} %", share * 100.0),
    });
    cells
}
