//! Golden renderings. `INSTA_UPDATE=always cargo test` accepts new ones.

use crate::report::sample::{Sample, extreme, service};
use crate::{ColorChoice, Overhead, Report, TextOptions};

fn columns(width: usize) -> TextOptions {
    TextOptions::new().width(width)
}

fn text(report: &Report, width: usize) -> String {
    report.to_text_with(columns(width))
}

#[test]
fn text_report() {
    insta::assert_snapshot!("text_80", text(&service(), 80));
    insta::assert_snapshot!("text_100", service().to_string());
    insta::assert_snapshot!("text_200", text(&service(), 200));
    insta::assert_snapshot!("text_40", text(&service(), 40));
    insta::assert_snapshot!("text_top", service().to_text(2));
    insta::assert_snapshot!("text_extreme", text(&extreme(), 80));
}

#[test]
fn empty_reports_say_what_to_do() {
    insta::assert_snapshot!("empty", Report::default().to_string());
    assert!(Report::default().flame_graph_text(80).contains("#[profile]"));
    assert!(Report::default().timeline_text(50).contains("#[profile]"));
}

#[test]
fn a_report_without_a_clock_says_so() {
    let mut report = service();
    report.clock.source = crate::ClockSource::Os;
    assert!(!report.to_string().contains("has no clock"));
    report.clock.run_ticks = perprovis_core::units::Ticks::ZERO;
    assert!(report.to_string().contains("This target has no clock"));
}

#[test]
fn a_report_by_a_clock_that_is_not_steady_says_so() {
    let mut report = service();
    let text = |report: &Report| report.to_string().replace("\n  ", " ");
    assert!(!text(&report).contains("disagree") && !text(&report).contains("before beginning"));
    report.clock.faults.disagreement = 0.032;
    report.clock.faults.negative_calls = 2;
    let shown = text(&report.compensated());
    assert!(shown.contains("clock disagree by 3.2% between parts of the run"), "{shown}");
    assert!(shown.contains("2 calls ended before beginning"), "{shown}");
    report.clock.faults.disagreement = f64::INFINITY;
    assert!(text(&report).contains("the counter went back"));
    let merged = text(&Report::merge([("one", report.clone()), ("two", report)]));
    assert!(merged.contains("4 calls ended before beginning"), "{merged}");
}

#[test]
fn flame_graph() {
    insta::assert_snapshot!("flame_80", service().flame_graph_text(80));
    insta::assert_snapshot!("flame_200", service().flame_graph_text(200));
    insta::assert_snapshot!("flame_20", service().flame_graph_text(0));
}

#[test]
fn timeline() {
    insta::assert_snapshot!("timeline_80", service().timeline_text_with(120, columns(80)));
    insta::assert_snapshot!("timeline_200", service().timeline_text_with(120, columns(200)));
    insta::assert_snapshot!("timeline_few", service().timeline_text_with(5, columns(60)));
    insta::assert_snapshot!("timeline_0", service().timeline_text(0));
}

#[test]
fn call_tree() {
    insta::assert_snapshot!("tree", service().call_tree().to_string());
}

/// As a terminal gets it; `␛` stands for the escape character.
#[test]
fn colours() {
    let shown = |text: String| text.replace('\x1b', "␛");
    let options = columns(100).color(ColorChoice::Always);
    insta::assert_snapshot!("colours_text", shown(service().to_text_with(options)));
    insta::assert_snapshot!("colours_flame", shown(service().flame_graph_text_with(options)));
    insta::assert_snapshot!("colours_timeline", shown(service().timeline_text_with(120, options)));
    insta::assert_snapshot!("colours_tree", shown(service().call_tree().to_text_with(options)));
}

#[test]
fn strings_and_writers_are_plain_unless_colours_are_asked_for() {
    let report = service();
    let mut written = Vec::new();
    report.write_text(&mut written, TextOptions::new()).unwrap();
    let written = String::from_utf8(written).unwrap();
    let tree = report.call_tree().to_text_with(TextOptions::new());
    for text in
        [written, report.to_text(20), report.flame_graph_text(80), report.timeline_text(9), tree]
    {
        assert!(!text.contains('\x1b'), "{text:?}");
    }
    let coloured = TextOptions::new().color(ColorChoice::Always);
    let mut written = Vec::new();
    report.write_text(&mut written, coloured).unwrap();
    let written = String::from_utf8(written).unwrap();
    assert_eq!(written, report.to_text_with(coloured));
    assert!(written.contains("\x1b["), "{written:?}");
}

