//! Files, names and metadata made to do harm: nothing but an error or a report that can be shown
//! comes of them, in bounded memory. The process's heap is counted, so these run one after the other.
//!
//! With the feature `all-formats` they go through every format there is:
//! `cargo test -p perprovis-tests --features all-formats --test hostile`.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::{Mutex, MutexGuard, PoisonError};

use perprovis::{Error, Format, Report};
use perprovis_tests::heap::{CountingHeap, peak_bytes_of};
use perprovis_tests::views::{acted_on, report_of, show};
use proptest::prelude::*;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap;

const MIB: usize = 1 << 20;

/// One test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file about to be made: its members as JSON.
struct File {
    functions: Vec<String>,
    paths: String,
    threads: String,
    open: String,
    calls: String,
}

impl File {
    /// With these functions and nothing else.
    fn of(names: impl IntoIterator<Item = String>) -> File {
        let functions = names.into_iter().collect();
        let [paths, threads, open, calls] = Default::default();
        File { functions, paths, threads, open, calls }
    }

    fn json(&self) -> String {
        let functions: Vec<String> = self.functions.iter().map(|name| function(name)).collect();
        let (functions, File { paths, threads, open, calls, .. }) = (functions.join(","), self);
        format!(
            r#"{{"format":"perprovis-report","version":1,
            "clock":{{"source":"os","nanos_per_tick":1.0,"run_ticks":1000000}},
            "overhead":{{"inside_nanos":0.0,"outside_nanos":0.0}},
            "dropped":{{"log_calls":0,"truncated_calls":0,"unnamed_calls":0,"unrecorded_calls":0}},
            "functions":[{functions}],"paths":[{paths}],"threads":[{threads}],
            "exited":{{"threads":0,"nodes":[]}},"open":[{open}],"calls":[{calls}]}}"#
        )
    }
}

/// A function with a call of five ticks.
fn function(name: &str) -> String {
    let name = serde_json::to_string(name).unwrap();
    format!(
        r#"{{"name":{name},"count":1,"panicked":0,"cancelled":0,"polls":0,"sum":5,"total":5,"self":5,
        "busy":0,"idle":0,"min":5,"max":5,"squares":"25","histogram":[[5,1]],"slowest":[]}}"#
    )
}

/// So many members, separated by commas.
fn list(count: usize, member: impl Fn(usize) -> String) -> String {
    (0..count).map(member).collect::<Vec<_>>().join(",")
}

/// Paths below each other, in chains of a length.
fn chains(count: usize, length: usize) -> String {
    list(count, |at| match at % length {
        0 => format!("[null,{}]", at / length),
        _ => format!("[{},0]", at - 1),
    })
}

