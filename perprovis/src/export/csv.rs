//! Statistics as CSV: one row per function, the same order as [`Report::functions`].
//!
//! The format is that of RFC 4180 (Y. Shafranovich, *Common Format and MIME Type for CSV Files*),
//! with lines that end in a single line feed. The first row names the columns; `_ns` is a time in
//! nanoseconds with up to three decimals, `share` a part of one. A name that a spreadsheet would compute
//! stands behind an apostrophe.

use std::io;
use std::path::Path;

use crate::Error;
use crate::report::{FunctionStats, Report};

use super::{Format, cell};

type Field = fn(&FunctionStats) -> String;

/// The columns: header and content.
const COLUMNS: [(&str, Field); 23] = [
    ("function", |function| cell::text(&function.name).into_owned()),
    ("calls", |function| function.call_count.to_string()),
    ("panicked", |function| function.panicked.to_string()),
    ("total_ns", |function| nanos(function.total_nanos())),
    ("self_ns", |function| nanos(function.self_nanos())),
    ("mean_ns", |function| nanos(function.avg_nanos())),
    ("std_dev_ns", |function| nanos(function.std_dev_nanos())),
    ("min_ns", |function| nanos(function.min_nanos())),
    ("p50_ns", |function| nanos(function.percentile_nanos(50.0))),
    ("p90_ns", |function| nanos(function.percentile_nanos(90.0))),
    ("p95_ns", |function| nanos(function.percentile_nanos(95.0))),
    ("p99_ns", |function| nanos(function.percentile_nanos(99.0))),
    ("p99.9_ns", |function| nanos(function.percentile_nanos(99.9))),
    ("max_ns", |function| nanos(function.max_nanos())),
    ("share", |function| format!("{:.6}", function.share())),
    ("busy_ns", |function| nanos(function.rate.nanos(function.statistics.busy))),
    ("idle_ns", |function| nanos(function.rate.nanos(function.statistics.idle))),
    ("polls", |function| function.polls.to_string()),
    ("cancelled", |function| function.cancelled.to_string()),
    ("open_now", |function| function.open.to_string()),
    ("tree_total_ns", |function| nanos(function.rate.nanos(function.tree_time))),
    ("tree_self_ns", |function| nanos(function.rate.nanos(function.tree_self_time))),
    ("logged_calls", |function| function.logged_calls().to_string()),
];

/// Nanoseconds without superfluous zeros.
fn nanos(nanos: f64) -> String {
    let text = format!("{nanos:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl Report {
    /// The statistics of all functions as CSV: a header, then one row per function.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut bytes = Vec::new();
        // Writing to memory does not fail, and what is written is made of strings.
        let _ = self.write_csv(&mut bytes);
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// Writes the statistics of all functions as CSV.
    ///
    /// # Errors
    ///
    /// [`Error::Write`] if the writer fails.
    pub fn write_csv(&self, writer: impl io::Write) -> Result<(), Error> {
        self.write(Format::Csv, writer)
    }

    /// Writes the statistics of all functions to a CSV file. An existing file is replaced in one
    /// step, and stays as it is if anything fails.
    ///
    /// # Errors
    ///
    /// [`Error::WriteFile`] if the file cannot be written.
    pub fn export_to_csv(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.export_as(Format::Csv, path)
    }
}

/// Writes the statistics of `report`.
pub(super) fn write(report: &Report, writer: &mut dyn io::Write) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(writer);
    rows.write_record(COLUMNS.iter().map(|(header, _)| header))?;
    for function in &report.functions {
        rows.write_record(COLUMNS.iter().map(|(_, field)| field(function)))?;
    }
    rows.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{extreme, service};

    #[test]
    fn one_row_per_function_and_a_header() {
        insta::assert_snapshot!("service", service().to_csv());
        assert_eq!(Report::default().to_csv().lines().count(), 1);
    }

    #[test]
    fn hostile_names_come_back() {
        let csv = extreme().to_csv();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let names: Vec<String> =
            reader.records().map(|record| record.unwrap()[0].to_owned()).collect();
        let expected: Vec<String> =
            extreme().functions().iter().map(|function| function.name.clone()).collect();
        let names: Vec<&str> =
            names.iter().map(|name| name.strip_prefix('\'').unwrap_or(name)).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn a_report_is_exported_to_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.csv");
        service().export_to_csv(&path).unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), service().to_csv());
        assert!(service().export_to_csv(directory.path()).is_err());
    }
}
