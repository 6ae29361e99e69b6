//! The command `perprovis`, as a process.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use perprovis::{Comparison, Format, LoggedCalls, ManualClock, Profiler, Report, TextOptions};
use tempfile::TempDir;

/// A folder to run the command in.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perprovis"));
        command.args(arguments).current_dir(self.0.path());
        // Neither the caller's wishes nor a browser.
        for variable in ["PERPROVIS", "PERPROVIS_EXPORT", "PERPROVIS_REPORT", "BROWSER"] {
            command.env_remove(variable);
        }
        command.env("TMPDIR", self.0.path()).stdin(Stdio::null());
        command
    }

    /// Runs a command line, split at spaces.
    fn run(&self, line: &str) -> Output {
        self.command(line.split_whitespace()).output().unwrap()
    }

    /// The same with something on standard input.
    fn feed(&self, line: &str, input: &[u8]) -> Output {
        let mut command = self.command(line.split_whitespace());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may stop reading as soon as it knows enough.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }
}

/// What a run prints that goes well and has nothing to complain about.
#[track_caller]
fn fine(output: &Output) -> String {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*complaint), (Some(0), ""));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line that a run prints that fails.
#[track_caller]
fn error(output: &Output, context: &str) -> String {
    let complaint = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{context}: {complaint}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{context}");
    let line = complaint.strip_suffix('\n').unwrap_or_default();
    assert!(line.starts_with("error: ") && !line.contains('\n'), "{context}: {complaint}");
    line.to_owned()
}

/// A report with a call per number in `durations`, in nanoseconds.
fn report(durations: &[u64]) -> Report {
    let clock = ManualClock::new();
    let profiler = Profiler::builder().clock(clock.clone()).build();
    for &nanos in durations {
        profiler.measure("app::serve", || {
            clock.advance(Duration::from_nanos(10));
            profiler.measure("db::load", || clock.advance(Duration::from_nanos(nanos)));
        });
    }
    profiler.report()
}

fn packed(json: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(json.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Every way to read `bad.json` and to write something.
const READERS: [&str; 19] = [
    "report bad.json",
    "report --timeline bad.json",
    "open bad.json",
    "convert bad.json -o out.json",
    "convert bad.json -o out.csv",
    "convert bad.json -o out.calls.csv",
    "convert bad.json -o out.svg",
    "convert bad.json -o out.html",
    "convert bad.json -o out.profile.json.gz",
    "convert bad.json -o - -f svg",
    "merge bad.json -o out.json",
    "merge good.json bad.json -o out.json",
    "merge good.json bad.json -o - -f md",
    "diff good.json bad.json",
    "diff bad.json good.json -o out.md",
    "diff good.json bad.json -o out.svg",
    "diff --base good.json --new good.json bad.json -o out.html",
    "check good.json bad.json",
    "check --base bad.json --new good.json",
];

#[test]
fn what_is_no_profile_is_refused_in_one_line_and_leaves_nothing() {
    let good = report(&[5, 7, 9]).to_json();
    let gz = packed(&good);
    let replaced = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1).into_bytes()
    };
    let calls = &good[good.find("\"calls\":").unwrap()..];
    let first_call = &calls[..calls.find(']').unwrap()];
    let files: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", vec![], "EOF"),
        ("white space", b" \n ".to_vec(), "line 2"),
        ("cut in its head", good.as_bytes()[..300].to_vec(), "line 1 column 300"),
        ("cut in its calls", good.as_bytes()[..good.len() - 9].to_vec(), "cut short"),
        ("cut at the end", good.as_bytes()[..good.len() - 1].to_vec(), "cut short"),
        ("cut and packed", gz[..gz.len() / 2].to_vec(), "cannot read"),
        ("packed nonsense", b"\x1f\x8b nonsense".to_vec(), "cannot read"),
        ("something else's JSON", b"{\"traceEvents\":[]}".to_vec(), "not a perprovis report"),
        ("another format", b"{\"format\":\"speedscope\"}".to_vec(), "speedscope"),
        ("a list", b" [1,2]".to_vec(), "a JSON object at line 1 column 2"),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0".to_vec(), "a JSON object"),
        (
            "not UTF-8",
            replaced("app::serve", "app::\u{fffd}")
                .iter()
                .map(|&byte| if byte == 0xEF { 0xFF } else { byte })
                .collect(),
            "unicode",
        ),
        ("brackets", "[".repeat(1_000_000).into_bytes(), "a JSON object at line 1 column 1"),
        ("nested", "{\"calls\":".repeat(100_000).into_bytes(), "line 1 column 9"),
        ("newer", replaced("\"version\":2", "\"version\":9"), "version 9"),
        ("contradictory", replaced("\"count\":3", "\"count\":4"), "functions[0].histogram"),
        (
            "a call of nothing",
            replaced(first_call, &first_call.replacen(",0,", ",7,", 1)),
            "calls[0]",
        ),
        ("a row of words", replaced(first_call, "\"calls\":[[true,"), "line 1 column"),
        ("text behind it", format!("{good} x").into_bytes(), "trailing"),
    ];
    for (kind, content, expected) in files {
        let place = Place::new();
        place.put("bad.json", content);
        place.put("good.json", &good);
        for line in READERS {
            let context = format!("{kind}: {line}");
            let message = error(&place.run(line), &context);
            assert!(message.contains("\"bad.json\""), "{context}: {message}");
            assert!(message.contains(expected), "{context}: {message}");
            assert_eq!(place.names(), ["bad.json", "good.json"], "{context}");
        }
    }
}

