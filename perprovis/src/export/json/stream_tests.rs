//! Reading as a stream gives what reading the whole gives, however the text comes and is written.

use std::io::{Cursor, Read};

use perprovis_core::units::Ticks;
use proptest::prelude::*;
use serde_json::Value as Json;

use super::row;
use super::tests::with;
use super::*;
use crate::Merger;
use crate::report::sample::{Sample, extreme, service};
use crate::report::tests::any_report;

/// Gives so many bytes at a time.
struct Slowly<'t>(&'t [u8], usize);

impl Read for Slowly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(buffer.len()).min(self.0.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

fn read(json: &str, calls: LoggedCalls) -> Result<Report, Error> {
    Report::read_json(json.as_bytes(), calls)
}

fn converted(json: &str, format: Format) -> String {
    let mut written = Vec::new();
    let left_out = Report::convert_json(json.as_bytes(), format, &mut written, 1).unwrap();
    assert_eq!(left_out, 0, "{format}");
    String::from_utf8(written).unwrap()
}

/// The report's members in another order.
fn reordered(json: &str, first: &str) -> String {
    let document: serde_json::Map<String, Json> = serde_json::from_str(json).unwrap();
    let (mut before, after): (Vec<_>, Vec<_>) =
        document.iter().partition(|(member, _)| *member == first);
    before.extend(after);
    let members: Vec<String> =
        before.iter().map(|(member, value)| format!("{member:?} : {value}")).collect();
    format!("\n{{ {} }}\n", members.join("\n, "))
}

#[test]
fn calls_are_found_wherever_they_stand() {
    let report = service();
    let json = report.to_json();
    for first in ["calls", "sources", "paths", "format"] {
        let json = reordered(&json, first);
        assert_eq!(read(&json, LoggedCalls::All).unwrap(), report, "{first}");
        assert_eq!(converted(&json, Format::Json), report.to_json(), "{first}");
    }
    let escaped = json.replace("\"calls\":", "\"c\\u0061lls\":");
    assert_eq!(read(&escaped, LoggedCalls::All).unwrap(), report);
    let twice = json.replace("\"calls\":", "\"calls\":[],\"calls\":");
    assert!(read(&twice, LoggedCalls::All).unwrap_err().to_string().contains("duplicate field"));
    let within = json.replace("\"format\":", "\"new\":{\"calls\":[[]]},\"format\":");
    assert_eq!(read(&within, LoggedCalls::All).unwrap(), report);
}

#[test]
fn pretty_printed_calls_are_read_too() {
    let json = service().to_json();
    let document: Json = serde_json::from_str(&json).unwrap();
    let pretty = serde_json::to_string_pretty(&document).unwrap();
    assert_eq!(read(&pretty, LoggedCalls::All).unwrap(), service());
}

#[test]
fn only_the_latest_calls_are_kept_and_the_others_counted() {
    let report = service();
    let (json, all) = (report.to_json(), report.log.plain());
    let latest = read(&json, LoggedCalls::Latest(2)).unwrap();
    assert_eq!(latest.log.plain(), &all[all.len() - 2..]);
    let dropped = report.dropped().log_calls + all.len() as u64 - 2;
    assert_eq!(latest.dropped().log_calls, dropped);
    assert_eq!(read(&json, LoggedCalls::Latest(all.len())).unwrap(), report);
    assert!(read(&json, LoggedCalls::Latest(0)).unwrap().calls().is_empty());
}

#[test]
fn a_report_without_its_calls_reads_like_the_whole() {
    for report in [service(), extreme()] {
        let unread = read(&report.to_json(), LoggedCalls::Unread).unwrap();
        assert!(unread.calls().is_empty());
        assert_eq!(unread.dropped(), report.dropped());
        assert_eq!(unread.to_string(), report.to_string());
        assert_eq!(unread.flame_graph_text(100), report.flame_graph_text(100));
        assert_eq!(unread.compensated().to_csv(), report.compensated().to_csv());
    }
}

#[test]
fn conversions_give_what_the_report_gives() {
    for report in [service(), Report::default()] {
        let json = report.to_json();
        for &format in Format::ALL {
            let (mut expected, mut written) = (Vec::new(), Vec::new());
            report.write(format, &mut expected).unwrap();
            Report::convert_json(json.as_bytes(), format, &mut written, usize::MAX).unwrap();
            assert!(written == expected, "{format}");
        }
    }
}

#[test]
fn functions_of_a_file_in_another_order_keep_their_calls() {
    let mut sample = Sample::new(0);
    sample.call(1, &["small"], 0, 1);
    sample.call(1, &["large"], 1, 9);
    let sorted = sample.report();
    let mut document: Json = serde_json::from_str(&sorted.to_json()).unwrap();
    document["functions"].as_array_mut().unwrap().reverse();
    for row in
        ["calls", "paths"].map(|member| document[member].clone()).iter().zip(["calls", "paths"])
    {
        let (rows, member) = row;
        for (at, row) in rows.as_array().unwrap().iter().enumerate() {
            document[member][at][1] = (1 - row[1].as_u64().unwrap()).into();
        }
    }
    for (at, function) in document["functions"].as_array_mut().unwrap().iter_mut().enumerate() {
        function["slowest"][0][1] = at.into();
    }
    let json = document.to_string();
    assert_eq!(read(&json, LoggedCalls::All).unwrap(), sorted);
    assert_eq!(converted(&json, Format::Json), sorted.to_json());
    let mut csv = Vec::new();
    sorted.write(Format::CallsCsv, &mut csv).unwrap();
    assert_eq!(converted(&json, Format::CallsCsv), String::from_utf8(csv).unwrap());
}

#[test]
fn mistakes_in_rows_have_their_place_in_the_file() {
    for (from, to, expected) in [
        ("[1,1,1,1,3,0]]}", "[1,1,1,1,3,0]", "EOF while parsing a list"),
        ("[1,1,1,1,3,0]]}", "[1,1,1,1,3", "EOF while parsing a list"),
        ("[1,1,1,1,3,0]]}", "[1,1,1,1,3,0]}", "expected `,` or `]`"),
        ("[1,1,1,1,3,0]]}", "7]}", "expected a call"),
        ("[1,1,1,1,3,0]]}", "[1,1,1,1,3,0],]}", "expected a call"),
        ("[1,1,1,1,3,0]]}", "[1,1,1,1,03,0]]}", "invalid number"),
        ("[1,1,1,1,3,0]]}", "[1,1,1,1,3,0,[[\"k\",tru]]]]}", "expected ident"),
        ("[1,1,1,1,3,0]]}", "[1,1,1,1,3,0]]} x", "trailing characters"),
        ("[1,1,1,1,3,0]]}", "[1,1,1,1,3,0]],\"open\":[]}", "duplicate field"),
    ] {
        let json = with("[[1,0,0,0,9,0],", "[\n[1,0,0,0,9,0],\n").replacen(
            &format!("\n{from}"),
            &format!("\n{to}"),
            1,
        );
        let Err(Error::Syntax { line, column, source }) = read(&json, LoggedCalls::All) else {
            panic!("{json}")
        };
        assert_eq!(line, 3, "{to}: {source}");
        assert!((1..=to.len()).contains(&column), "{to}: {source}");
        assert!(source.to_string().starts_with(expected), "{to}: {source}");
        assert!(source.to_string().ends_with(&format!("at line 3 column {column}")), "{source}");
    }
}

#[test]
fn contradictions_in_calls_that_are_not_kept_are_found() {
    let json = with("\"calls\":[[1,0,0", "\"calls\":[[1,0,1");
    for calls in [LoggedCalls::All, LoggedCalls::Latest(1), LoggedCalls::Unread] {
        assert!(read(&json, calls).unwrap_err().to_string().contains("`calls[0]`"), "{calls:?}");
    }
    let mut written = Vec::new();
    let error = Report::convert_json(json.as_bytes(), Format::Json, &mut written, 0).unwrap_err();
    assert!(error.to_string().contains("`calls[0]`"), "{error}");
}

#[test]
fn a_reader_that_fails_is_reported_as_such() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let json = service().to_json();
    for length in [0, 10, json.len() - 5] {
        let cut = Cursor::new(&json[..length]).chain(Broken);
        let error = Report::read_json(cut, LoggedCalls::All);
        assert!(matches!(error, Err(Error::Read { .. })), "{length}");
    }
}

