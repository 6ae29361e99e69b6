//! The call tree: one node per distinct call path.
//!
//! Nodes lie in one array in depth-first order, each with the end of its subtree. So iterating is
//! walking the array, a subtree is a range, and nothing recurses, however deep the program did.

use std::sync::Arc;
use std::time::Duration;

use perprovis_core::snapshot::{Node, Path};
use perprovis_core::units::{TickRate, Ticks};

use super::names;
use super::paths::TRUNCATED;
use super::totals::PathTotals;

/// Where the time went, by call path: the same function under two callers is two nodes.
///
/// A node's total time is its self time plus the total time of its children, so a child never
/// exceeds its parent. Displays as an indented tree.
#[derive(Clone, Debug, PartialEq)]
pub struct CallTree {
    nodes: Arc<[Entry]>, // depth first, children by total time, the largest first
    whole: Ticks,
    rate: TickRate,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    name: Arc<str>,
    calls: u64,
    total: Ticks,
    self_time: Ticks,
    open: u64,
    depth: u32,
    end: u32, // index behind the last node of its subtree
    parent: Option<u32>,
}

/// One node of a [`CallTree`]: a function as called on one path.
#[derive(Clone, Copy, Debug)]
pub struct CallNode<'t> {
    tree: &'t CallTree,
    index: u32,
}

impl Default for CallTree {
    fn default() -> CallTree {
        CallTree { nodes: Arc::default(), whole: Ticks::ZERO, rate: TickRate::NANOSECOND }
    }
}

impl CallTree {
    /// The nodes that nothing profiled called, by total time, the largest first.
    pub fn roots(&self) -> impl Iterator<Item = CallNode<'_>> + Clone {
        self.siblings(0, self.nodes.len() as u32)
    }

    /// All nodes, each before its children (depth first).
    pub fn iter(&self) -> impl ExactSizeIterator<Item = CallNode<'_>> + Clone {
        (0..self.nodes.len() as u32).map(|index| CallNode { tree: self, index })
    }

    /// The node on this path, outermost first. Each name is a full one, or any suffix after a
    /// `::` that no sibling of the node shares, as in [`Report::function`](crate::Report::function).
    ///
    /// ```
    /// # let report = perprovis::Report::default();
    /// let query = report.call_tree().find(&["main", "handle", "Pool<_>::query"]);
    /// # assert!(query.is_none());
    /// ```
    #[must_use]
    pub fn find(&self, path: &[&str]) -> Option<CallNode<'_>> {
        let (first, below) = path.split_first()?;
        let root = find_among(self.roots(), first)?;
        below.iter().try_fold(root, |node, name| find_among(node.children(), name))
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The total time of all roots.
    #[must_use]
    pub fn total_time(&self) -> Duration {
        self.rate.duration(self.whole)
    }

    pub(crate) fn whole(&self) -> Ticks {
        self.whole
    }

    pub(crate) fn rate(&self) -> TickRate {
        self.rate
    }

    fn siblings(&self, from: u32, end: u32) -> impl Iterator<Item = CallNode<'_>> + Clone {
        let first = (from < end).then_some(from);
        std::iter::successors(first, move |&index| {
            Some(self.nodes[index as usize].end).filter(|&next| next < end)
        })
        .map(|index| CallNode { tree: self, index })
    }

    /// The tree of these nodes; several on one path are added up. `open` are the paths of the
    /// scopes open now.
    pub(crate) fn build(
        paths: &[Path],
        names: &[Arc<str>],
        rate: TickRate,
        nodes: impl Iterator<Item = Node>,
        open: impl Iterator<Item = u32>,
    ) -> CallTree {
        let table = PathTotals::new(paths, nodes, open);
        let by_time = table.children_by_time(paths, names);
        let truncated: Arc<str> = Arc::from(TRUNCATED);
        let mut entries: Vec<Entry> = Vec::new();
        // What remains to be laid out, the next one last.
        let mut waiting: Vec<(u32, u32, Option<u32>)> =
            by_time.roots().rev().map(|root| (root, 0, None)).collect();
        while let Some((path, depth, parent)) = waiting.pop() {
            let (at, slot) = (entries.len() as u32, path as usize);
            let totals = &table.of_path[slot];
            entries.push(Entry {
                name: names[paths[slot].function as usize].clone(),
                calls: totals.node.calls,
                total: totals.inclusive,
                self_time: totals.node.self_time,
                open: totals.open,
                depth,
                end: at + 1,
                parent,
            });
            // Laid out first among the children, then moved to no place by time: it is a leaf
            // and a rarity, and its siblings stay in order behind it.
            if totals.node.truncated_calls > 0 || totals.node.truncated_time > Ticks::ZERO {
                entries.push(Entry {
                    name: truncated.clone(),
                    calls: totals.node.truncated_calls,
                    total: totals.node.truncated_time,
                    self_time: totals.node.truncated_time,
                    open: 0,
                    depth: depth + 1,
                    end: at + 2,
                    parent: Some(at),
                });
            }
            let children = by_time.of(path).rev();
            waiting.extend(children.map(|child| (child, depth + 1, Some(at))));
        }
        for index in (0..entries.len()).rev() {
            if let Some(parent) = entries[index].parent {
                let end = entries[index].end.max(entries[parent as usize].end);
                entries[parent as usize].end = end;
            }
        }
        let whole = entries.iter().filter(|entry| entry.depth == 0).map(|entry| entry.total).sum();
        CallTree { nodes: entries.into(), whole, rate }
    }
}

