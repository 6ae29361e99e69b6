//! A program that reports on its exit, ended in every way, seen from outside.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use perprovis::Report;
use tempfile::TempDir;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_program"));
    command.args(arguments);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PERPROVIS") {
            command.env_remove(name);
        }
    }
    command
}

/// What a run left: exit code, standard output, standard error.
#[track_caller]
fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(stdout.starts_with("the program's own output\n"), "{stdout}");
    (status.code(), stdout, stderr)
}

/// The lines of standard error that are ours and no report.
fn complaints(stderr: &str) -> Vec<&str> {
    let is_ours = |line: &&str| line.starts_with("perprovis:") && !line.contains(" calls of ");
    stderr.lines().filter(is_ours).collect()
}

#[track_caller]
fn load(path: &Path) -> Report {
    Report::from_json(&fs::read_to_string(path).unwrap()).unwrap()
}

fn work_calls(report: &Report) -> u64 {
    report.function("program::work").map_or(0, |work| work.call_count)
}

const HEAD: &str = "perprovis: 3 calls of 1 function";

#[test]
fn the_report_comes_once_however_the_program_ends() {
    for (end, code) in [
        ("return", 0),
        ("panic", 101),
        ("exit", 3),
        ("exit on another thread", 3),
        ("exit with stderr locked", 3),
        ("exit in a panic", 3),
        ("exits on many threads", 3),
    ] {
        let (status, stdout, stderr) = run(&mut program(&[end]));
        assert_eq!(status, Some(code), "{end}: {stderr}");
        assert_eq!(stderr.matches(HEAD).count(), 1, "{end}: {stderr}");
        assert_eq!(stdout, "the program's own output\n", "{end}");
        assert_eq!(complaints(&stderr), Vec::<&str>::new(), "{end}");
        let panics = usize::from(end.contains("panic"));
        assert_eq!(stderr.matches("panicked at").count(), panics, "{end}: {stderr}");
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_program_after_the_report() {
    use std::io::{BufRead, BufReader};
    use std::os::unix::process::ExitStatusExt;
    use std::process::Stdio;

    for (signal, number) in [("-INT", 2), ("-TERM", 15)] {
        let command = &mut program(&["signal"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.map(Result::unwrap).any(|line| line == "ready"));
        let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.signal(), Some(number), "{:?}", output.status);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr.matches(HEAD).count(), 1, "{stderr}");
    }
}

#[test]
fn what_profiling_costs_is_measured_also_when_the_thread_is_ending() {
    for end in ["panic", "exit"] {
        let (_, _, stderr) = run(&mut program(&[end]));
        let cost = stderr.lines().find(|line| line.starts_with("profiling: ")).unwrap();
        assert!(!cost.starts_with("profiling: 0 ns"), "{end}: {cost}");
    }
}

#[test]
fn calls_that_other_threads_have_open_are_shown() {
    let (status, _, stderr) = run(&mut program(&["busy threads"]));
    assert_eq!(status, Some(0));
    let open = stderr.lines().filter(|line| line.starts_with("busy ")).count();
    assert_eq!(open, 2, "{stderr}");
}

#[test]
fn a_guard_dropped_early_reports_then_and_not_again() {
    let (status, _, stderr) = run(&mut program(&["early"]));
    assert_eq!(status, Some(3));
    assert_eq!(stderr.matches("Nothing was recorded").count(), 1, "{stderr}");
    assert_eq!(stderr.matches("calls of").count(), 1, "{stderr}");
}

#[test]
fn guards_that_live_together_are_one_and_later_ones_are_another() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("out.json");
    let (_, _, stderr) = run(&mut program(&["two", file.to_str().unwrap()]));
    assert_eq!(stderr.matches("perprovis: 4 calls of 1 function").count(), 1, "{stderr}");
    assert_eq!(work_calls(&load(&file)), 4);
    let (_, _, stderr) = run(&mut program(&["again"]));
    for calls in ["perprovis: 1 call of 1 function", "perprovis: 2 calls of 1 function"] {
        assert_eq!(stderr.matches(calls).count(), 1, "{stderr}");
    }
}

#[test]
fn without_a_guard_the_environment_means_nothing() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("out.json");
    let (_, _, stderr) = run(program(&["no guard"])
        .env("PERPROVIS_REPORT", "20")
        .env("PERPROVIS_EXPORT", &file)
        .env("PERPROVIS_CALLS", "x"));
    assert_eq!((stderr.as_str(), file.exists()), ("", false));
}

