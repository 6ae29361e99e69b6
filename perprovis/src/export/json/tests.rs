//! There and back, and what is refused.

use proptest::prelude::*;

use super::*;
use crate::report::sample::{Sample, extreme, service};
use crate::report::tests::{any_report, ask_everything};

fn error(json: &str) -> String {
    Report::from_json(json).unwrap_err().to_string()
}

/// The JSON of a small report with one text replaced.
pub(super) fn with(from: &str, to: &str) -> String {
    let mut sample = Sample::new(0);
    sample.call(1, &["a"], 0, 9);
    sample.call(1, &["a", "b"], 1, 3);
    let json = sample.report().to_json();
    assert!(json.contains(from), "{from} is not in {json}");
    json.replacen(from, to, 1)
}

#[test]
fn reports_come_back_as_they_were() {
    for report in [Report::default(), service(), service().compensated()] {
        let json = report.to_json();
        let back = Report::from_json(&json).unwrap();
        assert_eq!(back, report);
        assert_eq!(back.to_json(), json);
        assert_eq!(back.to_string(), report.to_string());
    }
}

#[test]
fn files_of_version_1_are_read() {
    let json = include_str!("golden/version-1.json");
    let back = Report::from_json(json).unwrap();
    assert_eq!(back, service());
    assert_eq!(back.to_json(), service().to_json());
}

#[test]
fn merged_reports_come_back_with_their_sources() {
    let both = Report::merge([("run 1", service()), ("run \"2\"", service().compensated())]);
    let json = both.to_json();
    let back = Report::from_json(&json).unwrap();
    assert_eq!(back, both);
    assert_eq!(back.sources().len(), 2);
    let swapped = json.replacen("\"last_thread\":3", "\"last_thread\":9", 1);
    assert!(error(&swapped).contains("`sources[1].last_thread`"));
}

#[test]
fn extremes_and_every_type_of_value_come_back() {
    let report = extreme();
    let json = report.to_json();
    let back = Report::from_json(&json).unwrap();
    assert_eq!(back.to_json(), json);
    // A NaN equals nothing, not even itself: compare the words.
    assert_eq!(format!("{back:?}"), format!("{report:?}"));
}

#[test]
fn the_writer_and_the_string_agree() {
    let mut written = Vec::new();
    service().write_json(&mut written).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), service().to_json());
    insta::assert_snapshot!("small", with("\"a\"", "\"a\""));
}

#[test]
fn a_failing_writer_is_reported() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    assert!(matches!(service().write_json(Full), Err(Error::Write { .. })));
    assert!(matches!(service().write_csv(Full), Err(Error::Write { .. })));
    assert!(matches!(service().write_text(Full, Default::default()), Err(Error::Write { .. })));
}

#[test]
fn contradictions_are_named_with_their_place() {
    for (from, to, expected) in [
        ("\"min\":9", "\"min\":10", "functions[0].min"),
        ("\"count\":1", "\"count\":2", "functions[0].histogram"),
        ("[[9,1]]", "[[9000,1]]", "functions[0].histogram[0]"),
        ("\"panicked\":0", "\"panicked\":2", "functions[0].panicked"),
        ("\"sum\":9", "\"sum\":11", "functions[0].sum"),
        ("\"total\":9,", "\"total\":10,", "functions[0].total"),
        ("\"squares\":\"81\"", "\"squares\":\"-1\"", "functions[0].squares"),
        ("\"name\":\"b\"", "\"name\":\"a\"", "functions[1].name"),
        ("[null,0]", "[0,0]", "paths[0]"),
        ("[null,0]", "[1,0]", "paths[0]"),
        ("[0,1]]", "[0,1],[0,1]]", "paths[2]"),
        ("[0,1]]", "[0,9]]", "paths[1]"),
        ("\"nodes\":[[0", "\"nodes\":[[7", "threads[0].nodes[0]"),
        ("\"open\":[]", "\"open\":[[1,5,0]]", "open[0]"),
        ("\"calls\":[[1,0,0", "\"calls\":[[1,7,0", "calls[0]"),
        ("\"calls\":[[1,0,0", "\"calls\":[[1,0,1", "calls[0]"),
        ("\"slowest\":[[1,0", "\"slowest\":[[1,1", "functions[0].slowest[0]"),
        ("\"nanos_per_tick\":1.0", "\"nanos_per_tick\":-1.0", "clock.nanos_per_tick"),
        ("\"inside_nanos\":0.0", "\"inside_nanos\":-0.5", "overhead.inside_nanos"),
    ] {
        let message = error(&with(from, to));
        assert!(message.contains(&format!("`{expected}`")), "{to}: {message}");
    }
}