#[test]
fn something_elses_json_is_told_apart_before_its_end() {
    let endless = std::io::repeat(b' ');
    let foreign = Cursor::new("{\"traceEvents\":[").chain(endless);
    let error = Report::read_json(foreign, LoggedCalls::All).unwrap_err();
    assert!(matches!(error, Error::Foreign { found: None }), "{error}");
    let foreign = Cursor::new("{\"format\":\"speedscope\",").chain(std::io::repeat(b' '));
    let error = Report::read_json(foreign, LoggedCalls::All).unwrap_err();
    assert!(matches!(error, Error::Foreign { found: Some(_) }), "{error}");
    for no_json in ["time,count\n", "\u{1f}\u{8b}", "[[[[[", "7 7", "\"a"] {
        let endless = Cursor::new(no_json).chain(std::io::repeat(b'x'));
        let error = Report::read_json(endless, LoggedCalls::All).unwrap_err();
        assert!(matches!(error, Error::Syntax { line: 1, .. }), "{no_json}: {error}");
    }
}

#[test]
fn numbers_are_read_to_their_last_digit() {
    for (text, expected) in [
        ("[1,2,3,4,5,0]", true),
        ("[1,2,null,9999999999999999999,5,1]", true),
        ("[1,2,3,18446744073709551615,5,1]", false), // left to serde_json
        ("[1,4294967296,3,4,5,1]", false),
        ("[1,2,3,4,05,0]", false),
        ("[1,2,3,4,-5,0]", false),
        ("[1,2,3,4,5.0,0]", false),
        ("[1,2,3,4,5,2]", false),
        ("[1, 2,3,4,5,0]", false),
        ("[1,2,3,4,5,0,[]]", true),
        ("[1,2,3,4,5,0,[[\"k\",-7],[\"l\",true],[\"ü\",\"v\"]]]", true),
        ("[1,2,3,4,5,0,[[\"k\",-0]]]", false),
        ("[1,2,3,4,5,0,[[\"k\",1e3]]]", false),
        ("[1,2,3,4,5,0,[[\"\\u0041\",1]]]", false),
    ] {
        let usual = row::usual(text.as_bytes());
        assert_eq!(usual.is_some(), expected, "{text}");
        let Some((call, length)) = usual else { continue };
        assert_eq!(length, text.len());
        assert_eq!(call, super::read::call(text.as_bytes()).unwrap(), "{text}");
        for length in 0..text.len() {
            assert!(row::usual(&text.as_bytes()[..length]).is_none(), "{text} cut at {length}");
        }
    }
    let (call, _) = row::usual(b"[1,2,null,9999999999999999999,5,1]").unwrap();
    assert_eq!(call.start, Ticks(9_999_999_999_999_999_999));
}