#[test]
fn the_environment_wins_over_the_code() {
    let folder = TempDir::new().unwrap();
    let [of_code, json, csv] =
        ["of-code.json", "out-%p.json", "out.csv"].map(|name| folder.path().join(name));
    let of_code_text = of_code.to_str().unwrap();

    let (_, _, stderr) = run(&mut program(&["export", of_code_text]));
    assert_eq!(stderr, "", "a file instead of the report");
    assert_eq!(work_calls(&load(&of_code)), 3);
    fs::remove_file(&of_code).unwrap();

    let both = format!("{},{}", json.display(), csv.display());
    let (_, _, stderr) = run(program(&["export", of_code_text]).env("PERPROVIS_EXPORT", both));
    assert_eq!((stderr.as_str(), of_code.exists()), ("", false));
    let names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let json = names.iter().find(|name| name.ends_with(".json")).unwrap();
    let process = json.strip_prefix("out-").unwrap().strip_suffix(".json").unwrap();
    assert!(process.parse::<u32>().is_ok(), "{json}");
    assert_eq!(work_calls(&load(&folder.path().join(json))), 3);

    let (_, _, stderr) = run(program(&["return"]).env("PERPROVIS_REPORT", "off"));
    assert_eq!(stderr, "");
    let (_, _, stderr) = run(program(&["export", of_code_text]).env("PERPROVIS_REPORT", "5"));
    assert!(stderr.starts_with(HEAD) && of_code.exists(), "both: {stderr}");
    fs::remove_file(&of_code).unwrap();
    let (_, _, stderr) = run(program(&["export", of_code_text]).env("PERPROVIS", "off"));
    assert_eq!((stderr.as_str(), of_code.exists()), ("", false));
}

#[test]
fn filter_and_log_are_set_by_code_or_environment() {
    let (_, _, stderr) = run(&mut program(&["everything"]));
    assert_eq!(stderr.matches(HEAD).count(), 1, "{stderr}");
    let (_, _, stderr) = run(program(&["everything"]).env("PERPROVIS_FILTER", "-program"));
    assert!(stderr.starts_with("perprovis: 1 call of 1 function"), "{stderr}");
    let (_, _, stderr) = run(program(&["everything"]).env("PERPROVIS_FILTER", "off"));
    assert!(stderr.starts_with("perprovis: 4 calls of 2 functions"), "{stderr}");
    let (_, _, stderr) = run(program(&["everything"]).env("PERPROVIS_CALLS", "0"));
    assert!(stderr.contains("The call log holds 0 calls and dropped 3 calls."), "{stderr}");
    let (_, _, stderr) = run(program(&["everything"]).env("PERPROVIS_CALLS", "2"));
    assert!(stderr.contains("The call log holds 2 calls and dropped 1 call."), "{stderr}");
}

#[test]
fn a_wrong_value_is_one_line_and_the_program_runs_on() {
    let (status, _, stderr) = run(program(&["return"])
        .env("PERPROVIS_EVERY", "10 weeks")
        .env("PERPROVIS_EXPORT", "out.xyz")
        .env("PERPROVIS_FILTER", "a,-a"));
    assert_eq!(status, Some(0));
    let complaints = complaints(&stderr);
    for (line, part) in complaints.iter().zip([
        "perprovis: PERPROVIS_EVERY is \"10 weeks\", expected a time such as",
        "perprovis: PERPROVIS_EXPORT: cannot tell the format of \"out.xyz\"",
        "perprovis: PERPROVIS_FILTER is \"a,-a\", expected paths",
    ]) {
        assert!(line.starts_with(part), "{line}");
    }
    assert_eq!(complaints.len(), 3, "{stderr}");
    assert_eq!(stderr.matches(HEAD).count(), 1, "{stderr}");
}

#[test]
fn a_wrong_value_is_told_once_however_many_guards_come() {
    let (_, _, stderr) = run(program(&["again"]).env("PERPROVIS_CALLS", "x"));
    assert_eq!(stderr.matches("PERPROVIS_CALLS is \"x\"").count(), 1, "{stderr}");
    assert_eq!(stderr.matches("1 function").count(), 2, "{stderr}");
}

#[test]
fn a_file_that_cannot_be_written_is_one_line_and_the_others_are_there() {
    let folder = TempDir::new().unwrap();
    let [lost, good] = ["missing/a.json", "b.json"].map(|name| folder.path().join(name));
    let (status, _, stderr) =
        run(&mut program(&["export", lost.to_str().unwrap(), good.to_str().unwrap()]));
    assert_eq!(status, Some(0));
    assert_eq!(complaints(&stderr).len(), 1, "{stderr}");
    assert!(stderr.contains("create its directory first"), "{stderr}");
    assert_eq!(work_calls(&load(&good)), 3);
}

#[test]
fn a_child_process_that_writes_the_same_file_is_noticed() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("out.json");
    let (_, _, stderr) = run(program(&["child"]).env("PERPROVIS_EXPORT", &file));
    assert_eq!(complaints(&stderr).len(), 1, "{stderr}");
    assert!(stderr.contains("with %p in its name each has its own file"), "{stderr}");
    let each = folder.path().join("out-%p.csv");
    let (_, _, stderr) = run(program(&["child"]).env("PERPROVIS_EXPORT", &each));
    assert_eq!(stderr, "");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}
