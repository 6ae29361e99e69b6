//! The page's parts fit together, and its data is the report's.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::io;

use perprovis_core::metadata::Value;
use perprovis_core::units::Ticks;

use crate::Format;
use crate::report::Report;
use crate::report::sample::{Sample, extreme, service};

use super::decode::Block;
use super::*;

fn page(report: &Report) -> String {
    let mut bytes = Vec::new();
    report.write(Format::Html, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn module_name(module: &str) -> usize {
    MODULES.iter().position(|known| *known == module).unwrap()
}

#[test]
fn a_module_stands_behind_those_it_imports_and_exports_names_of_its_own() {
    let mut known = HashSet::new();
    for module in MODULES {
        for line in module.lines().filter(|line| line.starts_with(IMPORT)) {
            let (names, from) = line
                .strip_prefix("import { ")
                .and_then(|line| line.split_once(" } from './"))
                .unwrap_or_else(|| panic!("an import that is not written in one line: {line}"));
            assert!(from.ends_with(".js';") && !names.contains(" as "), "{line}");
            for name in names.split(", ") {
                assert!(known.contains(name), "{line}: {name} comes later, or from nowhere");
            }
        }
        assert!(!module.contains("\nexport {") && !module.contains("\nexport default"));
        for name in exports(module) {
            assert!(known.insert(name), "{name} is exported twice");
        }
    }
}

#[test]
fn no_import_or_export_is_left_and_no_part_ends_the_script() {
    for module in MODULES {
        let mut written = Vec::new();
        write_module(module, &mut written).unwrap();
        let written = String::from_utf8(written).unwrap();
        let lines = || written.lines();
        assert!(!lines().any(|line| line.starts_with(IMPORT) || line.starts_with(EXPORT)));
        let number = module_name(module);
        assert!(!written.contains("</script") && !written.contains("<!--"), "module {number}");
        // Nothing that makes markup or code of strings.
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!written.contains(word), "module {number}: {word}");
        }
    }
    assert!(STYLES.iter().all(|style| !style.contains("</style") && !style.contains("url(")));
}

#[test]
fn a_page_needs_nothing_else() {
    let page = page(&service());
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert!(page.contains("default-src 'none'"));
    assert!(!page.contains("{{"), "a part was not filled in");
    for tag in ["<link", "<img", "<iframe", " src=", "@import"] {
        assert!(!page.contains(tag), "{tag}");
    }
}

/// All that is text in the data is base64: hostile names add no byte of markup.
#[test]
fn no_text_of_the_report_is_in_the_page_as_it_is() {
    let names =
        ["<script>alert(1)</script>", "</script>", "<!--", "\"'&", "\u{202e}", "", "{{data}}"];
    let mut sample = Sample::new(0);
    for name in names {
        sample.call(1, &[name], 0, 10);
        sample.attach(&[("</script>", Value::from("</script><b>"))]);
    }
    sample.name_thread(1, "</script>");
    let (hostile, harmless) = (page(&sample.report()), page(&Report::default()));
    let tags = |page: &str| page.matches('<').count();
    assert_eq!(tags(&hostile), tags(&harmless));
    assert!(!hostile.contains("alert(1)"));
    let mut functions = Block::of(&hostile, "functions");
    assert_eq!(functions.number(), names.len() as u64);
}

#[test]
fn functions_come_back_with_all_their_numbers() {
    for report in [service(), extreme(), Report::default()] {
        let mut block = Block::of(&page(&report), "functions");
        assert_eq!(block.number(), report.functions.len() as u64);
        for function in &report.functions {
            let name = block.text();
            assert_eq!(name, function.name);
            let short = match block.number() {
                0 => block.text(),
                from => name[from as usize - 1..].to_owned(),
            };
            assert_eq!(short, &*function.short);
            let statistics = &function.statistics;
            let counts = [statistics.count, statistics.panicked, statistics.cancelled];
            assert_eq!(block.numbers(), counts);
            let times = [statistics.sum, statistics.total, statistics.self_time, statistics.busy];
            assert_eq!(block.number(), statistics.polls);
            assert_eq!(block.numbers(), times.map(|ticks| ticks.0));
            assert_eq!(
                block.numbers(),
                [statistics.idle, statistics.min, statistics.max].map(|ticks| ticks.0)
            );
            assert_eq!(
                block.numbers(),
                [function.tree_time, function.tree_self_time].map(|ticks| ticks.0)
            );
            assert_eq!(block.numbers(), [function.open, function.logged.len() as u64]);
            assert_eq!(block.float(), function.avg_nanos());
            assert_eq!(block.float(), function.std_dev_nanos());
            for percentile in [50.0, 90.0, 95.0, 99.0, 99.9] {
                assert_eq!(block.float(), function.percentile_nanos(percentile));
            }
            let mut bucket = 0;
            let buckets: Vec<(u32, u64)> = (0..block.number())
                .map(|_| {
                    bucket += block.number() as u32;
                    (bucket, block.number())
                })
                .collect();
            assert_eq!(buckets, statistics.histogram.buckets());
        }
        assert!(block.is_read());
    }
}

