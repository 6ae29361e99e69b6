//! Read back as plain JSON, the way the profiler does.

use std::collections::HashMap;
use std::io::Read;

use flate2::read::GzDecoder;
use perprovis_core::metadata::Value as Metadata;
use perprovis_core::snapshot::Node;
use proptest::prelude::*;

use super::*;
use crate::Format;
use crate::report::sample::{Sample, extreme, service};
use crate::report::tests::any_report;

fn bytes(report: &Report) -> Vec<u8> {
    let mut bytes = Vec::new();
    report.write(Format::Firefox, &mut bytes).unwrap();
    bytes
}

fn read(report: &Report) -> Value {
    let mut text = String::new();
    GzDecoder::new(&*bytes(report)).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn index(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn threads(profile: &Value) -> &[Value] {
    array(&profile["threads"])
}

fn string<'v>(thread: &'v Value, at: &Value) -> &'v str {
    thread["stringArray"][index(at)].as_str().unwrap()
}

/// The names of a stack, the outermost first.
fn stack<'v>(thread: &'v Value, at: &Value) -> Vec<&'v str> {
    let mut names = Vec::new();
    let mut next = at.clone();
    while !next.is_null() {
        let frame = index(&thread["stackTable"]["frame"][index(&next)]);
        let function = index(&thread["frameTable"]["func"][frame]);
        names.push(string(thread, &thread["funcTable"]["name"][function]));
        next = thread["stackTable"]["prefix"][index(&next)].clone();
    }
    names.reverse();
    names
}

/// What each stack of a thread weighs, in milliseconds.
fn weights(thread: &Value) -> HashMap<Vec<&str>, f64> {
    let samples = &thread["samples"];
    let mut weights = HashMap::new();
    for (at, weight) in array(&samples["stack"]).iter().zip(array(&samples["weight"])) {
        let weight = weight.as_f64().unwrap();
        assert!(weight >= 0.0 && weight.is_finite());
        assert!(!at.is_null() || weight == 0.0);
        *weights.entry(stack(thread, at)).or_default() += weight;
    }
    weights
}

/// What the stack chart shows: from when to when which stack ran, in milliseconds.
fn chart(thread: &Value) -> Vec<(f64, f64, Vec<&str>)> {
    let samples = &thread["samples"];
    let mut now = 0.0;
    let mut moments = Vec::new();
    for delta in array(&samples["timeDeltas"]) {
        now += delta.as_f64().unwrap();
        moments.push(now);
    }
    let mut shown: Vec<(f64, f64, Vec<&str>)> = Vec::new();
    let stacks = array(&samples["stack"]).iter().map(|at| stack(thread, at));
    for (stack, times) in stacks.zip(moments.windows(2)) {
        match shown.last_mut() {
            Some(last) if last.2 == stack => last.1 = times[1],
            _ if stack.is_empty() || times[0] == times[1] => {}
            _ => shown.push((times[0], times[1], stack)),
        }
    }
    shown
}

/// To the nanosecond that durations are rounded to, and to the precision of a double.
fn is_close(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-6 + 1e-9 * left.abs().max(right.abs())
}

/// What every file must hold.
fn check(report: &Report) -> Value {
    let profile = read(report);
    let mut by_stack: HashMap<Vec<&str>, f64> = HashMap::new();
    for thread in threads(&profile) {
        for table in ["samples", "markers", "stackTable", "frameTable", "funcTable"] {
            let length = index(&thread[table]["length"]);
            let columns = thread[table].as_object().unwrap().values().filter_map(Value::as_array);
            columns.for_each(|column| assert_eq!(column.len(), length, "{table}"));
        }
        let deltas = array(&thread["samples"]["timeDeltas"]);
        assert!(deltas.iter().all(|delta| delta.as_f64().unwrap() >= 0.0));
        for name in array(&thread["markers"]["name"]) {
            let _there_is_one = string(thread, name);
        }
        for (stack, weight) in weights(thread) {
            *by_stack.entry(stack).or_default() += weight;
        }
    }
    let whole = report.tree.whole();
    if whole == Ticks(u64::MAX) {
        return profile; // too large to be added up
    }
    let sum: f64 = by_stack.values().sum();
    let nanos = report.clock.rate.nanos(whole);
    assert!(is_close(sum, nanos / 1e6), "{sum} of {nanos}");
    let mut expected: HashMap<Vec<&str>, f64> = HashMap::new();
    let mut above: Vec<&str> = Vec::new();
    for node in report.tree.iter() {
        above.truncate(node.depth());
        above.push(node.name());
        *expected.entry(above.clone()).or_default() += node.self_time().as_secs_f64() * 1e3;
    }
    for (stack, weight) in expected {
        let found = by_stack.get(&stack).copied().unwrap_or(0.0);
        assert!(is_close(found, weight), "{stack:?}: {found} of {weight}");
    }
    profile
}