#[test]
fn files_that_cannot_be_read_are_named_with_a_remedy() {
    let place = Place::new();
    place.put("good.json", report(&[1]).to_json());
    for line in READERS {
        let message = error(&place.run(line), line);
        assert!(message.contains("\"bad.json\": No such file"), "{message}");
        assert!(message.contains("check the path"), "{message}");
        assert_eq!(place.names(), ["good.json"], "{line}");
    }
    fs::create_dir(place.path("bad.json")).unwrap();
    for line in READERS {
        let message = error(&place.run(line), line);
        assert!(message.contains("\"bad.json\" is a folder"), "{message}");
    }
}

#[test]
fn an_old_result_stays_when_the_new_one_fails() {
    let place = Place::new();
    let json = report(&[1, 2]).to_json();
    place.put("bad.json", &json[..json.len() - 4]);
    for line in READERS.iter().filter(|line| line.contains("-o out")) {
        let out = line.split(' ').find(|word| word.starts_with("out")).unwrap();
        place.put(out, "old");
        error(&place.run(line), line);
        assert_eq!(place.read(out), b"old", "{line}");
    }
}

#[test]
fn results_that_cannot_be_written_are_named() {
    let place = Place::new();
    place.put("good.json", report(&[1]).to_json());
    for (line, expected) in [
        ("convert good.json -o missing/out.svg", "\"missing/out.svg\": No such file"),
        ("convert good.json -o out.txt", "cannot tell the format of \"out.txt\""),
        ("convert good.json -o -", "--format svg"),
        ("convert good.json -o out -f txt", "expected one of"),
        ("merge good.json -o out", "cannot tell the format"),
        ("run -o out.txt -- true", "cannot tell the format"),
    ] {
        let output = place.run(line);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(message.contains(expected), "{line}: {message}");
        assert_eq!(place.names(), ["good.json"], "{line}");
    }
    if Path::new("/dev/full").exists() {
        for format in ["json", "calls.csv", "html"] {
            let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
            let mut command = place.command(["convert", "good.json", "-o", "-", "-f", format]);
            let output = command.stdout(full).output().unwrap();
            assert!(error(&output, format).contains("standard output"));
        }
    }
}

#[test]
fn a_report_is_that_of_the_library() {
    let place = Place::new();
    let report = report(&[5, 7, 9]);
    place.put("a.json", report.to_json());
    let shown = |options: &str| fine(&place.run(&format!("report a.json {options}")));
    assert_eq!(shown("--width 90"), report.to_text_with(TextOptions::new().width(90)));
    assert_eq!(shown("--flame --width 70"), report.flame_graph_text(70));
    assert_eq!(shown("--tree"), format!("{}\n", report.call_tree()));
    let narrow = TextOptions::new().width(70);
    assert_eq!(shown("--timeline --width 70"), report.timeline_text_with(usize::MAX, narrow));
    let two = format!("{}\n{}", report.flame_graph_text(70), report.timeline_text_with(2, narrow));
    assert_eq!(shown("--timeline=2 --flame --width 70"), two);
    assert!(shown("--top 1").contains("1 more function"));
    let first = |options| shown(options).lines().nth(5).unwrap().to_owned();
    assert!(first("").starts_with("serve"), "{}", shown(""));
    assert!(first("--sort avg").starts_with("serve"));
    assert!(first("--sort self").starts_with("serve"));
    let filtered = shown("--filter db");
    assert!(filtered.contains("load") && !filtered.contains("serve"), "{filtered}");
    assert_eq!(filtered, shown("--filter -app"));
}

