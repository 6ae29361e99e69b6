//! The outcomes as a table, for a terminal or as Markdown.

use std::time::Duration;

use crate::check::Outcome;
use crate::meter::Costs;

const HEAD: [&str; 7] =
    ["crate", "attributes", "live", "tests", "new warnings", "build", "compiler's CPU"];

#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    Text,
    Markdown,
}

/// One row per crate and one for their sum; under `build` stands the time that a clean debug build
/// of the crate alone takes, annotated divided by plain.
pub(crate) fn render(outcomes: &[Outcome], style: Style) -> String {
    let mut rows: Vec<Vec<String>> = outcomes.iter().map(row).collect();
    if outcomes.len() > 1 {
        rows.push(sum(outcomes));
    }
    let head: Vec<String> = HEAD.iter().map(|&title| title.to_owned()).collect();
    match style {
        Style::Markdown => {
            let mut rule = vec!["---:".to_owned(); HEAD.len()];
            rule[0] = "---".to_owned();
            [vec![head, rule], rows].concat().iter().map(|row| markdown(row)).collect()
        }
        Style::Text => {
            let all = [vec![head], rows].concat();
            let width = |column: usize| all.iter().map(|row| row[column].len()).max().unwrap_or(0);
            let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
            all.iter().map(|row| text(row, &widths)).collect()
        }
    }
}

/// The mean of the crates' elapsed ratios, each counted once.
pub(crate) fn mean_build_ratio(outcomes: &[Outcome]) -> Option<f64> {
    mean(outcomes, Costs::elapsed_ratio)
}

fn mean(outcomes: &[Outcome], ratio: fn(&Costs) -> f64) -> Option<f64> {
    let ratios: Vec<f64> =
        outcomes.iter().filter_map(|outcome| outcome.build.as_ref()).map(ratio).collect();
    (!ratios.is_empty()).then(|| ratios.iter().sum::<f64>() / ratios.len() as f64)
}

fn row(outcome: &Outcome) -> Vec<String> {
    let (elapsed, cpu) = outcome.build.map_or_else(
        || ("does not build".to_owned(), String::new()),
        |Costs { plain, annotated }| {
            (times(annotated.elapsed, plain.elapsed), times(annotated.cpu, plain.cpu))
        },
    );
    vec![
        outcome.krate.clone(),
        outcome.attributes.to_string(),
        outcome.live.to_string(),
        part(outcome.tests.kept, outcome.tests.plain),
        outcome.new_warnings.to_string(),
        elapsed,
        cpu,
    ]
}

fn sum(outcomes: &[Outcome]) -> Vec<String> {
    let total = |count: fn(&Outcome) -> usize| outcomes.iter().map(count).sum::<usize>();
    let on_average = |ratio| {
        mean(outcomes, ratio).map_or_else(String::new, |ratio| format!("x{ratio:.2} on average"))
    };
    vec![
        "all".to_owned(),
        total(|outcome| outcome.attributes).to_string(),
        total(|outcome| outcome.live).to_string(),
        part(total(|outcome| outcome.tests.kept), total(|outcome| outcome.tests.plain)),
        total(|outcome| outcome.new_warnings).to_string(),
        on_average(Costs::elapsed_ratio),
        on_average(Costs::cpu_ratio),
    ]
}

fn times(annotated: Duration, plain: Duration) -> String {
    let (annotated, plain) = (annotated.as_secs_f64(), plain.as_secs_f64());
    format!("x{:.2} ({annotated:.2} / {plain:.2} s)", annotated / plain)
}

fn part(kept: usize, all: usize) -> String {
    if kept == all { all.to_string() } else { format!("{kept} of {all}") }
}

fn markdown(row: &[String]) -> String {
    format!("| {} |\n", row.join(" | "))
}

fn text(row: &[String], widths: &[usize]) -> String {
    let mut line = format!("{:1$}", row[0], widths[0]);
    for (cell, width) in row.iter().zip(widths).skip(1) {
        line.push_str(&format!("  {cell:>width$}"));
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Tests;
    use crate::meter::Cost;

    fn outcome(krate: &str, kept: usize, annotated_ms: u64) -> Outcome {
        let cost = |elapsed_ms| Cost {
            elapsed: Duration::from_millis(elapsed_ms),
            cpu: Duration::from_millis(2 * elapsed_ms - 1000),
        };
        Outcome {
            krate: krate.to_owned(),
            attributes: 12,
            live: 10,
            tests: Tests { plain: 3, kept },
            new_warnings: 0,
            build: Some(Costs { plain: cost(1000), annotated: cost(annotated_ms) }),
            findings: Vec::new(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_row_per_crate_and_their_sum() {
        let outcomes = [outcome("a 1.0.0", 3, 1100), outcome("bcd 2.0.0", 2, 1300)];
        assert_eq!(
            render(&outcomes, Style::Text),
            "\
crate      attributes  live   tests  new warnings                  build         compiler's CPU
a 1.0.0            12    10       3             0  x1.10 (1.10 / 1.00 s)  x1.20 (1.20 / 1.00 s)
bcd 2.0.0          12    10  2 of 3             0  x1.30 (1.30 / 1.00 s)  x1.60 (1.60 / 1.00 s)
all                24    20  5 of 6             0       x1.20 on average       x1.40 on average
"
        );
        let markdown = render(&outcomes[..1], Style::Markdown);
        assert_eq!(
            markdown.lines().nth(1),
            Some("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        );
        assert_eq!(
            markdown.lines().nth(2),
            Some("| a 1.0.0 | 12 | 10 | 3 | 0 | x1.10 (1.10 / 1.00 s) | x1.20 (1.20 / 1.00 s) |")
        );
    }

    #[test]
    fn the_mean_is_of_the_elapsed_times() {
        let outcomes = [outcome("a 1.0.0", 3, 1100), outcome("bcd 2.0.0", 2, 1300)];
        let mean = mean_build_ratio(&outcomes).unwrap();
        assert!((mean - 1.2).abs() < 1e-9, "{mean}");
        assert!(mean_build_ratio(&[]).is_none());
    }
}
