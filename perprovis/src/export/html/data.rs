//! The data of a page: a report in blocks of bytes, each in a `<script>` element of its own.
//!
//! The page decodes a block when a view first asks for it, so that what is not looked at costs only
//! the reading of its text. Times are ticks. A *thread* is an index into the threads of `facts`, `F`
//! one into `functions`, `P` one into `paths`; primitives as in [`encoder`](super::encoder).
//!
//! ```text
//! facts      version; clock: 0 counter, 1 system, 2 manual; nanoseconds of a tick (float); run time
//!            sources that were merged, 0 if none were
//!            cost of profiling a call in nanoseconds (float): within its time, beside it
//!            dropped: log calls, truncated, unnamed, unrecorded calls; threads merged into one tree
//!            whole profiled time; calls in the log
//!            of all calls in nanoseconds (float): mean, median, 95th percentile
//!            threads: how many, then each: id, name (1 and a text, or 0),
//!            state (0 running, 1 exited, 2 only in the log), time in profiled code
//! functions  how many, then each: name (text), short form: 1 + the byte of the name where it begins, or
//!            0 and a text
//!            count, panicked, cancelled, polls, sum, total, self, busy, idle, min, max,
//!            total and self time in the tree, scopes open now, calls in the log
//!            in nanoseconds (float): mean, standard deviation, p50, p90, p95, p99, p99.9
//!            histogram: how many buckets, then each: distance to the one before, count
//! paths      how many, then each: distance to its parent (0: none), F
//! nodes      how many lists, one a thread that has a tree, then that of the merged threads;
//!            each: thread + 1 (0: the merged ones), how many, then each node:
//!            P, calls, self time, truncated calls, truncated time
//! open       how many, then each: thread, P, since, and until when it was seen: the end of its run
//! slowest    for each function how many, then each: a call, pairs (none: 0)
//! calls      how many, then each: a call, its start less that of the one before
//! metadata   for each call of the log that has some: distance to the one before (the first: its
//!            index + 1), pairs; at the end 0
//!
//! before..   in a page of two reports, see [`difference`](super::difference)
//!
//! call       2 * thread + (1 if it unwound), P + 1 or 0 and F, start, duration
//! ```
//!
//! All of it streams: beside the writer's buffer it takes the table of thread ids, and per block a
//! dictionary of bounded size.

use std::collections::HashMap;
use std::io::{self, Write};

use perprovis_core::snapshot::{Call, Node};
use perprovis_core::units::Ticks;

use crate::report::{ClockSource, FunctionStats, Report, ThreadId};

use super::difference::Earlier;
use super::encoder::Encoder;

/// Raised when a block changes its shape: page and data come in one file, so nothing but tests and
/// tools outside look at it.
pub(super) const VERSION: u64 = 2;

/// A report about to be embedded.
struct Data<'r> {
    report: &'r Report,
    threads: HashMap<u64, u64>, // index of each thread id
    logged_only: Vec<u64>,      // ids of threads known only from the log, behind the report's own
}

/// Writes all blocks, those that the first view needs first, and those of an earlier report if there is
/// one.
pub(super) fn write(
    report: &Report,
    earlier: Option<&Earlier<'_>>,
    writer: &mut dyn Write,
) -> io::Result<()> {
    let data = Data::new(report);
    block("facts", writer, |encoder| data.facts(encoder))?;
    block("functions", writer, |encoder| data.functions(encoder))?;
    earlier.map_or(Ok(()), |earlier| earlier.write(writer))?;
    block("open", writer, |encoder| data.open(encoder))?;
    block("paths", writer, |encoder| data.paths(encoder))?;
    earlier.map_or(Ok(()), |earlier| earlier.write_paths(writer))?;
    block("nodes", writer, |encoder| data.nodes(encoder))?;
    earlier.map_or(Ok(()), |earlier| earlier.write_nodes(writer))?;
    block("slowest", writer, |encoder| data.slowest(encoder))?;
    block("calls", writer, |encoder| data.calls(encoder))?;
    block("metadata", writer, |encoder| data.metadata(encoder))
}

pub(super) fn block<'r>(
    name: &str,
    writer: &mut dyn Write,
    content: impl FnOnce(&mut Encoder<'_, 'r>) -> io::Result<()>,
) -> io::Result<()> {
    write!(writer, "<script type=\"application/octet-stream\" id=\"data-{name}\">")?;
    let mut encoder = Encoder::new(writer);
    content(&mut encoder)?;
    encoder.finish()?;
    writer.write_all(b"</script>\n")
}