#[test]
fn every_format_is_that_of_the_library() {
    let place = Place::new();
    let report = report(&[5, 7, 9]);
    place.put("a.json", report.to_json());
    for format in Format::ALL {
        let mut expected = Vec::new();
        report.write(*format, &mut expected).unwrap();
        fine(&place.run(&format!("convert a.json -o out{format}")));
        assert!(place.read(&format!("out{format}")) == expected, "{format}");
        let output = place.run(&format!("convert a.json -o - --format {format}"));
        assert!(output.stdout == expected, "{format}");
    }
}

#[test]
fn packed_files_and_standard_input_are_read() {
    let place = Place::new();
    let report = report(&[5, 7]);
    let json = report.to_json();
    place.put("a.json.gz", packed(&json));
    assert_eq!(fine(&place.run("convert a.json.gz -o - -f json")), json);
    for input in [json.as_bytes(), &packed(&json)] {
        assert_eq!(fine(&place.feed("convert - -o - -f json", input)), json);
        fine(&place.feed("merge - -o out.json", input));
    }
    let message = error(&place.feed("report -", b"x"), "standard input");
    assert!(message.starts_with("error: standard input: "), "{message}");
}

#[test]
fn a_file_may_be_converted_onto_itself() {
    let place = Place::new();
    let json = report(&[5, 7]).to_json();
    place.put("a.json", &json);
    fine(&place.run("convert a.json -o a.json"));
    assert_eq!(place.read("a.json"), json.as_bytes());
}

#[test]
fn calls_beyond_the_limit_are_left_out_and_told() {
    let place = Place::new();
    place.put("a.json", report(&[5, 7, 9]).to_json());
    let output = place.run("convert a.json -o out.trace.json --calls 2");
    let note = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success());
    assert!(note.contains("latest 2 calls") && note.contains("leaves out 4"), "{note}");
    for whole in ["out.json", "out.calls.csv", "out.svg"] {
        fine(&place.run(&format!("convert a.json -o {whole} --calls 0")));
    }
    assert_eq!(place.read("out.json"), place.read("a.json"));
}

#[test]
fn version_1_is_read() {
    let place = Place::new();
    let report = report(&[5, 7]);
    let old = report.to_json().replace("\"version\":2", "\"version\":1");
    place.put("a.json", old.replace("\"sources\":[],", ""));
    assert_eq!(fine(&place.run("convert a.json -o - -f json")), report.to_json());
}

#[test]
fn merged_profiles_are_those_of_all_calls() {
    let place = Place::new();
    fs::create_dir(place.path("runs")).unwrap();
    let (first, second) = (report(&[5, 7]), report(&[9]));
    place.put("runs/1.json", first.to_json());
    place.put("runs/2.json.gz", packed(&second.to_json()));
    for other in ["runs/x.trace.json", "runs/x.profile.json.gz", "runs/note.txt"] {
        place.put(other, "no profile");
    }
    fine(&place.run("merge runs -o all.json"));
    let merged = Report::read_json(&place.read("all.json")[..], LoggedCalls::All).unwrap();
    let expected = Report::merge([("runs/1.json", first), ("runs/2.json.gz", second)]);
    assert_eq!(merged, expected);
    assert_eq!(merged.function("load").unwrap().call_count, 3);
    fs::create_dir(place.path("none")).unwrap();
    let message = error(&place.run("merge none -o all.json"), "an empty folder");
    assert!(message.contains("without profiles"), "{message}");
}

/// Runs of a program, each a little different, with one function so many times as slow.
fn runs(place: &Place, folder: &str, factor: u64) {
    fs::create_dir(place.path(folder)).unwrap();
    for run in 0..6 {
        let durations: Vec<u64> =
            (0..50).map(|call| (10_000 + 37 * ((call + run) % 5)) * factor).collect();
        place.put(&format!("{folder}/{run}.json"), report(&durations).to_json());
    }
}

