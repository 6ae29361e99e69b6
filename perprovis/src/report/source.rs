//! What a merged report was merged from.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use perprovis_core::snapshot::Source as Plain;
use perprovis_core::units::{TickRate, Ticks};

use super::{Report, ThreadId};

/// One of the reports that a report was merged from: see [`Report::merge`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Source {
    /// What it was called when it was merged: a file, a process, a run.
    pub name: Arc<str>,
    /// From its start, or its last `clear`, to the moment it was taken.
    pub run_time: Duration,
    /// Its completed calls.
    pub call_count: u64,
    /// Its time in profiled code, as in [`Summary::total_time`](crate::Summary::total_time).
    pub total_time: Duration,
    pub(crate) plain: Plain,
}

impl Source {
    pub(super) fn new(plain: Plain, rate: TickRate) -> Source {
        Source {
            name: plain.name.clone(),
            run_time: rate.duration(plain.run),
            call_count: plain.calls,
            total_time: rate.duration(plain.time),
            plain,
        }
    }
}

impl Report {
    /// The reports that this one was merged from, in the order in which they were added, but for those whose
    /// clocks tick alike, which stand together; empty if it comes straight from a profiler.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The source that a thread belongs to, also if it exited too long ago to be in
    /// [`Report::threads`]; `None` if the report was not merged.
    #[must_use]
    pub fn source_of(&self, thread: ThreadId) -> Option<&Source> {
        let after = self.sources.partition_point(|source| source.plain.last_thread < thread.0);
        self.sources.get(after).or(self.sources.last())
    }

    /// When a thread was last looked at: at the end of the run that it belongs to.
    pub(crate) fn end_of(&self, thread: ThreadId) -> Ticks {
        self.source_of(thread).map_or(self.clock.run_ticks, |source| source.plain.run)
    }

    /// `worker` or `thread 3`, with the source behind it in a merged report: `worker (run-2.json)`.
    pub(crate) fn thread_name(&self, thread: ThreadId) -> String {
        let name = self.own_thread_name(thread);
        let name = name.map_or_else(|| format!("thread {thread}"), str::to_owned);
        self.with_source(name, thread)
    }

    /// `3 worker` or `3`, with the source behind it in a merged report: `3 worker (run-2.json)`.
    pub(crate) fn numbered_thread(&self, thread: ThreadId) -> String {
        let name = self.own_thread_name(thread);
        let name = name.map_or_else(|| thread.to_string(), |name| format!("{thread} {name}"));
        self.with_source(name, thread)
    }

    /// An empty name is as good as none, and Perfetto refuses it.
    fn own_thread_name(&self, thread: ThreadId) -> Option<&str> {
        let info = self.threads.iter().find(|info| info.id == thread)?;
        info.name.as_deref().filter(|name| !name.is_empty())
    }

    fn with_source(&self, mut name: String, thread: ThreadId) -> String {
        if let Some(source) = self.source_of(thread) {
            // Writing to a string does not fail.
            let _ = write!(name, " ({})", source.name);
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Sample;

    #[test]
    fn threads_are_called_by_name_or_number() {
        let mut sample = Sample::new(0);
        sample.call(1, &["f"], 0, 1);
        sample.call(2, &["f"], 0, 1);
        sample.name_thread(2, "worker");
        sample.call(4, &["f"], 0, 1);
        sample.name_thread(4, "");
        let report = sample.report();
        let names = [1, 2, 3, 4].map(|id| report.thread_name(ThreadId(id)));
        assert_eq!(names, ["thread 1", "worker", "thread 3", "thread 4"]);
    }
}