impl<'t> CallNode<'t> {
    fn entry(self) -> &'t Entry {
        &self.tree.nodes[self.index as usize]
    }

    /// The function's full name; `[truncated]` for calls that a limit kept out of the tree.
    #[must_use]
    pub fn name(self) -> &'t str {
        &self.entry().name
    }

    /// Completed calls.
    #[must_use]
    pub fn call_count(self) -> u64 {
        self.entry().calls
    }

    /// Time on this path and below, that of an open scope so far included.
    #[must_use]
    pub fn total_time(self) -> Duration {
        self.tree.rate.duration(self.entry().total)
    }

    /// Time on this path without what is below.
    #[must_use]
    pub fn self_time(self) -> Duration {
        self.tree.rate.duration(self.entry().self_time)
    }

    /// The share of the tree's whole time spent here and below, in 0..=1.
    #[must_use]
    pub fn share(self) -> f64 {
        share_of(self.entry().total, self.tree.whole)
    }

    /// The share of the tree's whole time spent here without what is below, in 0..=1.
    pub(crate) fn self_share(self) -> f64 {
        share_of(self.entry().self_time, self.tree.whole)
    }

    pub(crate) fn total_nanos(self) -> f64 {
        self.tree.rate.nanos(self.entry().total)
    }

    /// How many scopes were open on exactly this path when the report was taken.
    #[must_use]
    pub fn open_count(self) -> u64 {
        self.entry().open
    }

    /// Whether a scope was open on exactly this path when the report was taken.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.entry().open > 0
    }

    /// How many callers are above it: 0 for a root.
    #[must_use]
    pub fn depth(self) -> usize {
        self.entry().depth as usize
    }

    /// The caller.
    #[must_use]
    pub fn parent(self) -> Option<CallNode<'t>> {
        self.entry().parent.map(|index| CallNode { tree: self.tree, index })
    }

    /// What it called, by total time, the largest first.
    pub fn children(self) -> impl Iterator<Item = CallNode<'t>> + Clone {
        self.tree.siblings(self.index + 1, self.entry().end)
    }
}

/// The sibling that `wanted` means.
fn find_among<'t>(
    mut siblings: impl Iterator<Item = CallNode<'t>> + Clone,
    wanted: &str,
) -> Option<CallNode<'t>> {
    let index = names::find(siblings.clone().map(CallNode::name), wanted)?;
    siblings.nth(index)
}

/// `part / whole`, zero if there is no whole and never above one.
pub(crate) fn share_of(part: Ticks, whole: Ticks) -> f64 {
    if whole == Ticks::ZERO { 0.0 } else { (part.0 as f64 / whole.0 as f64).min(1.0) }
}
