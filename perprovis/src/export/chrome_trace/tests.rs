//! What the file says, read back.

use std::collections::HashMap;

use perprovis_core::metadata::Value as Given;
use perprovis_core::snapshot::Dropped;
use perprovis_core::units::{TickRate, Ticks};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::report::sample::{Sample, extreme, service};
use crate::report::tests::any_report;

fn text(report: &Report) -> String {
    let mut bytes = Vec::new();
    write(report, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn all_events(report: &Report) -> Vec<Value> {
    let mut document: Value = serde_json::from_str(&text(report)).unwrap();
    let Value::Array(events) = document["traceEvents"].take() else { panic!("no array") };
    events
}

/// The events that are neither names nor the moment of the report.
fn events(report: &Report) -> Vec<Value> {
    let mut events = all_events(report);
    events.retain(|event| event["ph"] != "M" && event["ph"] != "i");
    events
}

fn nanos_of(micros: &Value) -> u64 {
    (micros.as_f64().unwrap() * 1e3).round() as u64
}

/// One of everything.
fn all() -> Report {
    let mut sample = Sample::new(1_000);
    sample.name_thread(1, "main");
    sample.call(1, &["app::main", "app::load"], 3_001, 2_345_678);
    sample.call(1, &["app::main", "app::load", "app::parse"], 3_001, 1_000_000);
    sample.attach(&[("path", Given::from("C:\\a\\")), ("line", Given::from(7))]);
    sample.call(1, &["app::main", "app::fail"], 2_400_000, 10);
    sample.last_call().panicked = true;
    let poll = ["app::fetch"];
    for (thread, start) in [(1, 2_500_000), (2, 2_600_000)] {
        sample.call(thread, &poll, start, 900_000).polls += 2;
        sample.attach(&[("user", Given::from(start))]);
        sample.call(thread, &["app::fetch", "app::decode"], start + 10, 20);
    }
    sample.call(2, &["app::outer"], 4_000_000, 1_000);
    sample.call(2, &["app::outer", "app::late"], 4_000_500, 2_000);
    sample.call(2, &["app::deep"], 5_000_000, 999);
    sample.last_call().path = None;
    sample.snapshot.clock.now = Ticks(6_001_000);
    sample.open(1, &["app::main"], 1_000);
    sample.open(2, &poll, 5_500_000);
    sample.snapshot.dropped = Dropped { log_calls: 3, ..Dropped::default() };
    sample.report()
}

#[test]
fn the_shape() {
    insta::assert_snapshot!("all", text(&all()).replace("{\"ph\"", "\n{\"ph\""));
    insta::assert_snapshot!("empty", text(&Report::default()));
}

#[test]
fn times_are_exact_to_the_nanosecond() {
    let mut sample = Sample::new(0);
    let starts = [0, 1, 999, 1_001, 1_003, 123_456_789, 1 << 40, (1 << 50) + 1, (1 << 52) + 3];
    for start in starts {
        sample.call(1, &["f"], start, 1);
    }
    let report = sample.report();
    let found: Vec<u64> = events(&report).iter().map(|event| nanos_of(&event["ts"])).collect();
    assert_eq!(found, starts);
    let text = text(&report);
    assert!(text.contains("\"ts\":123456.789,\"dur\":0.001}"), "{text}");
}

/// Perfetto sorts complete events before unfinished ones of the same moment, and counted a
/// `misplaced_end_event` for the scope that then lay inside of the call.
#[test]
fn a_call_that_begins_with_an_open_scope_begins_inside_of_it() {
    let mut sample = Sample::new(0);
    sample.call(1, &["main", "f"], 5, 10);
    sample.call(1, &["main", "f", "g"], 5, 0);
    sample.call(1, &["main", "h"], 15, 10);
    sample.open(1, &["main"], 5);
    let spans: Vec<[u64; 2]> = events(&sample.report())
        .iter()
        .filter(|event| event["ph"] == "X")
        .map(|event| [nanos_of(&event["ts"]), nanos_of(&event["dur"])])
        .collect();
    assert_eq!(spans, [[6, 9], [6, 0], [15, 10]]);
}

/// Perfetto drew them to the last event that began, and failed on a file of a single one.
#[test]
fn open_scopes_last_to_the_moment_of_the_report() {
    let mut sample = Sample::new(0);
    sample.call(1, &["main", "f"], 5, 10);
    let moments = |report: Report| -> Vec<u64> {
        let events = all_events(&report);
        let instants = events.iter().filter(|event| event["ph"] == "i");
        instants.map(|event| nanos_of(&event["ts"])).collect()
    };
    sample.snapshot.clock.now = Ticks(700);
    sample.open(1, &["main"], 5);
    assert_eq!(moments(sample.report()), [700]);
    assert_eq!(moments(Report::default()), [0; 0], "nothing is open");
}

#[test]
fn what_is_open_in_a_shorter_run_of_a_merged_report_ends_with_that_run() {
    let run = |end: u64| {
        let mut sample = Sample::new(0);
        sample.snapshot.clock.now = Ticks(end);
        sample.open(1, &["main"], 5);
        sample.open(1, &["main", "serve"], 20);
        sample.report()
    };
    let merged = Report::merge([("short.json", run(1_000)), ("long.json", run(9_000))]);
    let events = all_events(&merged);
    let of = |ph: &str, tid: u64| -> Vec<u64> {
        let are = |event: &&Value| event["ph"] == ph && event["tid"] == tid;
        events.iter().filter(are).map(|event| nanos_of(&event["ts"])).collect()
    };
    assert_eq!([of("B", 1), of("E", 1)], [vec![5, 20], vec![1_000, 1_000]]);
    assert_eq!([of("B", 2), of("E", 2)], [vec![5, 20], vec![]], "open to the end of the file");
    let ends: Vec<&Value> = events.iter().filter(|event| event["ph"] == "E").collect();
    assert_eq!(ends.iter().map(|end| &end["name"]).collect::<Vec<_>>(), ["serve", "main"]);
    assert!(ends.iter().all(|end| end["args"]["open"] == true));
}

#[test]
fn rounding_keeps_neighbours_apart() {
    let mut sample = Sample::new(0);
    for start in 0..1_000 {
        sample.call(1, &["f"], start * 3, 3);
        sample.call(1, &["f", "g"], start * 3 + 1, 2);
    }
    sample.snapshot.clock.rate = TickRate::new(0.38).unwrap();
    let report = sample.report();
    let events = events(&report);
    let end = |event: &Value| nanos_of(&event["ts"]) + nanos_of(&event["dur"]);
    for pair in events.chunks(2) {
        assert_eq!(end(&pair[0]), end(&pair[1]));
        assert!(nanos_of(&pair[0]["ts"]) <= nanos_of(&pair[1]["ts"]));
    }
    for pair in events.windows(3) {
        assert!(end(&pair[0]) <= nanos_of(&pair[2]["ts"]));
    }
}

#[test]
fn a_key_stands_once_and_is_nobody_elses() {
    let mut sample = Sample::new(0);
    let values = |sample: &mut Sample, pairs: &[(&'static str, Given)]| {
        let start = sample.snapshot.calls.len() as u64 * 10;
        sample.call(1, &["f"], start, 1);
        sample.attach(pairs);
    };
    values(&mut sample, &[("a", Given::from(1)), ("b", Given::from(2)), ("a", Given::from(3))]);
    values(&mut sample, &[("panicked", Given::from("no")), ("a", Given::from(1))]);
    let large = Given::from(u64::MAX);
    values(
        &mut sample,
        &[("nan", Given::Float(f64::NAN)), ("i", Given::from(i64::MIN)), ("u", large)],
    );
    let report = sample.report();
    let text = text(&report);
    for expected in [
        r#""args":{"b":2,"a":3}"#,
        r#""args":{"metadata":{"panicked":"no","a":1}}"#,
        r#""args":{"nan":"NaN","i":"-9223372036854775808","u":"18446744073709551615"}"#,
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}

#[test]
fn hostile_texts_come_back_and_no_string_ends_with_a_backslash() {
    let names =
        ["\\", "a\\\\", "\\\"", "\"\\", "<script>", "\n\t\0\u{202e}", "", "C:\\x", "漢字\\"];
    let mut sample = Sample::new(0);
    for (name, start) in names.iter().zip(0..) {
        sample.call(1, &[name], start * 10, 1);
        sample.attach(&[("text", Given::from(*name))]);
    }
    sample.name_thread(1, "evil\\");
    let report = sample.report();
    let events = events(&report);
    assert_eq!(events.len(), names.len());
    for (event, name) in events.iter().zip(names) {
        assert_eq!((&event["name"], &event["args"]["text"]), (&name.into(), &name.into()));
    }
    let text = text(&report);
    for (at, _) in text.match_indices("\\\\\"") {
        assert_eq!(&text[at..at + 4], "\\\\\"\"", "only a quote inside a string: {}", &text[at..]);
    }
    assert!(text.contains("evil\\u005c"));
}

#[test]
fn what_cannot_be_larger_is_written() {
    let events = events(&extreme());
    assert!(events.iter().all(|event| nanos_of(&event["ts"]) <= 1 << 63));
    let tids: Vec<u64> = events.iter().map(|event| event["tid"].as_u64().unwrap()).collect();
    assert_eq!(tids, [1, MAX_TID]);
}

#[test]
fn a_failing_writer_is_an_error_wherever_it_fails() {
    struct Full(usize);
    impl io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let report = service();
    let length = text(&report).len();
    for room in (0..length).step_by(211).chain([length - 1]) {
        let error = write(&report, &mut Full(room)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "after {room} of {length}");
    }
    assert!(write(&report, &mut Full(length)).is_ok());
}

/// Every call is there, and lanes nest.
fn check(report: &Report) -> Result<(), TestCaseError> {
    let mut ends: HashMap<u64, Vec<u64>> = HashMap::new();
    let mut begun = HashMap::new();
    let mut calls = 0;
    for event in events(report) {
        let start = nanos_of(&event["ts"]);
        let end = match event["ph"].as_str() {
            Some("X") => start + nanos_of(&event["dur"]),
            Some("B") => u64::MAX,
            Some("b") => {
                calls += 1;
                prop_assert!(begun.insert(event["id2"]["local"].as_u64(), start).is_none());
                continue;
            }
            _ => {
                let start_of = begun.get(&event["id2"]["local"].as_u64()).copied();
                prop_assert!(start_of.is_some_and(|begin| begin <= start));
                continue;
            }
        };
        calls += usize::from(event["cat"] != "note");
        let open = ends.entry(event["tid"].as_u64().unwrap()).or_default();
        // Within the precision of a double.
        let slack = start >> 50;
        while open.pop_if(|last| *last <= start + slack).is_some() {}
        prop_assert!(open.last().is_none_or(|last| end <= last.saturating_add(end >> 50)));
        open.push(end);
    }
    prop_assert!(
        (report.log.plain().len()..=report.log.plain().len() + report.open.len()).contains(&calls)
    );
    Ok(())
}

proptest! {
    #[test]
    fn lanes_nest_whatever_was_recorded(report in any_report()) {
        check(&report)?;
        check(&report.compensated())?;
    }
}
