use super::super::folded::tests::{deep, fails_wherever_the_writer_does, hostile, written};
use crate::report::sample::{Sample, extreme, service};
use crate::{Format, Report};

#[test]
fn a_table_with_a_summary_and_notes() {
    insta::assert_snapshot!("service", service().to_markdown(20));
    insta::assert_snapshot!("top", service().to_markdown(3));
    insta::assert_snapshot!("extreme", extreme().to_markdown(20));
    insta::assert_snapshot!("hostile", hostile().to_markdown(20));
    assert_eq!(written(&service(), Format::Markdown), service().to_markdown(20));
}

#[test]
fn nothing_is_said_of_nothing() {
    assert_eq!(Report::default().to_markdown(20), "**perprovis**: nothing was recorded.\n");
    assert_eq!(deep().to_markdown(0).matches('|').count(), 0, "no table without rows");
}

#[test]
fn every_row_has_seven_cells_whatever_the_names() {
    for report in [service(), extreme(), hostile()] {
        let markdown = report.to_markdown(usize::MAX);
        let rows: Vec<&str> = markdown.lines().filter(|line| line.starts_with('|')).collect();
        assert_eq!(rows.len(), report.functions().len() + 2);
        assert!(rows.iter().all(|row| row.matches('|').count() == 8), "{markdown}");
    }
}

#[test]
fn the_twentieth_function_is_shown_and_the_next_is_counted() {
    let mut flat = Sample::new(0);
    for index in 0..50u64 {
        flat.call(1, &[&format!("app::f{index}")], index * 10, 10);
    }
    let markdown = written(&flat.report(), Format::Markdown);
    assert_eq!(markdown.lines().filter(|line| line.starts_with("| `")).count(), 20);
    assert!(markdown.contains("… 30 more functions with 60.0% of the self time"), "{markdown}");
}

#[test]
fn a_failing_writer_is_an_error() {
    fails_wherever_the_writer_does(&service(), Format::Markdown);
}
