//! The call tree as indented lines.

use std::fmt;

use crate::report::{CallNode, CallTree};

use super::label::{fit, visible_name, width};
use super::line::Line;
use super::style::Style;
use super::{EMPTY, TextOptions, lines_to_text, quantity, wrap};

/// Below this many columns of guides, a deeper line shows its depth as a number instead.
const DEEPEST_GUIDE: usize = 32;

/// A name is cut to no less than so many columns.
const LEAST_NAME: usize = 8;

/// Without guides at most so many columns are indented.
const NARROW_INDENT: usize = 4;

/// The guides before each node of a depth-first walk.
#[derive(Debug, Default)]
pub(crate) struct Guides {
    last: Vec<bool>, // per depth from 1: whether the node there is the last of its siblings
}

impl Guides {
    /// The guide of a node at `depth`, which is the last of its siblings or not. Must be called
    /// for every node in depth-first order. Levels below `deepest` show a number; if that is zero
    /// there are no guides, only narrow indents.
    pub(crate) fn guide(&mut self, depth: usize, is_last: bool, deepest: usize) -> String {
        self.last.truncate(depth);
        self.last.resize(depth, true);
        self.last.push(is_last);
        if deepest == 0 {
            return " ".repeat(depth.min(NARROW_INDENT));
        }
        if depth > deepest {
            return format!("{}⋯{depth} ", "   ".repeat(deepest.saturating_sub(1)));
        }
        let mut guide = String::new();
        for &above_is_last in self.last.iter().take(depth).skip(1) {
            guide.push_str(if above_is_last { "   " } else { "│  " });
        }
        if depth > 0 {
            guide.push_str(if is_last { "└─ " } else { "├─ " });
        }
        guide
    }
}

/// One line per node: name, total and self time, calls. No line break at the end.
impl fmt::Display for CallTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line_break = "";
        lines(self, usize::MAX, |line| {
            write!(f, "{line_break}{}", line.plain())?;
            line_break = "\n";
            Ok(())
        })
    }
}

impl CallTree {
    /// One line per node as `Display` has them, with a width, for which names give way, and colours.
    #[must_use]
    pub fn to_text_with(&self, options: TextOptions) -> String {
        let columns = options.columns();
        if self.is_empty() {
            return lines_to_text(&wrap(EMPTY, columns), options);
        }
        let mut all = Vec::with_capacity(self.len());
        // Only the closure could fail.
        let _: fmt::Result = lines(self, columns, |line| {
            all.push(line.clip(columns));
            Ok(())
        });
        lines_to_text(&all, options)
    }
}

/// Hands out the lines of a tree, whose names give way to `columns`.
fn lines(
    tree: &CallTree,
    columns: usize,
    mut give: impl FnMut(Line) -> fmt::Result,
) -> fmt::Result {
    let nanos = |time: std::time::Duration| quantity::time(time.as_nanos() as f64);
    let mut guides = Guides::default();
    let mut waiting: Vec<(CallNode<'_>, bool)> = reversed(tree.roots());
    while let Some((node, is_last)) = waiting.pop() {
        let guide = guides.guide(node.depth(), is_last, DEEPEST_GUIDE.min(columns / 6));
        let calls = quantity::counted(node.call_count(), "call", "calls");
        let running = if node.is_open() { ", running" } else { "" };
        let times = Line::of(Style::heat(node.share()), nanos(node.total_time()))
            .with(Style::Plain, " (self ")
            .with(Style::heat(node.self_share()), nanos(node.self_time()))
            .with(Style::Plain, format!(", {calls}{running})"));
        let room = columns.saturating_sub(width(&guide) + 2 + times.width());
        let name = fit(&visible_name(node.name()), room.max(LEAST_NAME));
        let mut line = Line::of(Style::Faint, guide).with(Style::Plain, name + "  ");
        line.append(times);
        give(line)?;
        waiting.extend(reversed(node.children()));
    }
    Ok(())
}

/// Siblings, the last first, each with whether it is the last.
pub(crate) fn reversed<'t>(
    siblings: impl Iterator<Item = CallNode<'t>>,
) -> Vec<(CallNode<'t>, bool)> {
    let mut all: Vec<_> = siblings.map(|node| (node, false)).collect();
    if let Some(last) = all.last_mut() {
        last.1 = true;
    }
    all.reverse();
    all
}