#[test]
fn a_regression_beyond_the_limit_is_exit_code_1() {
    let place = Place::new();
    runs(&place, "old", 1);
    runs(&place, "new", 2);
    let checked = |line: &str| {
        let output = place.run(line);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line}");
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, shown) = checked("check old new --max-regression 5%");
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("Slower by more than 5%: db::load (+100.0%)"), "{shown}");
    let (code, shown) = checked("check new old");
    assert!(code == Some(0) && shown.contains("No function is slower by more than 5%"), "{shown}");
    let (code, shown) = checked("check old old");
    assert_eq!(code, Some(0), "{shown}");
    let (code, shown) = checked("check old new --max-regression 150");
    assert_eq!(code, Some(0), "{shown}");
    let files =
        "check --base old/0.json old/1.json old/2.json --new new/0.json new/1.json new/2.json";
    let (code, shown) = checked(&format!("{files} --markdown"));
    assert!(code == Some(1) && shown.contains("`db::load` (+100"), "{shown}");
    for line in ["check old", "check --base old", "check old new --base old --new new"] {
        assert_eq!(place.run(line).status.code(), Some(2), "{line}");
    }
    assert_eq!(place.run("check old new --max-regression fast").status.code(), Some(2));
}

#[test]
fn a_run_that_is_named_twice_is_no_second_run() {
    let place = Place::new();
    runs(&place, "old", 1);
    fs::create_dir(place.path("new")).unwrap();
    place.put("new/a.json", report(&[5]).to_json());
    for line in [
        "check --base old/0.json old/0.json --new new/a.json",
        "check --base old --new new/a.json new/../new/a.json",
        "diff --base old ./old/3.json --new new -o out.svg",
    ] {
        let message = error(&place.run(line), line);
        assert!(message.contains("is named twice"), "{message}");
    }
    let message = error(&place.feed("diff - -", report(&[5]).to_json().as_bytes()), "two of it");
    assert!(message.contains("standard input can be one profile only"), "{message}");
    assert!(fine(&place.run("diff old old")).contains("6 runs against 6"), "a side each is fine");
}

#[test]
fn a_difference_is_shown_in_every_format() {
    let place = Place::new();
    runs(&place, "old", 1);
    runs(&place, "new", 2);
    let load = |folder: &str| -> Vec<Report> {
        let read = |run| {
            let json = place.read(&format!("{folder}/{run}.json"));
            Report::read_json(&json[..], LoggedCalls::All).unwrap()
        };
        (0..6).map(read).collect()
    };
    let expected = Comparison::of(load("old"), load("new"));
    let text = fine(&place.run("diff old new --width 80"));
    assert_eq!(text, expected.to_text_with(TextOptions::new().width(80)));
    assert_eq!(fine(&place.run("diff old new -f markdown")), expected.to_markdown(20));
    for name in ["out.txt", "out.md", "out.json", "out.svg", "out.html"] {
        fine(&place.run(&format!("diff old new -o {name}")));
    }
    let json = String::from_utf8(place.read("out.json")).unwrap();
    assert_eq!(json, expected.to_json() + "\n");
    let page = String::from_utf8(place.read("out.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") || page.starts_with("<!doctype html>"));
    assert!(place.read("out.svg").starts_with(b"<?xml"));
    let message = error(&place.run("diff old new -o out.pb.gz"), "another ending");
    assert!(message.contains(".md"), "{message}");
    let message = error(&place.run("diff old new -o missing/out.md"), "no folder");
    assert!(message.contains("\"missing/out.md\""), "{message}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name| fs::metadata(place.path(name)).unwrap().permissions().mode();
        assert_eq!(mode("out.md"), mode("old/0.json"), "readable as any other file");
    }
}

#[test]
fn a_closed_output_is_no_error() {
    let place = Place::new();
    for line in ["report -", "convert - -o - -f json", "convert - -o - -f html"] {
        let mut command = place.command(line.split_whitespace());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let json = report(&[5, 7]).to_json();
        child.stdin.take().unwrap().write_all(json.as_bytes()).unwrap();
        let mut complaint = String::new();
        child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        assert_eq!((child.wait().unwrap().code(), &*complaint), (Some(0), ""), "{line}");
    }
}