/// Paths and nodes come back, and what they weigh is the profiled time.
#[test]
fn the_nodes_weigh_what_was_profiled() {
    for report in [service(), extreme(), Report::default()] {
        let page = page(&report);
        let mut block = Block::of(&page, "paths");
        let count = block.number();
        assert_eq!(count, report.paths.len() as u64);
        for (index, path) in (0..).zip(&report.paths) {
            let [distance, function] = block.numbers();
            assert_eq!((distance > 0).then(|| (index - distance) as u32), path.parent);
            assert_eq!(function, u64::from(path.function));
        }
        assert!(block.is_read());

        let mut block = Block::of(&page, "nodes");
        let mut whole = 0u64;
        let mut lists = Vec::new();
        for _ in 0..block.number() {
            let [thread, nodes] = block.numbers();
            let of_thread = match thread {
                0 => &report.exited,
                thread => &report.nodes[thread as usize - 1],
            };
            assert_eq!(nodes, of_thread.len() as u64);
            for node in of_thread {
                let numbers =
                    [u64::from(node.path), node.calls, node.self_time.0, node.truncated_calls];
                assert_eq!(block.numbers(), numbers);
                assert_eq!(block.number(), node.truncated_time.0);
                whole =
                    whole.saturating_add(node.self_time.0).saturating_add(node.truncated_time.0);
            }
            lists.push(thread);
        }
        assert!(block.is_read());
        assert_eq!(lists.len(), report.nodes.len() + 1);
        assert_eq!(whole, report.tree.whole().0);
    }
}

#[test]
fn calls_come_back_with_threads_and_metadata() {
    for report in [service(), extreme(), Report::default()] {
        let page = page(&report);
        let ids = thread_ids(&page);
        let log = report.log.plain();

        let mut block = Block::of(&page, "calls");
        assert_eq!(block.number(), log.len() as u64);
        let mut start = 0;
        for call in log {
            let thread = block.number();
            assert_eq!((ids[thread as usize / 2], thread % 2 == 1), (call.thread, call.panicked));
            assert_eq!(path_of(&mut block, call.function), call.path);
            start += block.number();
            assert_eq!((start, block.number()), (call.start.0, call.duration.0));
        }
        assert!(block.is_read());

        let mut block = Block::of(&page, "metadata");
        let mut found = HashMap::new();
        let mut number = 0;
        loop {
            match block.number() {
                0 => break,
                distance => number += distance,
            }
            found.insert(number as usize - 1, block.pairs());
        }
        assert!(block.is_read());
        for (index, call) in report.calls().iter().enumerate() {
            let pairs: Vec<String> =
                call.metadata.iter().map(|(key, value)| format!("{key}={value}")).collect();
            assert_eq!(found.remove(&index).unwrap_or_default(), pairs);
        }
        assert!(found.is_empty());

        let mut block = Block::of(&page, "slowest");
        for function in &report.functions {
            assert_eq!(block.number(), function.slowest.len() as u64);
            for call in function.slowest.iter() {
                let thread = block.number();
                assert_eq!(ids[thread as usize / 2], call.thread_id.number());
                assert_eq!(path_of(&mut block, call.function), call.path);
                assert_eq!(
                    block.numbers(),
                    [call.start_ticks, call.duration_ticks].map(|ticks| ticks.0)
                );
                assert_eq!(block.pairs().join(" "), call.metadata.to_string());
            }
        }
        assert!(block.is_read());

        let mut block = Block::of(&page, "open");
        assert_eq!(block.number(), report.open.len() as u64);
        for scope in &report.open {
            assert_eq!(ids[block.number() as usize], scope.thread_id.number());
            let times = [scope.since_ticks, report.end_of(scope.thread_id)].map(|ticks| ticks.0);
            assert_eq!((block.number(), block.numbers()), (u64::from(scope.path), times));
        }
        assert!(block.is_read());
    }
}