#[test]
fn a_tree_with_a_width_cuts_names() {
    for width in [20, 40, 80] {
        let text = service().call_tree().to_text_with(columns(width));
        assert!(text.lines().all(|line| super::label::width(line) <= width), "{text}");
    }
    let wide = service().call_tree().to_text_with(columns(400));
    assert_eq!(wide, format!("{}\n", service().call_tree()));
}

#[test]
fn a_deep_recursion_and_a_flat_profile_stay_readable() {
    let mut deep = Sample::new(0);
    let stack = ["f"; 300];
    for depth in 1..=300u64 {
        deep.call(1, &stack[..depth as usize], depth, 1000 - depth);
    }
    let deep = deep.report();
    assert!(deep.flame_graph_text(80).lines().count() < 60);
    assert!(deep.timeline_text(300).lines().count() < 30);
    let mut flat = Sample::new(0);
    for index in 0..2000u64 {
        flat.call(1, &[&format!("app::f{index}")], index * 10, 10);
    }
    let flat = flat.report();
    let table = flat.to_string();
    let rows = table.lines().filter(|line| line.starts_with('f') && line.contains("0.1%"));
    assert_eq!(rows.count(), 20);
    assert!(table.contains("… 1,980 more functions with 99.0% of the self time"), "{table}");
    insta::assert_snapshot!("flame_flat", flat.flame_graph_text(60));
    insta::assert_snapshot!("timeline_flat", flat.timeline_text(2000));
}

#[test]
fn a_busy_run_shows_how_full_its_columns_are() {
    let mut busy = Sample::new(0);
    for run in 0..30u64 {
        for depth in 1..=20 + (run * 7 % 20) {
            let (start, took) = (run * 1000 + depth * 3, 700 + run * 9 - depth * 10);
            busy.call(1, &["app::fib"; 40][..depth as usize], start, took);
        }
    }
    for task in 0..200u64 {
        busy.call(2, &["app::task"], task * 100, 4000); // overlapping, as async calls do
    }
    for call in 0..5000u64 {
        busy.call(3, &["app::tick"], call * 6, 1 + call / 1000);
    }
    let busy = busy.report();
    insta::assert_snapshot!("timeline_busy", busy.timeline_text(usize::MAX));
    insta::assert_snapshot!("flame_busy", busy.flame_graph_text(80));
}

#[test]
fn a_slow_call_that_is_all_one_below_makes_way_and_hands_over_its_metadata() {
    let mut sample = Sample::new(0);
    for (index, took) in [900, 800, 700, 600, 500].into_iter().enumerate() {
        let start = index as u64 * 1000;
        sample.call(1, &["app::handle"], start, took);
        sample.attach(&[("user", (index as u64).into())]);
        sample.call(1, &["app::handle", "app::query"], start + 5, took - 20);
        sample.attach(&[("table", "a/long/path/to/a/table".into())]);
        sample.call(1, &["app::handle", "app::query", "app::lock"], start + 6, took / 2);
    }
    let text = text(&sample.report(), 80);
    insta::assert_snapshot!("text_slowest", text);
}

#[test]
fn display_has_no_line_break_at_the_end_and_strings_have_one() {
    for report in [service(), Report::default()] {
        let tree = report.call_tree().to_string();
        assert!(!report.to_string().ends_with('\n') && !tree.ends_with('\n'));
        assert_eq!(report.to_text(20), format!("{report}\n"));
        for text in [report.to_text(3), report.flame_graph_text(80), report.timeline_text(50)] {
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text:?}");
        }
    }
}

#[test]
fn what_profiling_costs_is_a_warning_if_it_is_much() {
    let mut sample = Sample::new(0);
    sample.call(1, &["app::tiny"], 0, 100);
    sample.snapshot.overhead = Overhead { inside_nanos: 10.0, outside_nanos: 20.0 };
    let report = sample.report();
    assert!(report.to_string().contains("! Profiling itself is about 30% of the time"), "{report}");
    assert!(!report.compensated().to_string().contains("! Profiling"));
}
