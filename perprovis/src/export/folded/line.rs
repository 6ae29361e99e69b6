//! The call tree as stacks with their own time in whole nanoseconds.

use std::collections::HashMap;
use std::io;

use perprovis_core::units::{TickRate, Ticks};

use crate::report::{CallTree, Report};

use super::frame;

/// One path of the call tree.
pub(in crate::export) struct Line<'l> {
    /// The [frames](frame), outermost first, with a `;` between them.
    pub(in crate::export) stack: &'l str,
    /// Time on exactly this path.
    pub(in crate::export) nanos: u64,
    /// Whether nothing is below it.
    pub(in crate::export) is_leaf: bool,
}

/// Gives each path of the call tree to `each`, a path before what is below it. The times add up to the
/// profiled time, or to `limit` if that is less.
///
/// # Errors
///
/// The first error of `each`.
pub(in crate::export) fn for_each(
    report: &Report,
    limit: u64,
    mut each: impl FnMut(Line<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let tree = in_ticks(report);
    let mut frames = HashMap::new();
    let mut rounding = Rounding { rate: report.clock.rate, limit, ticks: Ticks::ZERO, nanos: 0 };
    let mut stack = String::new();
    let mut ends: Vec<usize> = Vec::new(); // where in `stack` the frame of each depth ends
    for node in tree.iter() {
        ends.truncate(node.depth());
        stack.truncate(ends.last().copied().unwrap_or(0));
        if !stack.is_empty() {
            stack.push(';');
        }
        stack.push_str(frames.entry(node.name()).or_insert_with(|| frame(node.name())));
        ends.push(stack.len());
        let ticks = Ticks(u64::try_from(node.self_time().as_nanos()).unwrap_or(u64::MAX));
        let is_leaf = node.children().next().is_none();
        each(Line { stack: &stack, nanos: rounding.nanos(ticks), is_leaf })?;
    }
    Ok(())
}

/// The call tree with a tick for a nanosecond: durations are rounded to nanoseconds, ticks are exact.
fn in_ticks(report: &Report) -> CallTree {
    let open = report.open.iter().map(|scope| scope.path);
    let (paths, names) = (&report.paths, report.names());
    CallTree::build(paths, &names, TickRate::NANOSECOND, report.all_nodes(), open)
}

/// Ticks to whole nanoseconds, with the remainder carried on: the parts add up to the rounded sum.
struct Rounding {
    rate: TickRate,
    limit: u64,
    ticks: Ticks, // so far
    nanos: u64,   // so far, at most `limit`
}

impl Rounding {
    fn nanos(&mut self, ticks: Ticks) -> u64 {
        self.ticks += ticks;
        let sum = if self.rate == TickRate::NANOSECOND {
            self.ticks.0
        } else {
            self.rate.nanos(self.ticks).round() as u64 // `as` saturates
        };
        // Each step from ticks to here keeps the order, so a sum is never below the one before.
        let sum = sum.min(self.limit);
        sum.saturating_sub(std::mem::replace(&mut self.nanos, sum))
    }
}