impl<'r> Data<'r> {
    fn new(report: &'r Report) -> Data<'r> {
        let mut data = Data { report, threads: HashMap::new(), logged_only: Vec::new() };
        for info in &report.threads {
            let index = data.threads.len() as u64;
            data.threads.entry(info.id.number()).or_insert(index);
        }
        let slowest = report.functions.iter().flat_map(|function| function.slowest.iter());
        let others = slowest.map(|call| call.thread_id.number());
        let others = others.chain(report.open.iter().map(|scope| scope.thread_id.number()));
        for id in others.chain(report.log.plain().iter().map(|call| call.thread)) {
            let index = (report.threads.len() + data.logged_only.len()) as u64;
            if let std::collections::hash_map::Entry::Vacant(entry) = data.threads.entry(id) {
                entry.insert(index);
                data.logged_only.push(id);
            }
        }
        data
    }

    fn facts(&self, encoder: &mut Encoder<'_, 'r>) -> io::Result<()> {
        let Report { clock, overhead, dropped, .. } = self.report;
        let source = match clock.source {
            ClockSource::Counter => 0,
            ClockSource::Os => 1,
            ClockSource::Manual => 2,
        };
        encoder.numbers(&[VERSION, source])?;
        encoder.float(clock.rate.nanos_per_tick())?;
        encoder.numbers(&[clock.run_ticks.0, self.report.sources.len() as u64])?;
        encoder.float(overhead.inside_nanos)?;
        encoder.float(overhead.outside_nanos)?;
        let lost = [dropped.log_calls, dropped.truncated_calls, dropped.unnamed_calls];
        encoder.numbers(&lost)?;
        encoder.numbers(&[dropped.unrecorded_calls, self.report.exited_threads])?;
        encoder.numbers(&[self.report.tree.whole().0, self.report.log.plain().len() as u64])?;
        let summary = self.report.summary();
        for time in [summary.avg_call_time, summary.median_call_time, summary.p95_call_time] {
            encoder.float(time.as_secs_f64() * 1e9)?;
        }
        let threads = &self.report.threads;
        encoder.number((threads.len() + self.logged_only.len()) as u64)?;
        for (info, nodes) in threads.iter().zip(&self.report.nodes) {
            self.identity(info.id, info.name.as_deref(), encoder)?;
            let time = nodes.iter().fold(0u64, |sum, node| {
                sum.saturating_add(node.self_time.0).saturating_add(node.truncated_time.0)
            });
            encoder.numbers(&[info.exited.into(), time])?;
        }
        self.logged_only.iter().try_for_each(|&id| {
            self.identity(ThreadId(id), None, encoder)?;
            encoder.numbers(&[2, 0])
        })
    }

    /// The id of a thread and its name, which in a merged report says where it comes from.
    fn identity(
        &self,
        id: ThreadId,
        name: Option<&str>,
        encoder: &mut Encoder<'_, 'r>,
    ) -> io::Result<()> {
        encoder.number(id.number())?;
        let is_merged = !self.report.sources.is_empty();
        encoder.number((name.is_some() || is_merged).into())?;
        match name {
            _ if is_merged => encoder.text(&self.report.thread_name(id)),
            Some(name) => encoder.text(name),
            None => Ok(()),
        }
    }

    fn functions(&self, encoder: &mut Encoder<'_, 'r>) -> io::Result<()> {
        encoder.number(self.report.functions.len() as u64)?;
        self.report.functions.iter().try_for_each(|function| {
            write_name(function, encoder)?;
            write_statistics(function, encoder)
        })
    }

    fn paths(&self, encoder: &mut Encoder<'_, 'r>) -> io::Result<()> {
        encoder.number(self.report.paths.len() as u64)?;
        for (index, path) in self.report.paths.iter().enumerate() {
            let distance = path.parent.map_or(0, |parent| index as u64 - u64::from(parent));
            encoder.numbers(&[distance, path.function.into()])?;
        }
        Ok(())
    }

    fn nodes(&self, encoder: &mut Encoder<'_, 'r>) -> io::Result<()> {
        let of_threads = self.report.nodes.iter().zip(1..);
        let lists = of_threads.chain(std::iter::once((&self.report.exited, 0)));
        encoder.number(self.report.nodes.len() as u64 + 1)?;
        for (nodes, thread) in lists {
            write_nodes(thread, nodes, u64::from, encoder)?;
        }
        Ok(())
    }

    fn open(&self, encoder: &mut Encoder<'_, 'r>) -> io::Result<()> {
        encoder.number(self.report.open.len() as u64)?;
        for scope in &self.report.open {
            let thread = self.thread(scope.thread_id.number());
            let until = self.report.end_of(scope.thread_id);
            encoder.numbers(&[thread, scope.path.into(), scope.since_ticks.0, until.0])?;
        }
        Ok(())
    }

    fn slowest(&self, encoder: &mut Encoder<'_, 'r>) -> io::Result<()> {
        for function in &self.report.functions {
            encoder.number(function.slowest.len() as u64)?;
            for call in function.slowest.iter() {
                self.call(&call.to_plain(), Ticks::ZERO, encoder)?;
                match call.metadata.0.as_deref() {
                    Some(pairs) => encoder.pairs(pairs)?,
                    None => encoder.number(0)?,
                }
            }
        }
        Ok(())
    }

    fn calls(&self, encoder: &mut Encoder<'_, 'r>) -> io::Result<()> {
        let log = self.report.log.plain();
        encoder.number(log.len() as u64)?;
        let mut before = Ticks::ZERO;
        for call in log {
            self.call(call, before, encoder)?;
            before = call.start;
        }
        Ok(())
    }

    fn metadata(&self, encoder: &mut Encoder<'_, 'r>) -> io::Result<()> {
        let mut before = 0; // so that a distance is never zero
        for (number, call) in (1..).zip(self.report.log.plain()) {
            if let Some(pairs) = call.metadata.as_deref().filter(|pairs| !pairs.is_empty()) {
                encoder.number(number - before)?;
                encoder.pairs(pairs)?;
                before = number;
            }
        }
        encoder.number(0)
    }

    /// A call, with its start counted from `before`, which is not later: the log is sorted.
    fn call(&self, call: &Call, before: Ticks, encoder: &mut Encoder<'_, 'r>) -> io::Result<()> {
        encoder.number(2 * self.thread(call.thread) + u64::from(call.panicked))?;
        match call.path {
            Some(path) => encoder.number(u64::from(path) + 1)?,
            None => encoder.numbers(&[0, call.function.into()])?,
        }
        encoder.numbers(&[call.start.since(before).0, call.duration.0])
    }

    fn thread(&self, id: u64) -> u64 {
        self.threads.get(&id).copied().unwrap_or(0) // every id was entered
    }
}

/// A list of nodes; `path` gives the P of each path.
pub(super) fn write_nodes(
    thread: u64,
    nodes: &[Node],
    path: impl Fn(u32) -> u64,
    encoder: &mut Encoder<'_, '_>,
) -> io::Result<()> {
    encoder.numbers(&[thread, nodes.len() as u64])?;
    nodes.iter().try_for_each(|node| {
        encoder.numbers(&[path(node.path), node.calls, node.self_time.0])?;
        encoder.numbers(&[node.truncated_calls, node.truncated_time.0])
    })
}

pub(super) fn write_name(
    function: &FunctionStats,
    encoder: &mut Encoder<'_, '_>,
) -> io::Result<()> {
    encoder.text(&function.name)?;
    match function.name.strip_suffix(&*function.short) {
        Some(before) => encoder.number(before.len() as u64 + 1),
        None => {
            encoder.number(0)?;
            encoder.text(&function.short)
        }
    }
}

pub(super) fn write_statistics(
    function: &FunctionStats,
    encoder: &mut Encoder<'_, '_>,
) -> io::Result<()> {
    let statistics = &function.statistics;
    encoder.numbers(&[statistics.count, statistics.panicked, statistics.cancelled])?;
    encoder.numbers(&[statistics.polls, statistics.sum.0, statistics.total.0])?;
    encoder.numbers(&[statistics.self_time.0, statistics.busy.0, statistics.idle.0])?;
    encoder.numbers(&[statistics.min.0, statistics.max.0])?;
    encoder.numbers(&[function.tree_time.0, function.tree_self_time.0])?;
    encoder.numbers(&[function.open, function.logged.len() as u64])?;
    encoder.float(function.avg_nanos())?;
    encoder.float(function.std_dev_nanos())?;
    for percentile in [50.0, 90.0, 95.0, 99.0, 99.9] {
        encoder.float(function.percentile_nanos(percentile))?;
    }
    let buckets = statistics.histogram.buckets();
    encoder.number(buckets.len() as u64)?;
    let mut before = 0;
    for &(bucket, count) in buckets {
        encoder.numbers(&[u64::from(bucket - before), count])?;
        before = bucket;
    }
    Ok(())
}
