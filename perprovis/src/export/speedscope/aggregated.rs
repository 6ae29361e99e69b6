//! The call tree of all threads as a sampled profile.
//!
//! A sample per call path that took time of its own, and per path that nothing is below; in the order
//! of the tree, so that the chart over "time" is a flame graph. Weights are differences of rounded sums
//! of ticks, which leaves no rounding error in their sum.

use std::collections::HashMap;

use perprovis_core::units::{TickRate, Ticks};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::export::lanes;
use crate::report::{CallNode, CallTree, Report};

use super::{UNIT, truncated_frame};

pub(super) struct Aggregated<'r> {
    report: &'r Report,
    tree: CallTree, // with a tick for a nanosecond
}

impl<'r> Aggregated<'r> {
    pub(super) fn new(report: &'r Report) -> Aggregated<'r> {
        // A tree gives its times in nanoseconds, rounded node by node; this one gives ticks.
        let open = report.open.iter().map(|scope| scope.path);
        let (paths, names, nodes) = (&report.paths, report.names(), report.all_nodes());
        let tree = CallTree::build(paths, &names, TickRate::NANOSECOND, nodes, open);
        Aggregated { report, tree }
    }

    /// The nodes that are samples, with their weights.
    fn samples(&self) -> impl Iterator<Item = (CallNode<'_>, u128)> {
        let rate = self.report.clock.rate;
        let mut before = Ticks::ZERO;
        self.tree.iter().filter_map(move |node| {
            let ticks = u64::try_from(node.self_time().as_nanos()).unwrap_or(u64::MAX);
            if ticks == 0 && node.children().next().is_some() {
                return None;
            }
            let after = before + Ticks(ticks);
            let weight = lanes::nanos(rate, after) - lanes::nanos(rate, before);
            before = after;
            Some((node, weight))
        })
    }
}

impl Serialize for Aggregated<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let whole = lanes::nanos(self.report.clock.rate, self.tree.whole());
        let mut object = serializer.serialize_struct("SampledProfile", 7)?;
        object.serialize_field("type", "sampled")?;
        object.serialize_field("name", "all threads: call tree")?;
        object.serialize_field("unit", UNIT)?;
        object.serialize_field("startValue", &0)?;
        object.serialize_field("endValue", &whole)?;
        object.serialize_field("samples", &Samples(self))?;
        object.serialize_field("weights", &Weights(self))?;
        object.end()
    }
}

struct Samples<'a>(&'a Aggregated<'a>);

impl Serialize for Samples<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0.report;
        let names = report.functions.iter().map(|function| function.name.as_str());
        let by_name: HashMap<&str, u32> = names.zip(0..).collect();
        let frame = |node: CallNode<'_>| {
            by_name.get(node.name()).copied().unwrap_or_else(|| truncated_frame(report))
        };
        serializer.collect_seq(self.0.samples().map(|(node, _)| {
            let callers = std::iter::successors(Some(node), |node| node.parent());
            let mut stack: Vec<u32> = callers.map(frame).collect();
            stack.reverse();
            stack
        }))
    }
}

struct Weights<'a>(&'a Aggregated<'a>);

impl Serialize for Weights<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.samples().map(|(_, weight)| weight))
    }
}
