//! Report to serde, from iterators: nothing is collected on the way.

use std::borrow::Borrow;

use perprovis_core::metadata::Metadata;
use perprovis_core::snapshot::{self as core, ClockSource, Node};
use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};

use crate::report::{FunctionCall, FunctionStats, OpenScope, Report, ThreadInfo};

use super::value::Written;
use super::{FORMAT, VERSION};

/// A whole report, with these calls in its log.
pub(super) struct Document<'r, C> {
    pub(super) report: &'r Report,
    pub(super) calls: C,
}

/// A sequence of whatever the iterators of `self.0` give.
struct Sequence<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Sequence<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

impl<C: Fn() -> I, I: Iterator<Item: Borrow<core::Call>>> Serialize for Document<'_, C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.report;
        let mut object = serializer.serialize_struct("Report", 12)?;
        object.serialize_field("format", FORMAT)?;
        object.serialize_field("version", &VERSION)?;
        object.serialize_field("clock", &Clock(report))?;
        object.serialize_field("overhead", &Overhead(report))?;
        object.serialize_field("dropped", &Dropped(report))?;
        let functions = || report.functions.iter().map(Function);
        object.serialize_field("functions", &Sequence(functions))?;
        let paths = || report.paths.iter().map(|path| (path.parent, path.function));
        object.serialize_field("paths", &Sequence(paths))?;
        let threads = || report.threads.iter().zip(&report.nodes).map(Thread);
        object.serialize_field("threads", &Sequence(threads))?;
        object.serialize_field("exited", &Exited(report))?;
        let open = || report.open.iter().map(open_row);
        object.serialize_field("open", &Sequence(open))?;
        let sources = || report.sources.iter().map(Source);
        object.serialize_field("sources", &Sequence(sources))?;
        // Behind everything that is needed to judge them: see `reader`.
        let calls = || (self.calls)().map(Call);
        object.serialize_field("calls", &Sequence(calls))?;
        object.end()
    }
}

struct Clock<'r>(&'r Report);

impl Serialize for Clock<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let clock = &self.0.clock;
        let source = match clock.source {
            ClockSource::Counter => "counter",
            ClockSource::Os => "os",
            ClockSource::Manual => "manual",
        };
        let mut object = serializer.serialize_struct("Clock", 3)?;
        object.serialize_field("source", source)?;
        object.serialize_field("nanos_per_tick", &clock.rate.nanos_per_tick())?;
        object.serialize_field("run_ticks", &clock.run_ticks.0)?;
        object.end()
    }
}

struct Overhead<'r>(&'r Report);

impl Serialize for Overhead<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Overhead", 2)?;
        object.serialize_field("inside_nanos", &self.0.overhead.inside_nanos)?;
        object.serialize_field("outside_nanos", &self.0.overhead.outside_nanos)?;
        object.end()
    }
}

struct Dropped<'r>(&'r Report);

impl Serialize for Dropped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let dropped = &self.0.dropped;
        let mut object = serializer.serialize_struct("Dropped", 4)?;
        object.serialize_field("log_calls", &dropped.log_calls)?;
        object.serialize_field("truncated_calls", &dropped.truncated_calls)?;
        object.serialize_field("unnamed_calls", &dropped.unnamed_calls)?;
        object.serialize_field("unrecorded_calls", &dropped.unrecorded_calls)?;
        object.end()
    }
}

struct Function<'r>(&'r FunctionStats);

