//! Several reports to one: profiles of several processes, or of several runs.
//!
//! Statistics merge exactly, whatever the order: a histogram is that of all calls together. Threads
//! get new ids, one behind the other in the order of the sources, so that a thread says which source
//! it belongs to.
//!
//! # Clocks
//!
//! The rate of the CPU's counter is measured anew by each process, to some 20 ppm. Rates that differ by
//! less than [`TOLERANCE`] are taken for one, that of the first report, and ticks stay what they are: so
//! merging is exact in ticks, and the error in nanoseconds is at most that tolerance. Others
//! (another machine, another time source) are merged apart and brought to the finest rate at the end:
//! every time is multiplied and rounded to a tick, and of a histogram each bucket goes where its middle
//! goes. That happens once to a value, so a quantile is then off by at most 1.6 % instead of 0.8 %.

mod fold;
mod rescale;
#[cfg(test)]
mod tests;

use perprovis_core::snapshot::{Snapshot, Source};
use perprovis_core::units::TickRate;

use super::Report;
use fold::Fold;

/// Relative difference of two rates that are one clock, measured twice: two measurements off by 20 ppm
/// and two crystals off by 50 ppm stay below. Errors of durations grow with it.
const TOLERANCE: f64 = 2e-4;

/// Merges reports one by one, and needs no more memory than the merged report: see [`Report::merge`].
#[derive(Debug, Default)]
pub struct Merger {
    groups: Vec<(TickRate, Fold)>, // one a clock rate, nearly always one
}

impl Merger {
    /// A merger of nothing yet.
    #[must_use]
    pub fn new() -> Merger {
        Merger::default()
    }

    /// Adds a report, which is called `source` in the merged one. A report that was merged itself
    /// brings its own sources, with `source` and a slash before their names.
    pub fn add(&mut self, source: impl AsRef<str>, report: &Report) {
        self.add_snapshot(source.as_ref(), report.to_snapshot());
    }

    /// The same for what a report would be made from, with times since the profiler's start.
    pub(crate) fn add_snapshot(&mut self, source: &str, report: Snapshot) {
        let rate = report.clock.rate;
        let known = self.groups.iter().position(|(known, _)| is_same(*known, rate));
        let group = known.unwrap_or_else(|| {
            self.groups.push((rate, Fold::new(report.clock)));
            self.groups.len() - 1
        });
        self.groups[group].1.add(sources_of(source, &report), report);
    }

    /// The merged report; empty if nothing was added.
    #[must_use]
    pub fn finish(self) -> Report {
        let finest = |left: &TickRate, right: &TickRate| {
            left.nanos_per_tick().total_cmp(&right.nanos_per_tick())
        };
        let Some(rate) = self.groups.iter().map(|(rate, _)| *rate).min_by(finest) else {
            return Report::default();
        };
        let mut groups = self.groups.into_iter().map(|(from, fold)| {
            let mut snapshot = fold.finish();
            if from != rate {
                rescale::snapshot(&mut snapshot, from, rate);
            }
            snapshot
        });
        let first = groups.next().unwrap_or_default();
        let mut rest = groups.peekable();
        if rest.peek().is_none() {
            return Report::from_snapshot(first);
        }
        let mut all = Fold::new(first.clock);
        for mut report in std::iter::once(first).chain(rest) {
            all.add(std::mem::take(&mut report.sources), report);
        }
        Report::from_snapshot(all.finish())
    }
}

impl Report {
    /// One report of several: of the processes of a system, or of repeated runs. Each comes with a name,
    /// such as that of its file, by which its threads are told apart.
    ///
    /// - Functions are one if their full names are; counts, times, moments and histograms are those of all
    ///   calls together, exactly. Reports whose clocks tick differently are brought to the finest tick
    ///   first, which leaves percentiles at most 1.6 % off.
    /// - Call trees merge by path. Threads stay apart under new [ids](crate::ThreadId), with their
    ///   [source](Report::source_of), up to 2,097,152 nodes of their trees in all; the threads of later
    ///   sources are merged into one tree, as those that exited long ago are.
    /// - Logged calls and open scopes keep their times, which count from the start of their own source:
    ///   a timeline shows sources on top of each other. Above 1,048,576 calls the earliest go, from the
    ///   sources with the most, and count as [dropped](Report::dropped).
    /// - Of the slowest calls of a function those remain that are surely the slowest of all.
    /// - The run time is that of the longest run; drops add up; the overhead is the mean over all calls.
    ///
    /// Takes the reports one at a time, so an iterator that loads them holds one in memory. To stop at the
    /// first that cannot be loaded, use [`Merger`].
    ///
    /// ```
    /// # let (first, second) = (perprovis::Report::default(), perprovis::Report::default());
    /// let both = perprovis::Report::merge([("run 1", first), ("run 2", second)]);
    /// assert_eq!(&*both.sources()[1].name, "run 2");
    /// ```
    #[must_use]
    pub fn merge<S: AsRef<str>>(reports: impl IntoIterator<Item = (S, Report)>) -> Report {
        let mut merger = Merger::new();
        for (source, report) in reports {
            merger.add(source, &report);
        }
        merger.finish()
    }
}

/// Whether two rates are one clock's.
pub(super) fn is_same(left: TickRate, right: TickRate) -> bool {
    (left.nanos_per_tick() / right.nanos_per_tick() - 1.0).abs() <= TOLERANCE
}

/// The sources that `report` brings; their threads are numbered as in the report.
fn sources_of(name: &str, report: &Snapshot) -> Vec<Source> {
    if report.sources.is_empty() {
        let calls = report.functions.iter().map(|function| function.statistics.count);
        let threads = report.threads.iter().flat_map(|thread| &thread.nodes);
        let nodes = threads.chain(&report.exited);
        return vec![Source {
            name: name.into(),
            run: report.clock.now,
            calls: calls.fold(0, u64::saturating_add),
            time: nodes.map(|node| node.self_time + node.truncated_time).sum(),
            last_thread: u64::MAX,
        }];
    }
    let inner = |source: &Source| Source {
        name: format!("{name}/{}", source.name).into(),
        ..source.clone()
    };
    report.sources.iter().map(inner).collect()
}