fn path_of(block: &mut Block, function: u32) -> Option<u32> {
    match block.number() {
        0 => {
            assert_eq!(block.number(), u64::from(function));
            None
        }
        path => Some(path as u32 - 1),
    }
}

/// The ids of the threads, as other blocks refer to them.
fn thread_ids(page: &str) -> Vec<u64> {
    let mut block = Block::of(page, "facts");
    facts(&mut block, &mut String::new())
}

/// A run of 1 ms, another of 3 ms that has a thread only in its log.
fn merged() -> Report {
    let mut short = Sample::new(0);
    short.snapshot.clock.now = Ticks(1_000_000);
    short.open(1, &["serve"], 200_000);
    let mut long = Sample::new(0);
    long.snapshot.clock.now = Ticks(3_000_000);
    long.open(1, &["serve"], 500_000);
    long.call(2, &["serve"], 0, 700_000);
    long.name_thread(1, "main");
    let mut report = Report::merge([("short.json", short.report()), ("long.json", long.report())]);
    report.threads.pop();
    report.nodes.pop();
    report
}

#[test]
fn an_open_scope_of_a_merged_report_ends_with_the_run_it_belongs_to() {
    let mut block = Block::of(&page(&merged()), "open");
    assert_eq!(block.number(), 2);
    let mut times: Vec<[u64; 4]> = (0..2).map(|_| block.numbers()).collect();
    times.sort_unstable_by_key(|scope| scope[3]);
    assert_eq!(times[0][2..], [200_000, 1_000_000]);
    assert_eq!(times[1][2..], [500_000, 3_000_000]);
}

#[test]
fn a_thread_that_is_only_in_the_log_of_a_merged_report_says_where_it_comes_from() {
    let page = page(&merged());
    let mut text = String::new();
    facts(&mut Block::of(&page, "facts"), &mut text);
    let names: Vec<&str> = text.lines().filter(|line| line.starts_with("thread: ")).collect();
    assert_eq!(names.len(), 3, "{text}");
    assert!(names[0].contains("\"thread 1 (short.json)\""), "{text}");
    assert!(names[1].contains("\"main (long.json)\""), "{text}");
    assert!(names[2].contains("(long.json)\") state, time [2, 0]"), "{text}");
}

/// Reads the facts, writes them down, gives the thread ids.
fn facts(block: &mut Block, text: &mut String) -> Vec<u64> {
    let mut line = |name: &str, value: String| writeln!(text, "{name}: {value}").unwrap();
    let [version, clock] = block.numbers();
    line("version", version.to_string());
    line("clock", clock.to_string());
    line("nanoseconds of a tick", block.float().to_string());
    line("run time", block.number().to_string());
    line("sources", block.number().to_string());
    line("cost within", block.float().to_string());
    line("cost beside", block.float().to_string());
    line("dropped", format!("{:?}", block.numbers::<4>()));
    line("merged threads", block.number().to_string());
    line("profiled time", block.number().to_string());
    line("calls in the log", block.number().to_string());
    line("mean, median, p95", format!("{} {} {}", block.float(), block.float(), block.float()));
    let mut ids = Vec::new();
    for _ in 0..block.number() {
        let id = block.number();
        let name = if block.number() == 1 { Some(block.text()) } else { None };
        line("thread", format!("{id} {name:?} state, time {:?}", block.numbers::<2>()));
        ids.push(id);
    }
    assert!(block.is_read());
    ids
}

#[test]
fn the_facts_and_the_shape_of_a_page() {
    let page = page(&service());
    let mut text = String::new();
    facts(&mut Block::of(&page, "facts"), &mut text);
    text.push('\n');
    for line in page.lines().filter(|line| line.starts_with("<script type=\"application")) {
        let (tag, content) = line.split_once('>').unwrap();
        let (content, end) = content.split_once('<').unwrap();
        writeln!(text, "{tag}>{} bytes<{end}", content.trim_end_matches('=').len() * 3 / 4)
            .unwrap();
    }
    insta::assert_snapshot!("service", text);
}

#[test]
fn a_writer_that_fails_anywhere_gives_an_error() {
    struct Failing(usize);
    impl io::Write for Failing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::Error::other("full"));
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let report = service();
    let length = page(&report).len();
    for bytes in (0..length).step_by(977).chain([length - 1]) {
        assert!(write(&report, &mut Failing(bytes)).is_err(), "{bytes} of {length} bytes");
        assert!(report.write(Format::Html, Failing(bytes)).is_err(), "{bytes} of {length} bytes");
    }
    write(&report, &mut Failing(length)).unwrap();
}