#[test]
fn what_is_no_report_is_told_apart() {
    assert!(matches!(Report::from_json("{}"), Err(Error::Foreign { found: None })));
    let foreign = "{\"format\":\"speedscope\",\"version\":1}";
    assert!(error(foreign).contains("speedscope"));
    let newer = "{\"format\":\"perprovis-report\",\"version\":3,\"functions\":7}";
    assert!(matches!(Report::from_json(newer), Err(Error::Version { found: 3, supported: 2 })));
    assert!(error(&with("\"version\":2", "\"version\":0")).contains("`version`"));
    let json = service().to_json();
    for length in (0..json.len()).step_by(97).filter(|&length| json.is_char_boundary(length)) {
        let message = error(&json[..length]);
        assert!(message.contains("line 1 column"), "{length}: {message}");
    }
    for text in [
        "".to_owned(),
        "[".repeat(1_000_000),
        "{\"calls\":".repeat(100_000),
        with("\"count\":1", "\"count\":1e999"),
        with("\"count\":1", "\"count\":99999999999999999999999"),
        with("\"count\":1", "\"count\":-1"),
        with("\"nanos_per_tick\":1.0", "\"nanos_per_tick\":NaN"),
        with("[1,0,0,0,9,0]", "[1,0,0,0,9,2]"),
    ] {
        assert!(matches!(Report::from_json(&text), Err(Error::Syntax { .. })), "{text:.60}");
    }
}

#[test]
fn stacks_that_would_fill_the_memory_are_refused() {
    let paths: Vec<String> = (0..30_000)
        .map(|i: u32| format!("[{},0]", i.checked_sub(1).map_or("null".into(), |p| p.to_string())))
        .collect();
    let calls: Vec<String> = (0..30_000).map(|i| format!("[1,0,{i},0,0,0]")).collect();
    let json = with("\"paths\":[[null,0],[0,1]]", &format!("\"paths\":[{}]", paths.join(",")));
    let at = json.find("\"calls\":").unwrap();
    let json = format!("{}\"calls\":[{}]}}", &json[..at], calls.join(","));
    let json = json.replace("\"slowest\":[[1,1,1,1,3,0]]", "\"slowest\":[]");
    assert!(error(&json).contains("too deep"), "{}", error(&json));
}

#[test]
fn members_of_later_minor_changes_are_ignored() {
    let json = with("\"version\":2", "\"version\":2,\"new\":{\"deep\":[1]}");
    assert!(Report::from_json(&json).is_ok());
}

proptest! {
    #[test]
    fn any_report_comes_back(report in any_report()) {
        let json = report.to_json();
        prop_assert_eq!(&Report::from_json(&json).unwrap(), &report);
        let compensated = report.compensated();
        prop_assert_eq!(&Report::from_json(&compensated.to_json()).unwrap(), &compensated);
    }

    #[test]
    fn mutated_files_never_panic(
        report in any_report(),
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0usize..4,
             prop::sample::select(&["", "0", "1", "9", "-", "null", "18446744073709551615", "[", "]",
                 ",", "\"", "{", "}", "1e300", "true", "0.5"][..])),
            1..6,
        ),
    ) {
        let mut bytes = report.to_json().into_bytes();
        for (at, cut, text) in edits {
            let at = at.index(bytes.len());
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, text.bytes());
        }
        if let Ok(report) = Report::from_json(&String::from_utf8_lossy(&bytes)) {
            ask_everything(&report);
        }
    }

    #[test]
    fn mutated_numbers_never_panic(
        report in any_report(),
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(),
             prop::sample::select(&["0", "1", "7", "4294967295", "18446744073709551615"][..])),
            1..4,
        ),
    ) {
        let mut json = report.to_json();
        for (at, number) in edits {
            let starts: Vec<usize> = json
                .char_indices()
                .filter(|&(at, c)| c.is_ascii_digit() && matches!(json.as_bytes()[at - 1], b':' | b'[' | b','))
                .map(|(at, _)| at)
                .collect();
            let start = starts[at.index(starts.len())];
            let length = json[start..].find(|c: char| !c.is_ascii_digit()).unwrap();
            json.replace_range(start..start + length, number);
        }
        if let Ok(report) = Report::from_json(&json) {
            ask_everything(&report);
        }
    }
}