#[test]
fn completions_and_manual_know_every_command() {
    let place = Place::new();
    for page in ["man", "completions bash", "completions zsh", "completions fish"] {
        let text = fine(&place.run(page));
        for command in ["report", "convert", "merge", "diff", "check", "run", "open"] {
            assert!(text.contains(command), "{page} lacks {command}");
        }
    }
}

/// The program that the tests below run: this test by itself.
#[test]
#[ignore = "a program for other tests, not a test"]
fn program() {
    let _report = perprovis::report_on_exit();
    perprovis::global().measure("app::work", || ());
    match std::env::var("END").as_deref() {
        Ok("exit") => std::process::exit(7),
        Ok("abort") => std::process::abort(),
        _ => {}
    }
}

/// `perprovis run` with these options, of [`program`].
fn run_program(place: &Place, options: &str, end: &str) -> Output {
    let mut command = place.command(["run"]);
    command.args(options.split(' ').filter(|option| !option.is_empty())).arg("--");
    command.arg(std::env::current_exe().unwrap());
    command.args(["--exact", "program", "--ignored"]).env("END", end);
    command.output().unwrap()
}

#[test]
fn a_program_is_run_and_its_profile_shown() {
    let place = Place::new();
    let output = run_program(&place, "", "");
    let (shown, told) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{told}");
    assert!(shown.contains("perprovis: 1 call of 1 function"), "{shown}");
    assert!(!told.contains("perprovis: 1 call"), "not twice: {told}");
    assert!(place.names().is_empty(), "{:?}", place.names());
}

#[test]
fn a_profile_of_a_program_is_written_and_its_exit_code_passed_on() {
    let place = Place::new();
    let output = run_program(&place, "-o out.json -o out.svg", "exit");
    assert_eq!(output.status.code(), Some(7));
    let written = Report::read_json(&place.read("out.json")[..], LoggedCalls::All).unwrap();
    assert_eq!(written.function("app::work").unwrap().call_count, 1);
    assert_eq!(place.names(), ["out.json", "out.svg"]);
    let output = run_program(&place, "--filter -app -o out.json", "");
    assert!(output.status.success());
    assert!(Report::read_json(&place.read("out.json")[..], LoggedCalls::All).unwrap().is_empty());
}

#[test]
fn why_there_is_no_profile_is_told() {
    let place = Place::new();
    let told = |output: Output| (output.status.code(), String::from_utf8(output.stderr).unwrap());
    let (code, message) = told(place.run("run -- true"));
    assert!(code == Some(2) && message.contains("#[perprovis::main]"), "{message}");
    let (code, message) = told(place.run("run -- false"));
    assert!(code == Some(1) && message.contains("failed with exit code 1"), "{message}");
    let (code, message) = told(place.run("run -- ./missing"));
    assert!(code == Some(2) && message.contains("cannot run \"./missing\""), "{message}");
    let off = place.command(["run", "--", "true"]).env("PERPROVIS", "off").output().unwrap();
    let (code, message) = told(off);
    assert!(code == Some(2) && message.contains("PERPROVIS=off"), "{message}");
    #[cfg(unix)]
    {
        let (code, message) = told(run_program(&place, "-o out.json", "abort"));
        assert!(code == Some(134) && message.contains("signal 6"), "{message}");
    }
    assert!(place.names().is_empty(), "{:?}", place.names());
}

#[test]
#[cfg(unix)]
fn a_page_is_opened_where_it_stays() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let report = report(&[5, 7]);
    place.put("a.json", report.to_json());
    // Stands in for the desktop's: says what it was asked to open.
    place.put("xdg-open", "#!/bin/sh\necho \"$1\" > opened.tmp && mv opened.tmp opened\n");
    fs::set_permissions(place.path("xdg-open"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", place.0.path().display());
    let output = place.command(["open", "a.json"]).env("PATH", path).output().unwrap();
    let page = fine(&output);
    let mut expected = Vec::new();
    report.write(Format::Html, &mut expected).unwrap();
    assert!(fs::read(page.trim_end()).unwrap() == expected);
    if cfg!(target_os = "linux") {
        while !place.path("opened").exists() {
            std::thread::yield_now();
        }
        assert_eq!(String::from_utf8(place.read("opened")).unwrap(), page);
    }
}