/// A caller with two callees, one of them deeper, on one thread.
fn nested() -> Sample {
    let mut sample = Sample::new(0);
    sample.call(1, &["m::a"], 1_000_000, 5_000_000);
    sample.call(1, &["m::a", "m::b"], 2_000_000, 1_000_000);
    sample.call(1, &["m::a", "m::b", "n::c"], 2_000_000, 500_000);
    sample.call(1, &["m::a", "n::c"], 5_000_000, 1_000_000);
    sample.call(1, &["m::a"], 7_000_000, 1_000_000);
    sample.name_thread(1, "main");
    sample
}

#[test]
fn the_stack_chart_is_what_happened() {
    let profile = check(&nested().report());
    assert_eq!(
        chart(&threads(&profile)[0]),
        [
            (1.0, 2.0, vec!["m::a"]),
            (2.0, 2.5, vec!["m::a", "m::b", "n::c"]),
            (2.5, 3.0, vec!["m::a", "m::b"]),
            (3.0, 5.0, vec!["m::a"]),
            (5.0, 6.0, vec!["m::a", "n::c"]),
            (7.0, 8.0, vec!["m::a"]),
        ]
    );
}

#[test]
fn the_shape_of_a_file() {
    let mut sample = nested();
    sample.attach(&[("user_id", Metadata::from(7)), ("type", Metadata::from("new"))]);
    let statistics = sample.call(2, &["m::fetch"], 1_500_000, 4_000_000);
    (statistics.polls, statistics.busy) = (2, Ticks(300_000));
    sample.open(1, &["m::main"], 0);
    let mut snapshot = sample.finish();
    snapshot.threads[1].nodes[0].self_time = Ticks(300_000);
    snapshot.dropped.log_calls = 3;
    let mut profile = check(&Report::from_snapshot(snapshot));
    profile.sort_all_objects();
    insta::assert_snapshot!("small", serde_json::to_string_pretty(&profile).unwrap());
}

#[test]
fn what_the_log_has_not_weighs_at_the_start_and_lasts_no_time() {
    let mut snapshot = nested().finish();
    snapshot.calls.drain(..4);
    let profile = check(&Report::from_snapshot(snapshot));
    let thread = &threads(&profile)[0];
    assert_eq!(chart(thread), [(7.0, 8.0, vec!["m::a"])]);
    assert!(is_close(weights(thread)[&vec!["m::a"]], 4.0), "3 of them at the start");
}

#[test]
fn async_calls_overlap_as_markers_and_weigh_their_busy_time() {
    let mut sample = Sample::new(0);
    for start in [0, 10, 20] {
        let statistics = sample.call(1, &["fetch"], start, 1000);
        statistics.polls += 2;
        statistics.busy += Ticks(100);
    }
    let mut snapshot = sample.finish();
    snapshot.threads[0].nodes[0].self_time = Ticks(300);
    let profile = check(&Report::from_snapshot(snapshot));
    let thread = &threads(&profile)[0];
    assert!(chart(thread).is_empty());
    assert_eq!(thread["markers"]["phase"], serde_json::json!([1, 1, 1]));
    assert_eq!(thread["markers"]["startTime"], serde_json::json!([0.0, 0.00001, 0.00002]));
    assert_eq!(thread["markers"]["endTime"], serde_json::json!([0.001, 0.00101, 0.00102]));
}

#[test]
fn truncated_calls_are_where_the_tree_has_them() {
    let mut sample = Sample::new(0);
    sample.call(1, &["a"], 0, 10_000_000);
    sample.call(1, &["deep"], 2_000_000, 3_000_000);
    let mut snapshot = sample.finish();
    snapshot.calls[1].path = None;
    snapshot.threads[0].nodes.truncate(1);
    let node = &mut snapshot.threads[0].nodes[0];
    (node.self_time, node.truncated_time) = (Ticks(7_000_000), Ticks(3_000_000));
    node.truncated_calls = 1;
    let profile = check(&Report::from_snapshot(snapshot));
    let shown = chart(&threads(&profile)[0]);
    assert_eq!(shown[1], (2.0, 5.0, vec!["a", "[truncated]"]));
    assert_eq!(shown.len(), 3);
}

