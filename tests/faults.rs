//! What goes wrong around the profiler: disks, files made by others, the program's own panics.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::error::Error as _;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::thread;

use perprovis::{Error, Profiler, Report, SortBy, TextOptions, profile, profile_block};
use perprovis_tests::{manual, ns, stats};

/// A report with everything in it that can be recorded.
fn rich_report() -> Report {
    let (clock, builder) = perprovis_tests::on_manual_clock();
    let profiler = builder.depth(3).names(8).calls_per_thread(20).exited_threads(1).build();
    for worker in ["first", "second"] {
        thread::scope(|scope| {
            let thread = thread::Builder::new().name(worker.into());
            let thread = thread.spawn_scoped(scope, || {
                let _scope = profile_block!(profiler = profiler, "worker::run", worker, n = -1);
                clock.advance_nanos(1000);
            });
            thread.unwrap().join().unwrap();
        });
    }
    let _main = profiler.block("app::main");
    for round in 0..40u64 {
        let _scope = profile_block!(
            profiler = profiler,
            "app::step",
            round,
            ratio = 1.0 / round as f64,
            text = "quote \" line\n漢 \u{202e}",
            big = u64::MAX,
            ok = true,
        );
        clock.advance_nanos(round * round);
        profiler.measure("app::leaf", || {
            clock.advance_nanos(3);
            profiler.measure("app::deep", || clock.advance_nanos(5));
        });
    }
    let unwinding = std::panic::AssertUnwindSafe(|| {
        profiler.measure("app::unwinding", || std::panic::resume_unwind(Box::new(())));
    });
    std::panic::catch_unwind(unwinding).unwrap_err();
    for name in 0..10 {
        profiler.measure(&format!("name {name}"), || clock.advance_nanos(1));
    }
    let _inner = profiler.block("app::step");
    clock.advance_nanos(77);
    let report = profiler.report();
    let dropped = report.dropped();
    assert!(dropped.log_calls > 0 && dropped.truncated_calls > 0 && dropped.unnamed_calls > 0);
    assert_eq!(report.open_scopes().len(), 2);
    assert_eq!(report.merged_threads(), 1);
    report
}

#[test]
fn a_rich_report_comes_back_from_json_equal_in_every_query() {
    let report = rich_report();
    let json = report.to_json();
    let back = Report::from_json(&json).unwrap();
    assert_eq!(back.to_json(), json);
    assert_eq!(back.functions(), report.functions());
    assert_eq!(back.calls().len(), report.calls().len());
    for (back, call) in back.calls().iter().zip(report.calls()) {
        assert_eq!(format!("{back:?}"), format!("{call:?}")); // NaN is not equal to itself
    }
    assert_eq!(back.open_scopes(), report.open_scopes());
    assert_eq!(back.threads(), report.threads());
    assert_eq!(back.merged_threads(), report.merged_threads());
    assert_eq!(back.call_tree(), report.call_tree());
    assert_eq!(back.dropped(), report.dropped());
    assert_eq!(back.overhead(), report.overhead());
    assert_eq!(back.clock(), report.clock());
    assert_eq!(back.summary(), report.summary());
    assert_eq!(back.hotspots(100), report.hotspots(100));
    assert_eq!(back.hotspots_by(SortBy::SelfTime, 3), report.hotspots_by(SortBy::SelfTime, 3));
    assert_eq!(format!("{:?}", back.slowest_calls(50)), format!("{:?}", report.slowest_calls(50)));
    for info in report.threads() {
        assert_eq!(back.thread_tree(info.id), report.thread_tree(info.id));
    }
    for stats in report.functions() {
        let other = back.function(&stats.name).unwrap();
        assert_eq!(other.durations(), stats.durations());
        assert_eq!(other.std_dev_nanos().to_bits(), stats.std_dev_nanos().to_bits());
        for p in [0.0, 12.5, 50.0, 99.9, 100.0] {
            assert_eq!(other.percentile(p), stats.percentile(p));
        }
    }
    assert_eq!(back.to_string(), report.to_string());
    assert_eq!(back.flame_graph_text(120), report.flame_graph_text(120));
    assert_eq!(back.timeline_text(100), report.timeline_text(100));
    assert_eq!(back.to_csv(), report.to_csv());
    assert_eq!(back.compensated().to_json(), report.compensated().to_json());
}