impl Serialize for Function<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (function, statistics) = (self.0, &self.0.statistics);
        let mut object = serializer.serialize_struct("Function", 17)?;
        object.serialize_field("name", &function.name)?;
        object.serialize_field("count", &statistics.count)?;
        object.serialize_field("panicked", &statistics.panicked)?;
        object.serialize_field("cancelled", &statistics.cancelled)?;
        object.serialize_field("polls", &statistics.polls)?;
        object.serialize_field("sum", &statistics.sum.0)?;
        object.serialize_field("total", &statistics.total.0)?;
        object.serialize_field("self", &statistics.self_time.0)?;
        object.serialize_field("busy", &statistics.busy.0)?;
        object.serialize_field("idle", &statistics.idle.0)?;
        object.serialize_field("min", &statistics.min.0)?;
        object.serialize_field("max", &statistics.max.0)?;
        object.serialize_field("squares", &statistics.squares.to_string())?;
        object.serialize_field("histogram", statistics.histogram.buckets())?;
        object.serialize_field(
            "slowest",
            &Sequence(|| function.slowest.iter().map(FunctionCall::to_plain).map(Call)),
        )?;
        object.serialize_field("share", &function.share)?;
        object.serialize_field("nanos", &Nanos(function))?;
        object.end()
    }
}

/// Derived, for readers that do not want to count ticks.
struct Nanos<'r>(&'r FunctionStats);

impl Serialize for Nanos<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let function = self.0;
        let mut object = serializer.serialize_struct("Nanos", 10)?;
        object.serialize_field("total", &function.total_nanos())?;
        object.serialize_field("self", &function.self_nanos())?;
        object.serialize_field("mean", &function.avg_nanos())?;
        object.serialize_field("std_dev", &function.std_dev_nanos())?;
        object.serialize_field("min", &function.min_nanos())?;
        object.serialize_field("p50", &function.percentile_nanos(50.0))?;
        object.serialize_field("p90", &function.percentile_nanos(90.0))?;
        object.serialize_field("p95", &function.percentile_nanos(95.0))?;
        object.serialize_field("p99", &function.percentile_nanos(99.0))?;
        object.serialize_field("max", &function.max_nanos())?;
        object.end()
    }
}

struct Thread<'r>((&'r ThreadInfo, &'r Vec<Node>));

impl Serialize for Thread<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (info, nodes) = self.0;
        let mut object = serializer.serialize_struct("Thread", 4)?;
        object.serialize_field("id", &info.id.number())?;
        object.serialize_field("name", &info.name.as_deref())?;
        object.serialize_field("exited", &info.exited)?;
        object.serialize_field("nodes", &Sequence(|| nodes.iter().map(node_row)))?;
        object.end()
    }
}

struct Exited<'r>(&'r Report);

impl Serialize for Exited<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Exited", 2)?;
        object.serialize_field("threads", &self.0.exited_threads)?;
        object.serialize_field("nodes", &Sequence(|| self.0.exited.iter().map(node_row)))?;
        object.end()
    }
}

fn node_row(node: &Node) -> (u32, u64, u64, u64, u64) {
    (node.path, node.calls, node.self_time.0, node.truncated_calls, node.truncated_time.0)
}

fn open_row(scope: &OpenScope) -> (u64, u32, u64) {
    (scope.thread_id.number(), scope.path, scope.since_ticks.0)
}

struct Source<'r>(&'r crate::report::Source);

impl Serialize for Source<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let source = &self.0.plain;
        let mut object = serializer.serialize_struct("Source", 5)?;
        object.serialize_field("name", &*source.name)?;
        object.serialize_field("run_ticks", &source.run.0)?;
        object.serialize_field("calls", &source.calls)?;
        object.serialize_field("time", &source.time.0)?;
        object.serialize_field("last_thread", &source.last_thread)?;
        object.end()
    }
}

struct Call<C>(C);

impl<C: Borrow<core::Call>> Serialize for Call<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let call = self.0.borrow();
        let mut row = serializer.serialize_seq(None)?;
        row.serialize_element(&call.thread)?;
        row.serialize_element(&call.function)?;
        row.serialize_element(&call.path)?;
        row.serialize_element(&call.start.0)?;
        row.serialize_element(&call.duration.0)?;
        row.serialize_element(&u8::from(call.panicked))?;
        if let Some(pairs) = call.metadata.as_deref() {
            row.serialize_element(&Pairs(pairs))?;
        }
        row.end()
    }
}

struct Pairs<'r>(&'r Metadata);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(key, value)| (key, Written(value))))
    }
}
