//! A comparison as a table: what became slower first.

use std::fmt;

use crate::compare::{Change, Comparison, FunctionComparison, Verdict};

use super::label::visible_name;
use super::line::Line;
use super::quantity::{self, counted};
use super::ratio;
use super::style::Style;
use super::table::{Cell, Column, KEEP, Kind, Table};
use super::{TextOptions, lines_to_text, wrap, wrap_styled};

/// The comparison with [`TextOptions::new`]; `{:.5}` shows five functions, `{:80}` takes 80 columns. No
/// line break at the end.
impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut options = TextOptions::new();
        options.top = f.precision().unwrap_or(options.top);
        options = f.width().map_or(options, |columns| options.width(columns));
        f.write_str(self.to_text_with(options).trim_end_matches('\n'))
    }
}

impl Comparison {
    /// A table for terminals: what became slower, then faster, then the rest by size. No line is wider than
    /// asked for; a wider table has more of the changes with their intervals.
    #[must_use]
    pub fn to_text_with(&self, options: TextOptions) -> String {
        let columns = options.columns();
        let title = title(self);
        let mut lines =
            wrap_styled(&[(Style::Strong, "perprovis:"), (Style::Plain, &title)], columns);
        let order = in_order(self);
        let (shown, hidden) = order.split_at(order.len().min(options.top));
        if !shown.is_empty() {
            lines.push(Line::default());
            lines.extend(table(shown).lines(columns));
        }
        if !hidden.is_empty() {
            let more = counted(hidden.len() as u64, "more function", "more functions");
            lines.push(Line::of(Style::Faint, format!("… {more}")).clip(columns));
        }
        let mut notes = notes(self);
        notes.extend(beside(self, visible_name));
        notes.extend(moved(self).map(|(old, new)| {
            format!("{} is compared with {}.", visible_name(new), visible_name(old))
        }));
        if !notes.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(notes.iter().flat_map(|note| wrap(note, columns)));
        lines_to_text(&lines, options)
    }
}

fn table(functions: &[&FunctionComparison]) -> Table {
    let number = |title, keep| Column { title, kind: Kind::Number, keep };
    let mut columns = vec![
        Column { title: "function", kind: Kind::Name(20), keep: KEEP },
        Column { title: "verdict", kind: Kind::Name(11), keep: KEEP },
        number("time", KEEP),
        number("interval", 100),
        number("before", 90),
        number("after", 90),
        number("calls", 80),
        number("per call", 70),
        number("self", 50),
        number("total", 60),
        number("median", 30),
        number("p95", 40),
    ];
    let has_busy = functions.iter().any(|function| function.busy_time.is_some());
    if has_busy {
        columns.push(number("busy", 45));
    }
    columns.push(number("share", 20));
    let mut table = Table::new(columns);
    for function in functions {
        let change = |change: Change| ratio::change(change.ratio);
        // Where there is room for them, with how sure they are.
        let sure = |change: Change| {
            let interval = ratio::interval(change.low, change.high);
            let ratio = ratio::change(change.ratio);
            if interval == ratio { ratio } else { format!("{ratio} ({interval})") }
        };
        let time = function.time;
        let is_on_both = !matches!(function.verdict, Verdict::New | Verdict::Gone);
        let only = |text: String| if is_on_both { text } else { "-".to_owned() };
        let nanos = |nanos: f64| if nanos > 0.0 { quantity::time(nanos) } else { "-".to_owned() };
        let mut row = vec![
            visible_name(&function.short).into(),
            Cell::Text(style(function.verdict), function.verdict.to_string()),
            only(change(time)).into(),
            only(ratio::interval(time.low, time.high)).into(),
            nanos(time.base).into(),
            nanos(time.new).into(),
            only(change(function.count)).into(),
            only(change(function.per_call)).into(),
            only(sure(function.self_time)).into(),
            only(sure(function.total_time)).into(),
            only(sure(function.median)).into(),
            only(sure(function.p95)).into(),
        ];
        if has_busy {
            row.push(function.busy_time.map_or("-".to_owned(), change).into());
        }
        row.push(quantity::percent(function.share).into());
        table.row(row);
    }
    table
}

/// How a verdict stands out: as much as somebody has to act on it.
fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Slower => Style::Hot,
        Verdict::Faster => Style::Strong,
        Verdict::Same | Verdict::Small => Style::Faint,
        _ => Style::Plain,
    }
}

/// What became slower, the most first; what became faster; then the rest by size.
pub(crate) fn in_order(comparison: &Comparison) -> Vec<&FunctionComparison> {
    let rank = |function: &FunctionComparison| match function.verdict {
        Verdict::Slower => 0,
        Verdict::Faster => 1,
        Verdict::Small => 3,
        _ => 2,
    };
    let far = |function: &FunctionComparison| match function.verdict {
        Verdict::Slower | Verdict::Faster => -function.time.ratio.ln().abs(),
        _ => 0.0,
    };
    let mut functions: Vec<&FunctionComparison> = comparison.functions().iter().collect();
    functions.sort_by(|left, right| {
        rank(left).cmp(&rank(right)).then_with(|| far(left).total_cmp(&far(right)))
    });
    functions
}