/// A thread with a node for each of so many paths.
fn nodes(count: usize) -> String {
    let nodes = list(count, |path| format!("[{path},1,1,0,0]"));
    format!(r#"{{"id":1,"name":null,"exited":true,"nodes":[{nodes}]}}"#)
}

/// Loads a file of a megabyte at most and shows what is in it, in bounded memory.
#[track_caller]
fn load(json: &str, name: &str) -> Result<(), Error> {
    assert!(json.len() < 3 * MIB / 2, "{} bytes", json.len());
    let (loaded, peak) = peak_bytes_of(|| {
        let report = Report::from_json(json)?;
        show(&report);
        Ok(())
    });
    assert!(peak < 700 * MIB, "{name}: {peak} bytes for a file of {}", json.len());
    loaded
}

#[test]
fn a_file_of_a_megabyte_takes_no_gigabyte_whatever_is_in_it() {
    let _alone = alone();
    let names =
        |count: usize, name: &dyn Fn(usize) -> String| (0..count).map(name).collect::<Vec<_>>();
    let long = "long::".repeat(80_000);
    let files: Vec<(&str, File)> = vec![
        (
            "calls without paths",
            File {
                calls: list(50_000, |start| format!("[1,0,null,{start},9,0]")),
                ..File::of(names(1, &|_| "f".into()))
            },
        ),
        (
            "calls inside each other, in the log only",
            File {
                calls: list(40_000, |start| format!("[1,0,null,{start},999999,0]")),
                ..File::of(names(1, &|_| "f".into()))
            },
        ),
        (
            "a call on each of many deep paths",
            File {
                paths: chains(20_000, 500),
                threads: nodes(20_000),
                calls: list(15_000, |path| {
                    format!(
                        "[1,{},{path},{path},1,0]",
                        if path % 500 == 0 { path / 500 } else { 0 }
                    )
                }),
                ..File::of(names(100, &|name| format!("f{name}")))
            },
        ),
        (
            "many functions with one name in another's",
            File {
                paths: list(1_000, |function| format!("[null,{function}]")),
                threads: nodes(1_000),
                ..File::of(names(3_000, &|name| format!("{}f{name}", "a::".repeat(20))))
            },
        ),
        (
            "names that are each other's ends",
            File::of(names(800, &|name| "a::".repeat(name + 1) + "f")),
        ),
        (
            "one long name",
            File {
                paths: "[null,0]".into(),
                threads: nodes(1),
                open: "[1,0,5]".into(),
                calls: "[1,0,0,1,5,0]".into(),
                ..File::of([long.clone()])
            },
        ),
        (
            "many threads",
            File {
                paths: "[null,0]".into(),
                threads: list(20_000, |id| {
                    format!(r#"{{"id":{id},"name":"t","exited":false,"nodes":[[0,1,1,0,0]]}}"#)
                }),
                open: list(20_000, |id| format!("[{id},0,1]")),
                ..File::of(names(1, &|_| "f".into()))
            },
        ),
        (
            "the largest numbers",
            File {
                paths: "[null,0]".into(),
                threads: format!(
                    r#"{{"id":{0},"name":"","exited":false,"nodes":[[0,{0},{0},{0},{0}]]}}"#,
                    u64::MAX
                ),
                open: format!("[{0},0,{0}]", u64::MAX),
                calls: list(20_000, |_| format!("[{0},0,0,{0},{0},1]", u64::MAX)),
                ..File::of(names(1, &|_| "f".into()))
            },
        ),
        (
            "a call with many pairs",
            File {
                paths: "[null,0]".into(),
                calls: format!(
                    "[1,0,0,1,5,0,[{}]]",
                    list(60_000, |key| format!(r#"["k{key}","v"]"#))
                ),
                ..File::of(names(1, &|_| "f".into()))
            },
        ),
        (
            "calls with long pairs",
            File {
                paths: "[null,0]".into(),
                calls: list(20, |start| {
                    format!(
                        "[1,0,0,{start},5,0,[{}]]",
                        list(100, |key| format!(r#"["k{key}","{}"]"#, "v/".repeat(200)))
                    )
                }),
                ..File::of(names(1, &|_| "f".into()))
            },
        ),
    ];
    for (name, file) in files {
        load(&file.json(), name).unwrap();
    }
}

#[test]
fn a_file_that_would_be_much_longer_written_out_is_refused() {
    let _alone = alone();
    let refused = |name: &str, file: &File, at: &str| {
        let error = load(&file.json(), name).unwrap_err().to_string();
        assert!(error.contains(&format!("`{at}`")), "{name}: {error}");
    };
    let long = "long::".repeat(80_000);
    refused(
        "a deep path",
        &File { paths: chains(4_000, 4_000), ..File::of(["f".into()]) },
        "paths[2048]",
    );
    refused(
        "a long name on many paths",
        &File {
            paths: chains(20_000, 2_000),
            ..File::of([long].into_iter().chain((0..20).map(|name| format!("f{name}"))))
        },
        "paths",
    );
    refused(
        "many calls on a long path",
        &File {
            paths: chains(600, 600),
            calls: list(40_000, |start| format!("[1,0,599,{start},1,0]")),
            ..File::of(["n".repeat(1_000)])
        },
        "calls",
    );
}

/// Otherwise the fuzzer that starts with it would only see errors.
#[test]
fn the_seed_of_the_fuzzer_is_a_report() {
    let _alone = alone();
    let report = Report::from_json(include_str!("fuzz/seeds/from_json/every_member.json")).unwrap();
    assert_eq!((report.functions().len(), report.open_scopes().len()), (2, 2));
    show(&report);
}

#[test]
fn what_no_recorder_writes_is_an_error_that_says_where() {
    let _alone = alone();
    let json = File { paths: "[null,0]".into(), ..File::of(["f".into()]) }.json();
    let with = |from: &str, to: &str| {
        assert!(json.contains(from), "{from}");
        json.replacen(from, to, 1)
    };
    for (name, hostile) in [
        ("nested arrays", "[".repeat(MIB)),
        ("nested objects", "{\"a\":".repeat(200_000)),
        (
            "nested in a member that is ignored",
            with("\"version\":1", &format!("\"new\":{}", "[".repeat(MIB))),
        ),
        (
            "a number of a million digits",
            with("\"count\":1", &format!("\"count\":{}", "9".repeat(MIB))),
        ),
        (
            "an exponent of a million digits",
            with("\"nanos_per_tick\":1.0", &format!("\"nanos_per_tick\":1e{}", "9".repeat(MIB))),
        ),
        (
            "squares of a million digits",
            with("\"squares\":\"25\"", &format!("\"squares\":\"{}\"", "9".repeat(MIB))),
        ),
        ("a member given twice", with("\"paths\":", "\"paths\":[],\"paths\":")),
        (
            "a function given twice",
            with("\"functions\":[", &format!("\"functions\":[{},", function("f"))),
        ),
        ("half a surrogate", with("\"f\"", "\"\\ud800\"")),
        ("a control character in a string", with("\"f\"", "\"\u{1}\"")),
        (
            "a value of another kind",
            with("\"calls\":[]", "\"calls\":[[1,0,0,1,5,0,[[\"k\",null]]]]"),
        ),
        (
            "a value of a deep kind",
            with("\"calls\":[]", &format!("\"calls\":[[1,0,0,1,5,0,[[\"k\",{}", "[".repeat(MIB))),
        ),
    ] {
        let error = load(&hostile, name).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::Syntax { .. } | Error::Invalid { .. }), "{name}: {text}");
        assert!(text.starts_with(char::is_lowercase) && text.len() < 500, "{name}: {text}");
        assert!(!text.chars().any(char::is_control), "{name}: {text:?}");
    }
}

/// Names that mean something where they might end up.
const NAMES: [&str; 18] = [
    "\x1b[2J\x1b]0;title\x07",
    "\u{9b}31m",
    "a\rb\nc\td\0e",
    "\u{202e}txt.exe\u{2066}",
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "]]><!--",
    "&amp;&#x3c;",
    "=cmd|' /C calc'!A1",
    "@SUM(1+1)*cmd",
    "-2+3+cmd",
    "'=1",
    "../../etc/passwd",
    "a,b;\"c\"",
    "| a | b |\n| --- |",
    "[x](javascript:alert(1))",
    "{{data}}",
];

fn written(report: &Report, format: Format) -> Vec<u8> {
    let mut written = Vec::new();
    report.write(format, &mut written).unwrap();
    written
}

#[test]
fn no_text_moves_a_cursor_colours_a_screen_or_turns_a_line() {
    let _alone = alone();
    let report = report_of(&NAMES);
    show(&report);
    // Formats of lines of text end up in terminals, too; names are as they were in JSON and CSV only.
    for format in [Format::Markdown, Format::Folded] {
        let text = String::from_utf8(written(&report, format)).unwrap();
        assert_eq!(acted_on(&text), None, "{format}: {text:?}");
    }
}

#[test]
fn an_error_shows_a_hostile_text_without_acting_on_it() {
    let _alone = alone();
    let json = report_of(&NAMES).to_json();
    let errors = [
        Report::from_json("{\"format\":\"\\u001b[2J\\u202e\",\"version\":1}"),
        Report::from_json(&json.replacen("\"source\":\"", "\"source\":\"\\u001b[2J\\u202e", 1)),
        // A second function of the same name.
        Report::from_json(&json.replacen("\"name\":\"inner\"", "\"name\":\"'=1\"", 1)),
    ];
    for error in errors {
        let error = error.unwrap_err();
        let chain =
            std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        for error in chain {
            let text = error.to_string();
            assert!(acted_on(&text).is_none() && !text.contains('\n'), "{text:?}");
        }
    }
}

#[test]
fn no_cell_of_a_csv_file_is_a_formula() {
    let _alone = alone();
    let report = report_of(&NAMES);
    for format in [Format::Csv, Format::CallsCsv] {
        let text = String::from_utf8(written(&report, format)).unwrap();
        // Cells as a reader sees them: quoted ones hold doubled quotes.
        let mut cells = vec![String::new()];
        let mut is_quoted = false;
        for character in text.chars() {
            match character {
                '"' => is_quoted = !is_quoted,
                ',' | '\n' if !is_quoted => cells.push(String::new()),
                _ => cells.last_mut().unwrap().push(character),
            }
        }
        assert!(cells.len() > 100);
        for cell in cells {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{format}: {cell:?}");
        }
    }
}

#[test]
fn a_name_is_no_place_in_the_file_system() {
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    let report = report_of(&NAMES);
    for &format in Format::ALL {
        let path = directory.path().join(format!("report{format}"));
        report.export(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "{format}");
    }
}

/// Reads back what the formats of text are for: nothing of a name has become markup.
#[cfg(feature = "all-formats")]
#[test]
fn no_name_is_markup() {
    let _alone = alone();
    let report = report_of(&NAMES);
    let empty = report_of(&[]);
    for format in [Format::Html, Format::Svg, Format::Icicle] {
        let text = String::from_utf8(written(&report, format)).unwrap();
        for part in ["<script>alert", "<img", "onload=alert", "onerror=alert", "javascript:alert"] {
            let is_markup = text.match_indices(part).any(|(at, _)| {
                // Escaped, the tag around it is text.
                text[..at].rfind('<') > text[..at].rfind('>')
            });
            assert!(!is_markup, "{format}: {part}");
        }
        let elements = |text: &str, name: &str| text.matches(&format!("<{name}")).count();
        let of_none = String::from_utf8(written(&empty, format)).unwrap();
        assert_eq!(elements(&text, "img"), elements(&of_none, "img"), "{format}");
        if format == Format::Html {
            assert_eq!(elements(&text, "script"), elements(&of_none, "script"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// `tests/fuzz` tries many more.
    #[test]
    fn any_text_can_be_shown_and_written(
        texts in prop::collection::vec(prop_oneof!["\\PC{0,30}", any::<String>(), "[<>&\"'=;:\\[\\]]{0,9}"], 0..6),
    ) {
        let _alone = alone();
        show(&report_of(&texts.iter().map(String::as_str).collect::<Vec<_>>()));
    }
}
