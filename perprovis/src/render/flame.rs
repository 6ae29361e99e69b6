//! The flame graph in text: call paths nested under their callers, bars by share of the whole.

use crate::report::{CallNode, Report};

use super::bar::split_bar;
use super::label::{clip, fit, pad_left, visible_name, width};
use super::line::Line;
use super::style::Style;
use super::tree::Guides;
use super::{EMPTY, TextOptions, lines_to_text, quantity, wrap};

/// Paths below this share of the whole are folded into one line per caller.
const FOLD_BELOW: f64 = 0.005;
/// So many roots are shown whatever their share: a flat profile is no reason to show nothing.
const ROOTS: usize = 20;
/// Deeper levels are folded.
const DEEPEST: usize = 40;
/// What is below so many nodes of one function is folded: a recursion shows as one, not as a
/// staircase off the screen.
const RECURSION: usize = 3;
/// Columns of a share, as in `100.0%`.
const SHARE: usize = 6;
/// Calls are left out below this width.
const CALLS_FROM: usize = 50;
/// Times are left out below this width.
const TIME_FROM: usize = 90;

/// What a line says.
struct Row {
    guide: String,
    name: String,
    share: f64,
    own: f64, // the part of `share` that is no child's
    node: Option<Numbers>,
}

/// What only the line of a single node has.
#[derive(Clone, Copy)]
struct Numbers {
    calls: u64,
    nanos: f64,
}

/// The flame graph.
pub(super) fn render(report: &Report, options: TextOptions) -> String {
    let columns = options.columns();
    let tree = report.call_tree();
    if tree.is_empty() {
        return lines_to_text(&wrap(EMPTY, columns), options);
    }
    // Guides must not eat the name: three columns a level, at most a third of the width.
    let rows = collect(report, if columns < CALLS_FROM { 0 } else { columns / 9 });

    // The columns right of the share, each with a gap.
    let numbers = |row: &Row| match row.node {
        Some(node) if columns >= TIME_FROM => {
            vec![quantity::time(node.nanos), calls_text(node.calls)]
        }
        Some(node) if columns >= CALLS_FROM => vec![calls_text(node.calls)],
        _ => Vec::new(),
    };
    let numbers: Vec<Vec<String>> = rows.iter().map(numbers).collect();
    let cells = |at: usize| numbers.iter().filter_map(move |row| row.get(at));
    let widths = [0, 1].map(|at| cells(at).map(|cell| width(cell) + 2).max().unwrap_or(0));
    let fixed = 2 + SHARE + widths.iter().sum::<usize>();
    let natural = rows.iter().map(|row| width(&row.guide) + width(&row.name)).max();
    let room = columns - fixed;
    let names = natural.unwrap_or(0).min(room * 3 / 5);
    let bars = room - names;

    let mut lines = vec![title(report).clip(columns)];
    for (row, numbers) in rows.iter().zip(&numbers) {
        let guide = clip(&row.guide, names.saturating_sub(2));
        let name = fit(&row.name, names - width(&guide));
        let of_name = if row.node.is_some() { Style::Plain } else { Style::Faint };
        let mut line = Line::of(Style::Faint, guide).with(of_name, name).pad_right(names + 1);
        if row.node.is_some() {
            line.append(split_bar(row.own, row.share, bars));
        }
        line = line.pad_right(names + bars + 2);
        line.push(Style::heat(row.share), pad_left(&quantity::percent(row.share), SHARE));
        for (number, columns) in numbers.iter().zip(widths) {
            line.push(Style::Plain, pad_left(number, columns));
        }
        lines.push(line.trim_end());
    }
    lines_to_text(&lines, options)
}

fn calls_text(calls: u64) -> String {
    let number =
        if calls < 1_000_000 { quantity::count(calls) } else { quantity::short_count(calls) };
    // Padded, so that the numbers stand below each other.
    format!("{number} {}", if calls == 1 { "call " } else { "calls" })
}

fn title(report: &Report) -> Line {
    let tree = report.call_tree();
    let whole = quantity::time(tree.rate().nanos(tree.whole()));
    let threads = (report.threads.len() as u64).saturating_add(report.exited_threads);
    let threads = quantity::counted(threads, "thread", "threads");
    Line::of(Style::Strong, "Flame graph:")
        .with(Style::Plain, format!(" {whole} in profiled code on {threads}; █ self, ░ below"))
}

/// What a line is about.
enum Item<'t> {
    Node(CallNode<'t>),
    /// The only one that is small: no reason to fold it, nor to show what is below.
    Small(CallNode<'t>),
    Folded {
        depth: usize,
        count: Option<usize>, // `None` for a single one that is deep
        share: f64,
    },
}

/// The siblings shown, small ones folded into one, each with whether it is the last of them.
fn select<'t>(siblings: impl Iterator<Item = CallNode<'t>>) -> Vec<(Item<'t>, bool)> {
    let mut shown = Vec::new();
    let (mut count, mut share, mut depth) = (0, 0.0, 0);
    let mut small = None;
    for (index, node) in siblings.enumerate() {
        depth = node.depth();
        let is_large = node.share() >= FOLD_BELOW || (depth == 0 && index < ROOTS);
        if is_large && !is_deep(node) {
            shown.push((Item::Node(node), false));
        } else {
            count += 1;
            share += node.share();
            small = Some(node);
        }
    }
    match small {
        Some(node) if count == 1 && !is_deep(node) => shown.push((Item::Small(node), false)),
        Some(node) => {
            let count = (count > 1 || !is_deep(node)).then_some(count);
            shown.push((Item::Folded { depth, count, share }, false));
        }
        None => {}
    }
    if let Some(last) = shown.last_mut() {
        last.1 = true;
    }
    shown
}

/// Whether a node lies too deep to be shown, by itself or in a recursion.
fn is_deep(node: CallNode<'_>) -> bool {
    let same = |above: &CallNode<'_>| above.name() == node.name();
    let ancestors = std::iter::successors(node.parent(), |above| above.parent());
    node.depth() > DEEPEST || ancestors.take_while(same).take(RECURSION).count() == RECURSION
}

/// The rows shown, depth first, small siblings folded into one.
fn collect(report: &Report, deepest_guide: usize) -> Vec<Row> {
    let mut guides = Guides::default();
    let mut rows = Vec::new();
    let mut waiting = select(report.call_tree().roots());
    waiting.reverse();
    while let Some((item, is_last)) = waiting.pop() {
        match item {
            Item::Node(node) | Item::Small(node) => {
                let running = if node.is_open() { " (running)" } else { "" };
                rows.push(Row {
                    guide: guides.guide(node.depth(), is_last, deepest_guide),
                    name: visible_name(report.short_name(node.name())) + running,
                    share: node.share(),
                    own: node.self_share(),
                    node: Some(Numbers { calls: node.call_count(), nanos: node.total_nanos() }),
                });
                if !matches!(item, Item::Small(_)) {
                    waiting.extend(select(node.children()).into_iter().rev());
                }
            }
            Item::Folded { depth, count, share } => rows.push(Row {
                guide: guides.guide(depth, true, deepest_guide),
                name: match count {
                    Some(count) => format!("… {} more", quantity::count(count as u64)),
                    None => "… deeper".to_owned(),
                },
                share,
                own: 0.0,
                node: None,
            }),
        }
    }
    rows
}
