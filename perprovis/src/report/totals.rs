//! What the nodes of several threads come to per path, and the order of a path's children.

use std::sync::Arc;

use perprovis_core::snapshot::{Node, Path};
use perprovis_core::units::Ticks;

/// All that is known of one path, over the nodes given.
#[derive(Clone, Default)]
pub(crate) struct PathTotal {
    pub(crate) node: Node, // its `path` is unused
    pub(crate) inclusive: Ticks,
    pub(crate) open: u64,
    used: bool, // has a node or an open scope, or something below it has
}

/// Nodes added up per path.
pub(crate) struct PathTotals {
    pub(crate) of_path: Vec<PathTotal>,
}

impl PathTotals {
    pub(crate) fn new(
        paths: &[Path],
        nodes: impl Iterator<Item = Node>,
        open: impl Iterator<Item = u32>,
    ) -> PathTotals {
        let mut of_path = vec![PathTotal::default(); paths.len()];
        for node in nodes {
            let total = &mut of_path[node.path as usize];
            total.used = true;
            total.node.calls = total.node.calls.saturating_add(node.calls);
            total.node.self_time += node.self_time;
            total.node.truncated_time += node.truncated_time;
            total.node.truncated_calls =
                total.node.truncated_calls.saturating_add(node.truncated_calls);
        }
        for path in open {
            of_path[path as usize].used = true;
            of_path[path as usize].open += 1;
        }
        // A parent stands before its children, so from behind every child is complete.
        for index in (0..paths.len()).rev() {
            let total = &mut of_path[index];
            total.inclusive += total.node.self_time + total.node.truncated_time;
            let (inclusive, used) = (total.inclusive, total.used);
            if let Some(parent) = paths[index].parent {
                of_path[parent as usize].inclusive += inclusive;
                of_path[parent as usize].used |= used;
            }
        }
        PathTotals { of_path }
    }

    /// The used paths, grouped by parent.
    pub(crate) fn children_by_time(&self, paths: &[Path], names: &[Arc<str>]) -> ChildrenByTime {
        let mut order: Vec<u32> =
            (0..paths.len() as u32).filter(|&path| self.of_path[path as usize].used).collect();
        let parent = |path: u32| paths[path as usize].parent;
        order.sort_unstable_by(|&left, &right| {
            let time = |path: u32| self.of_path[path as usize].inclusive;
            let name = |path: u32| &names[paths[path as usize].function as usize];
            parent(left)
                .cmp(&parent(right))
                .then_with(|| time(right).cmp(&time(left)))
                .then_with(|| name(left).cmp(name(right)))
                .then(left.cmp(&right))
        });
        let mut ranges = vec![(0, 0); paths.len() + 1];
        let mut start = 0;
        for group in order.chunk_by(|&left, &right| parent(left) == parent(right)) {
            let slot = parent(group[0]).map_or(0, |parent| parent as usize + 1);
            ranges[slot] = (start, start + group.len());
            start += group.len();
        }
        ChildrenByTime { order, ranges }
    }
}

pub(crate) struct ChildrenByTime {
    order: Vec<u32>,
    ranges: Vec<(usize, usize)>, // into `order`: of the roots, then of each path's children
}

impl ChildrenByTime {
    pub(crate) fn roots(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        let (from, to) = self.ranges[0];
        self.order[from..to].iter().copied()
    }

    pub(crate) fn of(&self, path: u32) -> impl DoubleEndedIterator<Item = u32> + '_ {
        let (from, to) = self.ranges[path as usize + 1];
        self.order[from..to].iter().copied()
    }
}