#[test]
fn an_empty_report_comes_back_from_json_and_says_what_to_do() {
    let report = Profiler::new().report();
    let back = Report::from_json(&report.to_json()).unwrap();
    assert_eq!(back, report);
    assert!(back.is_empty());
    assert!(back.to_string().contains("Put #[profile] on a function"), "{back}");
}

#[test]
fn a_report_cut_anywhere_is_refused() {
    let json = rich_report().to_json();
    let boundaries = (0..json.len()).filter(|&at| json.is_char_boundary(at)).step_by(97);
    for at in boundaries.chain([json.len() - 1]) {
        let error = Report::from_json(&json[..at]).unwrap_err();
        assert!(matches!(error, Error::Syntax { .. }), "cut at {at}: {error}");
        assert!(error.source().is_some());
    }
}

#[test]
fn text_of_others_is_refused_by_name() {
    for (text, part) in [
        ("", "cannot read the report"),
        ("hello", "cannot read the report"),
        ("{}", "not a perprovis report"),
        ("[]", "cannot read the report"),
        (r#"{"format": "flamegraph", "version": 1}"#, "flamegraph"),
        (r#"{"format": "perprovis-report", "version": 99}"#, "version 99"),
        ("\u{feff}{}", "cannot read the report"),
    ] {
        let error = Report::from_json(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text:?}: {error}");
        assert!(error.starts_with(char::is_lowercase), "{error}");
    }
}

#[test]
fn a_hostile_file_is_refused_and_harms_nothing() {
    let json = rich_report().to_json();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Report::from_json(&deep).is_err());
    for (from, to) in [
        (r#""paths":[[null,"#, r#""paths":[[7,"#), // a parent that is not before its child
        (r#""count":"#, r#""count":9"#),           // more calls than the histogram has
        (r#""threads":[{"id":"#, r#""threads":[{"id":-"#),
        (r#""nanos_per_tick":1"#, r#""nanos_per_tick":-1"#),
        (r#""nanos_per_tick":1"#, r#""nanos_per_tick":1e999"#),
        (r#""histogram":[["#, r#""histogram":[[4294967295,1],["#),
    ] {
        assert!(json.contains(from), "the format has changed: {from}");
        let hostile = json.replacen(from, to, 1);
        let error = Report::from_json(&hostile).expect_err(to);
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn any_single_number_changed_in_a_file_is_an_error_or_a_report_that_can_be_shown() {
    let json = rich_report().to_json();
    let numbers: Vec<usize> = json
        .char_indices()
        .filter(|&(at, digit)| digit.is_ascii_digit() && !json.as_bytes()[at - 1].is_ascii_digit())
        .map(|(at, _)| at)
        .collect();
    let mut shown = 0;
    for (index, &at) in numbers.iter().enumerate().step_by(5) {
        let end = at + json[at..].find(|c: char| !c.is_ascii_digit()).unwrap();
        let new = ["0", "18446744073709551615", "4294967295", "1"][index / 5 % 4];
        let changed = format!("{}{new}{}", &json[..at], &json[end..]);
        if let Ok(report) = Report::from_json(&changed) {
            let text = report.to_text_with(TextOptions::new().width(60).top(5));
            assert!(!text.is_empty() && !report.flame_graph_text(60).is_empty());
            assert!(!report.timeline_text(10).is_empty() && report.summary().total_functions > 0);
            assert!(report.functions().iter().all(|stats| stats.share() <= 1.0));
            shown += 1;
        }
    }
    assert!(shown > 10, "{shown} of {}", numbers.len());
}

/// Both exports to `path` fail, naming it.
#[track_caller]
fn assert_refused(report: &Report, path: &Path, cause: &str) {
    let errors = [report.export_to_json(path), report.export_to_csv(path)];
    for error in errors.map(Result::unwrap_err) {
        let text = error.to_string();
        assert!(text.contains(&format!("{path:?}")), "{text}");
        assert!(text.to_lowercase().contains(cause), "{text}");
        let Error::WriteFile { path: named, source } = &error else { panic!("{error:?}") };
        assert_eq!(named, path);
        assert!(text.contains(&source.to_string()), "{text}");
        assert!(error.source().is_some());
    }
}

#[test]
fn a_path_that_cannot_be_written_is_named_with_the_cause() {
    let report = rich_report();
    let directory = tempfile::tempdir().unwrap();
    assert_refused(&report, &directory.path().join("missing").join("report"), "no such file");
    assert_refused(&report, directory.path(), "directory");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "nothing is left behind");
    let file = directory.path().join("file");
    fs::write(&file, "former").unwrap();
    assert_refused(&report, &file.join("below"), "not a directory");
    assert_eq!(fs::read_to_string(&file).unwrap(), "former");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let report = rich_report();
    assert_refused(&report, Path::new("/dev/full"), "no space");
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    assert!(matches!(report.write_json(full()), Err(Error::Write { .. })));
    assert!(matches!(report.write_csv(full()), Err(Error::Write { .. })));
    assert!(matches!(report.write_text(full(), TextOptions::new()), Err(Error::Write { .. })));
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_keeps_its_content() {
    use std::os::unix::fs::PermissionsExt;

    let report = rich_report();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report.json");
    fs::write(&path, "former").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let root = fs::OpenOptions::new().write(true).open(&path).is_ok(); // may write everywhere
    if !root {
        assert_refused(&report, &path, "permission denied");
        assert_eq!(fs::read_to_string(&path).unwrap(), "former");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    report.export_to_json(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), report.to_json());
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left behind");
}

#[test]
fn a_writer_that_fails_half_way_is_an_error_with_its_cause() {
    struct Short(usize);

    impl io::Write for Short {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::Error::other("the cable is cut"));
            }
            let written = bytes.len().min(self.0);
            self.0 -= written;
            Ok(written)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let report = rich_report();
    for error in [
        report.write_json(Short(500)),
        report.write_csv(Short(500)),
        report.write_text(Short(500), TextOptions::new()),
    ] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains("the cable is cut"), "{error}");
    }
}

struct Explosive;

impl fmt::Debug for Explosive {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("expected by the test");
    }
}

impl fmt::Display for Explosive {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Err(fmt::Error)
    }
}

#[test]
fn a_panic_while_formatting_metadata_stays_out_of_the_program() {
    static PROFILER: Profiler = Profiler::new();

    #[profile(profiler = PROFILER, metadata(?bomb, %bomb, after = 1))]
    fn carry(bomb: &Explosive) -> u32 {
        7
    }

    assert_eq!(carry(&Explosive), 7);
    let block = profile_block!(profiler = PROFILER, "block", value = ?Explosive, { 8 });
    assert_eq!(block, 8);
    let calls = PROFILER.all_calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].metadata.to_string(), "bomb=[panicked] bomb=[error] after=1");
    assert_eq!(calls[1].metadata.to_string(), "value=[panicked]");
    assert_eq!(stats(&PROFILER, "carry").panicked, 0);
}

#[test]
fn a_panic_in_a_metadata_expression_is_the_programs_own() {
    let (clock, profiler) = manual();
    let unwinding = std::panic::AssertUnwindSafe(|| {
        profiler.measure("outer", || {
            let number: Option<u32> = std::hint::black_box(None);
            clock.advance_nanos(1);
            profile_block!(profiler = profiler, "inner", number = number.unwrap(), {})
        })
    });
    assert!(std::panic::catch_unwind(unwinding).is_err());
    let report = profiler.report();
    assert!(report.function("inner").is_none(), "its call had not begun");
    assert_eq!(stats(&profiler, "outer").total_time, ns(1));
    assert!(report.open_scopes().is_empty());
}

#[test]
fn names_and_metadata_of_any_text_are_shown_without_control_characters() {
    let (clock, profiler) = manual();
    for name in ["", "\n\n", "\x1b[2J", "漢字", "a::", "::", "<", "\u{202e}evil", "[truncated]"] {
        let _scope = profile_block!(profiler = profiler, name, text = "\x1b[31m\r\n\t");
        clock.advance_nanos(5);
    }
    let report = profiler.report();
    assert_eq!(report.functions().len(), 9);
    let texts = [report.to_string(), report.flame_graph_text(60), report.timeline_text(20)];
    for text in texts {
        let control = text.chars().find(|&c| (c.is_control() && c != '\n') || c == '\u{202e}');
        assert_eq!(control, None, "{text:?}");
    }
    let back = Report::from_json(&report.to_json()).unwrap();
    assert_eq!(back.functions(), report.functions());
    for stats in report.functions() {
        assert_eq!(report.function(&stats.name).map(|found| &found.name), Some(&stats.name));
    }
}