/// The report in a text that is parsed as a whole.
fn whole(json: &[u8]) -> Result<Report, Error> {
    let (snapshot, _) = super::read::snapshot(json, |place| place)?;
    let mut check = super::check::head(&snapshot)?;
    for call in &snapshot.calls {
        check.call(call, String::new)?;
    }
    Ok(Report::from_snapshot(snapshot))
}

/// Puts a piece of the text, or other bytes, in the place of another piece.
fn damaged(json: &str, (from, length): (usize, usize), with: &[u8]) -> Vec<u8> {
    let from = from % json.len();
    let end = (from + length).min(json.len());
    [&json.as_bytes()[..from], with, &json.as_bytes()[end..]].concat()
}

proptest! {
    #[test]
    fn what_is_damaged_reads_as_it_does_in_one_piece(
        old in any::<bool>(),
        first in prop::sample::select(vec!["calls", "sources", "functions", "version"]),
        cut in (any::<usize>(), 0usize..9),
        copied in (any::<usize>(), 0usize..30),
        byte in prop::sample::select(b"[]{},:\"\\0123456789.eE+- ntfu\n\xff".to_vec()),
        is_copy in any::<bool>(),
        piece in 1usize..200,
    ) {
        let json = if old { include_str!("golden/version-1.json").to_owned() } else { service().to_json() };
        let json = if first == "version" { json } else { reordered(&json, first) };
        let start = copied.0 % json.len();
        let copy = &json.as_bytes()[start..(start + copied.1).min(json.len())];
        let damaged = damaged(&json, cut, if is_copy { copy } else { std::slice::from_ref(&byte) });
        let streamed = Report::read_json(Slowly(&damaged, piece), LoggedCalls::All);
        let (streamed, whole) = (streamed.map_err(|e| e.to_string()), whole(&damaged).map_err(|e| e.to_string()));
        prop_assert_eq!(streamed.is_ok(), whole.is_ok(), "{:?} {:?}", streamed.err(), whole.err());
        if let (Ok(streamed), Ok(whole)) = (streamed, whole) {
            prop_assert_eq!(format!("{streamed:?}"), format!("{whole:?}"));
        }
    }

    #[test]
    fn any_report_comes_back_in_pieces_of_any_size(report in any_report(), piece in 1usize..200) {
        let json = report.to_json();
        let back = Report::read_json(Slowly(json.as_bytes(), piece), LoggedCalls::All).unwrap();
        prop_assert_eq!(&back, &report);
        prop_assert_eq!(converted(&json, Format::Json), json);
    }

    #[test]
    fn a_flipped_byte_is_an_error_or_a_report_whatever_is_kept(
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
        piece in 1usize..200,
    ) {
        let mut json = service().to_json().into_bytes();
        let at = at.index(json.len());
        json[at] = byte;
        let read = |calls| Report::read_json(Slowly(&json, piece), calls).map_err(|e| e.to_string());
        let (all, none) = (read(LoggedCalls::All), read(LoggedCalls::Unread));
        prop_assert_eq!(all.err(), none.err());
    }
}

#[test]
fn a_merger_takes_files_as_it_takes_reports() {
    let (mut files, mut reports) = (Merger::new(), Merger::new());
    for (name, report) in [("a", service()), ("b", extreme()), ("c", service())] {
        for calls in [LoggedCalls::All, LoggedCalls::Latest(3), LoggedCalls::Unread] {
            let json = report.to_json();
            files.add_json(name, json.as_bytes(), calls).unwrap();
            reports.add(name, &Report::read_json(json.as_bytes(), calls).unwrap());
        }
    }
    assert!(files.add_json("broken", &b"{"[..], LoggedCalls::All).is_err());
    assert_eq!(files.finish().to_json(), reports.finish().to_json());
}