/// How many runs, and how many functions of each verdict.
pub(crate) fn title(comparison: &Comparison) -> String {
    let (base, new) = comparison.runs();
    let of = |verdict: Verdict| {
        comparison.functions().iter().filter(|function| function.verdict == verdict).count() as u64
    };
    let mut parts = vec![format!("{} slower", quantity::count(of(Verdict::Slower)))];
    for (verdict, text) in [
        (Verdict::Faster, "faster"),
        (Verdict::Same, "the same"),
        (Verdict::CannotTell, "cannot tell"),
        (Verdict::New, "new"),
        (Verdict::Gone, "gone"),
    ] {
        if of(verdict) > 0 {
            parts.push(format!("{} {text}", quantity::count(of(verdict))));
        }
    }
    let runs = counted(new as u64, "run", "runs");
    format!("{runs} against {}: {}", quantity::count(base as u64), parts.join(", "))
}

/// What there is to know about the verdicts.
pub(crate) fn notes(comparison: &Comparison) -> Vec<String> {
    let mut notes = Vec::new();
    let machine = comparison.machine();
    let range = ratio::interval(machine.low, machine.high);
    if comparison.is_machine_removed() {
        notes.push(format!(
            "All functions together: {} ({range}). That is taken for the machine's speed, and out of the \
             changes of time.",
            ratio::change(machine.ratio),
        ));
    } else if machine.is_more() || machine.is_less() {
        notes.push(format!(
            "! All functions together: {} ({range}). Either the whole program changed or the machine did; \
             let runs of both sides alternate.",
            ratio::change(machine.ratio),
        ));
    }
    match comparison.runs() {
        (0, _) | (_, 0) => notes.push("! There is nothing to compare with.".to_owned()),
        (1, 1) => notes.push(format!(
            "! One run a side does not show how runs differ: only changes by a factor of more than {} are \
             told. Compare five or more runs a side.",
            Comparison::SINGLE_RUN
        )),
        (base, new) if base.min(new) < FEW_RUNS => notes.push(
            "! Few runs: intervals are wide. Five or more a side, alternating, tell more.".to_owned(),
        ),
        _ => {}
    }
    notes
}

/// What changed in all calls together though the typical ones, by which verdicts go, do not tell: with
/// names as `name` writes them.
pub(crate) fn beside(comparison: &Comparison, name: impl Fn(&str) -> String) -> Option<String> {
    let is_beside = |function: &&FunctionComparison| {
        let all = function.self_time;
        function.verdict == Verdict::CannotTell && (all.is_more() || all.is_less())
    };
    let mut functions = comparison.functions().iter().filter(is_beside);
    let named = functions.by_ref().take(NAMED).map(|function| {
        format!("{} ({})", name(&function.short), ratio::change(function.self_time.ratio))
    });
    let mut names: Vec<String> = named.collect();
    match functions.count() {
        _ if names.is_empty() => return None,
        0 => {}
        more => names.push(format!("{more} more")),
    }
    Some(format!(
        "! Cannot tell: {}. All calls together (self) changed, the typical ones do not say so: some calls \
         changed, or were interrupted. No verdict goes by these; see self and p95.",
        names.join(", ")
    ))
}

/// What has moved: the old names and the new ones.
pub(crate) fn moved(comparison: &Comparison) -> impl Iterator<Item = (&str, &str)> {
    let functions = comparison.functions().iter();
    functions.filter_map(|function| Some((function.moved_from.as_deref()?, function.name.as_str())))
}

/// So many names make a note.
const NAMED: usize = 5;

/// Below so many runs a side more are recommended.
const FEW_RUNS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::tests::{shown, tail};

    #[test]
    fn tables_fit_their_width() {
        for width in [80, 200] {
            let text = shown().to_text_with(TextOptions::new().width(width));
            insta::assert_snapshot!(format!("comparison_{width}"), text);
        }
        for width in [0, 20, 40, 60, 100, 130] {
            let text = shown().to_text_with(TextOptions::new().width(width));
            for line in text.lines() {
                assert!(super::super::label::width(line) <= width.max(20), "{width}: {line}");
            }
        }
    }

    #[test]
    fn a_change_in_few_calls_is_told_by_name() {
        let text = tail().to_text_with(TextOptions::new().width(80));
        let note = text.split_once("\n! Cannot tell: ").unwrap().1.replace('\n', " ");
        assert!(note.starts_with("f (×5.9). All calls together"), "{text}");
        assert!(!shown().to_string().contains("! Cannot tell"));
    }

    #[test]
    fn what_is_missing_is_said() {
        let none: [crate::Report; 0] = [];
        let text = Comparison::of(&none, &none).to_string();
        assert!(text.contains("0 runs against 0") && text.contains("nothing to compare"), "{text}");
        let service = crate::report::sample::service();
        let text = format!("{:.3}", Comparison::of([&service], [&service]));
        assert!(text.contains("One run a side") && text.contains("more functions"), "{text}");
    }
}
