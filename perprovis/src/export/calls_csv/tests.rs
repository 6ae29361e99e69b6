use super::super::folded::tests::{Full, deep, fails_wherever_the_writer_does, hostile, written};
use super::*;
use crate::report::sample::{Sample, extreme, service};
use crate::{Format, Value};

fn calls(report: &Report) -> String {
    written(report, Format::CallsCsv)
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let row = |row: Result<csv::StringRecord, _>| row.unwrap().iter().map(str::to_owned).collect();
    reader.records().map(row).collect()
}

/// A cell's text without the apostrophe that keeps spreadsheets from computing it.
fn unmarked(cell: &str) -> &str {
    cell.strip_prefix('\'').unwrap_or(cell)
}

#[test]
fn a_row_per_call() {
    let text = calls(&service());
    let some: Vec<&str> = text.lines().step_by(19).collect();
    insta::assert_snapshot!(
        "service",
        text.lines().take(4).chain(some).collect::<Vec<_>>().join("\n")
    );
    insta::assert_snapshot!("extreme", calls(&extreme()));
    assert_eq!(calls(&Report::default()), HEADER.join(",") + "\n");
}

#[test]
fn numbers_are_those_of_the_report() {
    let report = service();
    let rows = rows(&calls(&report));
    assert_eq!(rows.len(), report.calls().len());
    for (row, call) in rows.iter().zip(report.calls()) {
        let nanos = |field: &str| std::time::Duration::from_nanos(field.parse().unwrap());
        assert_eq!((&*row[0], nanos(&row[3])), (&*call.name, call.start_time));
        assert_eq!((nanos(&row[4]), &*row[5]), (call.duration, &*call.panicked.to_string()));
    }
}

#[test]
fn hostile_names_come_back_and_stacks_can_be_split() {
    let report = hostile();
    let rows = rows(&calls(&report));
    for (row, call) in rows.iter().zip(report.calls()) {
        assert_eq!(unmarked(&row[0]), &*call.name);
        let names: Vec<&str> = unmarked(&row[6]).split(';').collect();
        let expected: Vec<_> = call.call_stack.iter().map(|name| frame(name)).collect();
        assert_eq!(names, expected);
    }
    assert!(rows.iter().any(|row| row[2] == "\",\n;"));
}

#[cfg(feature = "json")]
#[test]
fn metadata_is_json() {
    let rows = rows(&calls(&hostile()));
    let attached: Vec<&Vec<String>> = rows.iter().filter(|row| !row[7].is_empty()).collect();
    assert!(attached.len() > 10);
    for row in attached {
        let object: serde_json::Value = serde_json::from_str(&row[7]).unwrap();
        assert_eq!(object["key \"\n"], unmarked(&row[0]));
        assert_eq!(object["b"], "NaN");
    }
}

#[test]
fn a_key_given_twice_counts_once_with_its_last_value() {
    let mut sample = Sample::new(0);
    sample.call(1, &["a"], 0, 1);
    sample.attach(&[("a", 1.into()), ("b", 2.5.into()), ("a", true.into())]);
    assert_eq!(rows(&calls(&sample.report()))[0][7], r#"{"b":2.5,"a":true}"#);
    // The same among many.
    let key = |key: u64| &*(key % 60).to_string().leak();
    let pairs: Vec<(&str, Value)> = (0..100).map(|at| (key(at), at.into())).collect();
    let mut sample = Sample::new(0);
    sample.call(1, &["a"], 0, 1);
    sample.attach(&pairs);
    let object = rows(&calls(&sample.report()))[0][7].clone();
    assert!(
        object.starts_with(r#"{"40":40,"41":41,"#) && object.ends_with(r#","39":99}"#),
        "{object}"
    );
}

#[test]
fn a_failing_writer_is_an_error() {
    fails_wherever_the_writer_does(&service(), Format::CallsCsv);
    assert!(write(&deep(), &mut Full(10_000)).is_err(), "without a buffer of ours");
}
