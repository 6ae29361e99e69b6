//! What the file says, read back.

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

fn document(report: &Report) -> Value {
    serde_json::from_str(&text(report)).unwrap()
}

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

/// The events of a profile: `name` opens and `/name` closes, each with its moment.
fn story(document: &Value, profile: usize) -> Vec<String> {
    let name = |frame: &Value| {
        document["shared"]["frames"][frame.as_u64().unwrap() as usize]["name"].as_str().unwrap()
    };
    let line = |event: &Value| {
        let slash = if event["type"] == "C" { "/" } else { "" };
        format!("{slash}{} {}", name(&event["frame"]), event["at"])
    };
    array(&document["profiles"][profile]["events"]).iter().map(line).collect()
}

#[test]
fn the_shape() {
    let mut sample = Sample::new(1_000);
    sample.name_thread(1, "main");
    sample.call(1, &["main", "load"], 1_100, 300);
    sample.call(1, &["main", "load", "parse"], 1_150, 200);
    sample.call(2, &["work"], 1_200, 50);
    sample.snapshot.clock.now = Ticks(2_000);
    sample.open(1, &["main"], 1_000);
    sample.snapshot.dropped.log_calls = 3;
    let text = text(&sample.report());
    insta::assert_snapshot!("small", text.replace("{\"type\"", "\n{\"type\""));
    insta::assert_snapshot!("empty", super::tests::text(&Report::default()));
}

#[test]
fn weights_are_self_times_to_the_nanosecond() {
    let report = service();
    let document = document(&report);
    let profile = &document["profiles"][0];
    let weights = array(&profile["weights"]);
    let sum: u64 = weights.iter().map(|weight| weight.as_u64().unwrap()).sum();
    assert_eq!(u128::from(sum), report.call_tree().total_time().as_nanos());
    assert_eq!(profile["endValue"], sum);
    for (sample, weight) in array(&profile["samples"]).iter().zip(weights) {
        let name = |frame: &Value| &report.functions[frame.as_u64().unwrap() as usize].name;
        let path: Vec<&str> = array(sample).iter().map(|frame| name(frame).as_str()).collect();
        let node = report.call_tree().find(&path).unwrap();
        assert_eq!(node.self_time().as_nanos(), weight.as_u64().unwrap().into());
    }
}

#[test]
fn what_an_async_function_called_stands_under_it() {
    let mut sample = Sample::new(0);
    sample.call(1, &["main"], 0, 100);
    for start in [5, 6] {
        sample.call(1, &["main", "task"], start, 80).polls += 2;
    }
    sample.call(1, &["main", "task", "step"], 10, 5);
    sample.call(1, &["main", "task", "step", "leaf"], 12, 2);
    sample.call(1, &["main", "task", "step"], 20, 5);
    let document = document(&sample.report());
    let expected = "main 0,task 10,step 10,leaf 12,/leaf 14,/step 15,/task 15,\
                    task 20,step 20,/step 25,/task 25,/main 100";
    assert_eq!(story(&document, 1).join(","), expected);
    assert_eq!(document["profiles"][1]["name"], "thread 1 (without 2 async calls)");
}

#[test]
fn what_overlaps_is_left_out_and_counted() {
    let mut sample = Sample::new(0);
    sample.call(1, &["a"], 0, 50);
    sample.call(1, &["a", "late"], 10, 90);
    sample.call(1, &["a", "late", "b"], 20, 10);
    sample.call(1, &["cut"], 60, 10);
    sample.last_call().path = None;
    let document = document(&sample.report());
    let expected =
        "a 0,late 20,b 20,/b 30,/late 30,/a 50,[truncated] 60,cut 60,/cut 70,/[truncated] 70";
    assert_eq!(story(&document, 1).join(","), expected);
    assert_eq!(document["profiles"][1]["name"], "thread 1 (without 1 overlapping calls)");
}

#[test]
fn open_scopes_end_with_the_report_and_after_what_is_in_them() {
    let mut sample = Sample::new(0);
    sample.call(1, &["main", "f"], 10, 50);
    sample.open(1, &["main"], 5);
    sample.snapshot.clock.now = Ticks(40);
    let document = document(&sample.report());
    assert_eq!(story(&document, 1), ["main 5", "f 10", "/f 60", "/main 60"]);
    assert_eq!(document["profiles"][1]["endValue"], 60);
}

#[test]
fn hostile_names_come_back() {
    let report = extreme();
    let document = document(&report);
    let frames = array(&document["shared"]["frames"]);
    for (function, frame) in report.functions.iter().zip(frames) {
        assert_eq!(frame["name"], function.name);
    }
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

/// The rules of the format, and the law of weights.
fn check(report: &Report) -> Result<(), TestCaseError> {
    let document = document(report);
    let frames = array(&document["shared"]["frames"]).len() as u64;
    let aggregated = &document["profiles"][0];
    let (samples, weights) = (array(&aggregated["samples"]), array(&aggregated["weights"]));
    prop_assert_eq!(samples.len(), weights.len());
    prop_assert!(samples.iter().flat_map(array).all(|frame| frame.as_u64().unwrap() < frames));
    let whole = report.call_tree().total_time().as_nanos();
    if whole < 1 << 64 {
        let sum: u128 = weights.iter().map(|weight| u128::from(weight.as_u64().unwrap())).sum();
        prop_assert_eq!(sum, whole);
    } else {
        // serde_json reads larger numbers as doubles.
        let sum: f64 = weights.iter().map(|weight| weight.as_f64().unwrap()).sum();
        prop_assert!((sum / whole as f64 - 1.0).abs() < 1e-9);
    }
    for profile in &array(&document["profiles"])[1..] {
        let mut open = Vec::new();
        let mut last = 0.0;
        for event in array(&profile["events"]) {
            let at = event["at"].as_f64().unwrap();
            prop_assert!(at >= last);
            last = at;
            let frame = event["frame"].as_u64().unwrap();
            prop_assert!(frame < frames);
            if event["type"] == "O" {
                open.push(frame);
            } else {
                prop_assert_eq!(open.pop(), Some(frame));
            }
        }
        prop_assert!(open.is_empty());
        prop_assert!(last <= profile["endValue"].as_f64().unwrap());
    }
    Ok(())
}

#[test]
fn rounding_is_not_lost_where_a_tick_is_no_nanosecond() {
    let mut sample = Sample::new(0);
    for index in 0..1_000u64 {
        let name = format!("f{index}");
        sample.call(1, &[&name], index * 10, 1);
    }
    sample.snapshot.clock.rate = TickRate::new(0.4).unwrap();
    let report = sample.report();
    assert_eq!(report.call_tree().total_time().as_nanos(), 400);
    check(&report).unwrap();
}

proptest! {
    #[test]
    fn any_report_keeps_the_rules(report in any_report()) {
        check(&report)?;
        check(&report.compensated())?;
    }
}