#[test]
fn fields_have_the_type_that_fits_all_values() {
    let mut sample = Sample::new(0);
    for (index, mixed) in [Metadata::from(1), Metadata::from(0.5)].into_iter().enumerate() {
        sample.call(1, &["f"], index as u64, 1);
        let large = Metadata::from(u64::MAX - index as u64);
        sample.attach(&[
            ("number", Metadata::from(index as u64)),
            ("mixed", mixed),
            ("large", large),
            ("type", Metadata::from("t")),
            ("type_", Metadata::from("u")),
            ("{odd}", Metadata::from(true)),
            ("number", Metadata::from(9)),
        ]);
        sample.last_call().panicked = index == 1;
    }
    let profile = check(&sample.report());
    let schema = &array(&profile["meta"]["markerSchema"])[0];
    let fields = array(&schema["fields"])
        .iter()
        .map(|field| ["key", "label", "format"].map(|name| field[name].as_str().unwrap()));
    assert_eq!(
        fields.collect::<Vec<_>>(),
        [
            ["number", "number", "integer"],
            ["mixed", "mixed", "decimal"],
            ["large", "large", "sanitized-string"],
            ["type_", "type", "sanitized-string"],
            ["type__", "type_", "sanitized-string"],
            ["{odd}", "{odd}", "sanitized-string"],
            ["panicked", "panicked", "sanitized-string"],
        ]
    );
    assert!(!schema["tableLabel"].as_str().unwrap().contains("odd"), "no syntax");
    assert_eq!(
        threads(&profile)[0]["markers"]["data"][1],
        serde_json::json!({
            "type": "call:f", "mixed": 0.5, "large": "18446744073709551614", "type_": "t",
            "type__": "u", "{odd}": "true", "number": 9, "panicked": "yes",
        })
    );
}

#[test]
fn an_empty_report_says_so() {
    let profile = check(&Report::default());
    let thread = &threads(&profile)[0];
    assert_eq!(string(thread, &thread["markers"]["name"][0]), "Nothing was recorded");
}

#[test]
fn numbers_and_names_out_of_all_bounds_are_kept_in_them() {
    let profile = check(&extreme());
    assert_eq!(threads(&profile)[1]["tid"], "18446744073709551615");
    assert_eq!(threads(&profile)[1]["name"], "evil\n\x1b[2J");
    check(&extreme().compensated());
}

#[test]
fn threads_keep_their_order_and_those_merged_are_one() {
    let mut sample = Sample::new(0);
    for (thread, name) in [(1, "z"), (2, "a"), (3, "m")] {
        sample.call(thread, &["f"], 0, 10);
        sample.name_thread(thread, name);
    }
    let mut snapshot = sample.finish();
    snapshot.exited = vec![Node { path: 0, calls: 2, self_time: Ticks(5), ..Node::default() }];
    snapshot.exited_threads = 2;
    let profile = check(&Report::from_snapshot(snapshot));
    let names = threads(&profile).iter().map(|thread| thread["name"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["z", "a", "m", "[exited threads]"]);
}

#[test]
fn a_service_is_whole() {
    let report = service();
    let profile = check(&report);
    assert_eq!(bytes(&report), bytes(&report));
    check(&report.compensated());
    let names = array(&profile["meta"]["categories"]).iter().map(|category| &category["name"]);
    let expected = ["Other", "shop::db::", "shop::Tree::", "shop::", "shop::Server<_>::"];
    assert_eq!(names.take(5).collect::<Vec<_>>(), expected);
}

/// Takes so many bytes and then fails.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_fails_anywhere_is_an_error() {
    let report = service();
    let whole = bytes(&report).len();
    for room in (0..whole).step_by(101) {
        assert!(write(&report, &mut Full(room)).is_err(), "{room} of {whole}");
    }
    assert!(write(&report, &mut Full(whole)).is_ok());
}

proptest! {
    #[test]
    fn the_weights_of_any_report_add_up(report in any_report()) {
        check(&report);
        check(&report.compensated());
    }
}
