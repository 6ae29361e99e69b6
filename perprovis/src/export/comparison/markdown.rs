//! A comparison as Markdown, for a comment on a pull request.

use std::fmt::Write as _;

use crate::HumanTime;
use crate::compare::{Comparison, FunctionComparison, Verdict};
use crate::export::markdown;
use crate::render::{comparison, ratio};

impl Comparison {
    /// A table for a comment on a pull request: the `top_n` functions of most interest, what became slower
    /// first, and what there is to know about the verdicts. GitHub's Markdown.
    #[must_use]
    pub fn to_markdown(&self, top_n: usize) -> String {
        let mut text = format!("**perprovis**: {}\n", comparison::title(self));
        let order = comparison::in_order(self);
        let (shown, hidden) = order.split_at(order.len().min(top_n));
        if !shown.is_empty() {
            text.push_str(
                "\n| function | verdict | time | interval | before | after | calls | p95 |\n",
            );
            text.push_str("| :--- | :--- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        }
        for function in shown {
            row(function, &mut text);
        }
        if !hidden.is_empty() {
            let _ = writeln!(text, "\n… {} more", hidden.len()); // a `String` takes all
        }
        for note in comparison::notes(self) {
            let _ = writeln!(text, "\n{note}");
        }
        if let Some(note) = comparison::beside(self, markdown::name) {
            let _ = writeln!(text, "\n{note}");
        }
        for (old, new) in comparison::moved(self) {
            let (old, new) = (markdown::name(old), markdown::name(new));
            let _ = writeln!(text, "\n{new} is compared with {old}.");
        }
        text
    }
}

fn row(function: &FunctionComparison, text: &mut String) {
    let verdict = match function.verdict {
        verdict @ (Verdict::Slower | Verdict::Faster) => format!("**{verdict}**"),
        verdict => verdict.to_string(),
    };
    let time = |nanos: f64| match nanos {
        nanos if nanos > 0.0 => HumanTime::from_nanos(nanos).to_string(),
        _ => "-".to_owned(),
    };
    let is_on_both = !matches!(function.verdict, Verdict::New | Verdict::Gone);
    let only = |text: String| if is_on_both { text } else { "-".to_owned() };
    let _ = writeln!(
        text,
        "| {} | {verdict} | {} | {} | {} | {} | {} | {} |",
        markdown::name(&function.short),
        only(ratio::change(function.time.ratio)),
        only(ratio::interval(function.time.low, function.time.high)),
        time(function.time.base),
        time(function.time.new),
        only(ratio::change(function.count.ratio)),
        only(ratio::change(function.p95.ratio)),
    ); // a `String` takes all
}

#[cfg(test)]
mod tests {
    use crate::compare::tests::{shown, tail};

    #[test]
    fn comparisons_are_tables() {
        insta::assert_snapshot!("markdown", shown().to_markdown(6));
    }

    #[test]
    fn a_change_in_few_calls_is_told_by_name() {
        let text = tail().to_markdown(6);
        assert!(text.contains("\n! Cannot tell: `f` (×5.9). All calls"), "{text}");
    }

    #[test]
    fn hostile_names_stay_in_their_cells() {
        let report = crate::report::sample::extreme();
        let text = crate::Comparison::of([&report], [&report]).to_markdown(20);
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        let called = report.functions().iter().filter(|function| function.call_count > 0);
        assert_eq!(rows.len(), 2 + called.count());
        assert!(rows.iter().all(|row| row.matches('|').count() == 9), "{text}");
    }
}
