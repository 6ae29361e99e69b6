//! The profiler: switch, measure, take a report.

use std::borrow::Cow;
use std::future::Future;
#[cfg(feature = "report")]
use std::path::Path;

use perprovis_core::{Filter, Limits, ManualClock};

use crate::recording::{Profiled, Recorder, Scope, TaggedScope, Task, profile_future};
#[cfg(feature = "report")]
use crate::{
    CallTree, Error, FunctionCall, FunctionStats, Hotspot, Report, SortBy, Summary, TextOptions,
};

static GLOBAL: Profiler = Profiler::new();

/// The profiler that `#[profile]` and `profile_block!` record with unless told otherwise.
///
/// # Examples
///
/// ```
/// #[perprovis::profile]
/// fn work() {}
///
/// work();
/// # #[cfg(feature = "report")]
/// println!("{}", perprovis::global().report());
/// ```
#[inline(always)]
#[must_use]
pub fn global() -> &'static Profiler {
    &GLOBAL
}

/// Records calls and takes reports of them. Any number can exist, each with its own call stacks.
///
/// Recording takes no lock, whatever other threads do with the profiler meanwhile. The queries are
/// short for one question to [`Profiler::report`]; for several about the same moment, take one report
/// and ask that.
///
/// # Examples
///
/// ```
/// use perprovis::{Profiler, profile};
///
/// static REQUESTS: Profiler = Profiler::new();
///
/// #[profile(profiler = REQUESTS)]
/// fn handle(id: u32) -> u32 {
///     id + 1
/// }
///
/// handle(1);
/// REQUESTS.disable();
/// handle(2);
/// # #[cfg(feature = "report")]
/// assert_eq!(REQUESTS.function_stats("handle").map(|stats| stats.call_count), Some(1));
/// ```
#[derive(Debug, Default)]
pub struct Profiler {
    pub(crate) recorder: Recorder,
}

impl Profiler {
    /// An enabled profiler with default limits. `const`, so it can be a `static`.
    #[must_use]
    pub const fn new() -> Profiler {
        Profiler { recorder: Recorder::new() }
    }

    /// A profiler made to measure.
    pub fn builder() -> ProfilerBuilder {
        ProfilerBuilder::default()
    }

    /// Whether calls that begin now are recorded.
    #[inline]
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.recorder.is_enabled()
    }

    /// Records calls that begin from now on.
    pub fn enable(&self) {
        self.recorder.enable();
    }

    /// Records no call that begins from now on, at the cost of one comparison each. Calls that are
    /// open now are still counted when they end.
    pub fn disable(&self) {
        self.recorder.disable();
    }

    /// Forgets what was recorded. Calls that are open now will not be counted, neither here nor
    /// later. Does not stop recording threads.
    pub fn clear(&self) {
        self.recorder.clear();
    }

    /// Records from now on what `filter` admits, or everything again if it is `None`. Clears, as
    /// [`clear`](Profiler::clear) does: what was recorded before by another measure would not compare.
    ///
    /// A function that is left out costs what it costs while the profiler is disabled. Its time is part
    /// of its caller's self time.
    ///
    /// # Examples
    ///
    /// ```
    /// use perprovis::Profiler;
    ///
    /// let profiler = Profiler::new();
    /// profiler.set_filter(Some("db,-db::ping".parse()?));
    /// for name in ["db::load", "db::ping", "main"] {
    ///     profiler.measure(name, || ());
    /// }
    /// # #[cfg(all(feature = "report", feature = "enable"))]
    /// assert_eq!(profiler.report().functions().len(), 1);
    /// # Ok::<(), perprovis::FilterError>(())
    /// ```
    pub fn set_filter(&self, filter: Option<Filter>) {
        self.recorder.set_filter(filter);
    }

    /// Opens a scope with a name known at run time; it lasts until it is dropped. See
    /// [`profile_block!`](crate::profile_block) for names known before.
    ///
    /// # Examples
    ///
    /// ```
    /// for table in ["users", "orders"] {
    ///     let _scope = perprovis::global().block(table).with("attempt", 1);
    /// }
    /// ```
    #[inline]
    pub fn block(&self, name: &str) -> TaggedScope {
        Scope::enter_named(&self.recorder, name).into()
    }

    /// Calls `work`, recorded under `name`.
    ///
    /// # Examples
    ///
    /// ```
    /// let sum: u32 = perprovis::global().measure("sum", || (1..=4).sum());
    /// assert_eq!(sum, 10);
    /// ```
    #[inline]
    pub fn measure<R>(&self, name: &str, work: impl FnOnce() -> R) -> R {
        let _scope = Scope::enter_named(&self.recorder, name);
        work()
    }
}

#[cfg(feature = "report")]
impl Profiler {
    /// Everything recorded since the last [`clear`](Profiler::clear), at this moment: exact for all
    /// calls that completed before, with those that are open now shown as such.
    ///
    /// Does not stop recording threads. The first report of a process measures the profiler's own
    /// cost for about a millisecond; one taken within 5 ms of the first call waits until then, to know
    /// how long a tick is.
    #[must_use]
    pub fn report(&self) -> Report {
        Report::from_snapshot(self.recorder.snapshot())
    }

    /// The statistics of a function, by its full name or an unambiguous shorter one: see
    /// [`Report::function`].
    #[must_use]
    pub fn function_stats(&self, name: &str) -> Option<FunctionStats> {
        self.report().function(name).cloned()
    }

    /// The statistics of all functions, by total time, the largest first.
    #[must_use]
    pub fn all_function_stats(&self) -> Vec<FunctionStats> {
        self.report().functions().to_vec()
    }

    /// The calls still in the log, oldest first.
    #[must_use]
    pub fn all_calls(&self) -> Vec<FunctionCall> {
        self.report().calls().to_vec()
    }

    /// The functions that take the most total time, the largest first.
    #[must_use]
    pub fn hotspots(&self, limit: usize) -> Vec<Hotspot> {
        self.report().hotspots(limit)
    }

    /// The functions that come first by `sort`.
    #[must_use]
    pub fn hotspots_by(&self, sort: SortBy, limit: usize) -> Vec<Hotspot> {
        self.report().hotspots_by(sort, limit)
    }

    /// The slowest calls, the slowest first.
    #[must_use]
    pub fn slowest_calls(&self, limit: usize) -> Vec<FunctionCall> {
        self.report().slowest_calls(limit)
    }

    /// Who called whom, over all threads.
    #[must_use]
    pub fn call_tree(&self) -> CallTree {
        self.report().call_tree().clone()
    }

    /// The flame graph as text, no line wider than `width` columns; below 20 counts as 20.
    #[must_use]
    pub fn flame_graph_text(&self, width: usize) -> String {
        self.report().flame_graph_text(width)
    }

    /// The timeline of the latest `limit` calls as text.
    #[must_use]
    pub fn timeline_text(&self, limit: usize) -> String {
        self.report().timeline_text(limit)
    }

    /// All calls of all functions in six numbers.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.report().summary()
    }

    /// Writes a report as JSON; see [`Report::export_to_json`].
    ///
    /// # Errors
    ///
    /// If the file cannot be written; what stood there before is then untouched.
    #[cfg(feature = "json")]
    pub fn export_to_json(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.report().export_to_json(path)
    }

    /// Writes the statistics of all functions as CSV; see [`Report::export_to_csv`].
    ///
    /// # Errors
    ///
    /// If the file cannot be written; what stood there before is then untouched.
    pub fn export_to_csv(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.report().export_to_csv(path)
    }

    /// Prints the text report with the `top_n` functions that take the most time: with colours and in
    /// its width if the standard output is a terminal, see [`Report::print`].
    pub fn print_report(&self, top_n: usize) {
        self.report().print(TextOptions::new().top(top_n));
    }
}

/// Builds a [`Profiler`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use perprovis::{ManualClock, Profiler};
///
/// let clock = ManualClock::new();
/// let profiler = Profiler::builder().clock(clock.clone()).calls_per_thread(1_000).build();
/// profiler.measure("step", || clock.advance(Duration::from_millis(3)));
/// # #[cfg(all(feature = "report", feature = "enable"))]
/// assert_eq!(profiler.summary().total_time, Duration::from_millis(3));
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ProfilerBuilder {
    enabled: bool,
    limits: Limits,
    filter: Option<Filter>,
    clock: Option<ManualClock>,
}

impl Default for ProfilerBuilder {
    fn default() -> ProfilerBuilder {
        ProfilerBuilder { enabled: true, limits: Limits::DEFAULT, filter: None, clock: None }
    }
}

impl ProfilerBuilder {
    /// Whether it records from the start; it does unless told otherwise.
    pub fn enabled(self, enabled: bool) -> ProfilerBuilder {
        ProfilerBuilder { enabled, ..self }
    }

    /// All limits at once.
    pub fn limits(self, limits: Limits) -> ProfilerBuilder {
        ProfilerBuilder { limits, ..self }
    }

    /// See [`Limits::calls_per_thread`].
    pub fn calls_per_thread(mut self, calls: usize) -> ProfilerBuilder {
        self.limits.calls_per_thread = calls;
        self
    }

    /// See [`Limits::calls_in_all`].
    pub fn calls_in_all(mut self, calls: usize) -> ProfilerBuilder {
        self.limits.calls_in_all = calls;
        self
    }

    /// See [`Limits::slowest_per_function`].
    pub fn slowest_per_function(mut self, calls: usize) -> ProfilerBuilder {
        self.limits.slowest_per_function = calls;
        self
    }

    /// See [`Limits::depth`].
    pub fn depth(mut self, scopes: u32) -> ProfilerBuilder {
        self.limits.depth = scopes;
        self
    }

    /// See [`Limits::call_paths`].
    pub fn call_paths(mut self, paths: usize) -> ProfilerBuilder {
        self.limits.call_paths = paths;
        self
    }

    /// See [`Limits::names`].
    pub fn names(mut self, names: usize) -> ProfilerBuilder {
        self.limits.names = names;
        self
    }

    /// See [`Limits::exited_threads`].
    pub fn exited_threads(mut self, threads: usize) -> ProfilerBuilder {
        self.limits.exited_threads = threads;
        self
    }

    /// Records only what `filter` admits.
    pub fn filter(self, filter: Filter) -> ProfilerBuilder {
        ProfilerBuilder { filter: Some(filter), ..self }
    }

    /// Takes the time from a clock driven by hand instead of the machine's.
    pub fn clock(self, clock: ManualClock) -> ProfilerBuilder {
        ProfilerBuilder { clock: Some(clock), ..self }
    }

    /// The profiler.
    pub fn build(self) -> Profiler {
        let recorder = Recorder::with(self.enabled, self.limits, self.clock);
        Profiler { recorder: recorder.filtered(self.filter) }
    }
}

/// Profiles a future as one call: for async blocks, and for futures made by others.
///
/// The call lasts from the first poll to completion; the time inside polls is told apart from the
/// time between them. A future that is never polled is no call.
///
/// # Examples
///
/// ```
/// use perprovis::ProfileFuture;
///
/// let answer = async { 6 * 7 }.profiled("answer");
/// # let mut answer = std::pin::pin!(answer);
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(answer.as_mut().poll(&mut context).is_ready());
/// ```
pub trait ProfileFuture: Future + Sized {
    /// This future, recorded under `name` by the global profiler.
    fn profiled(self, name: impl Into<Cow<'static, str>>) -> Profiled<Self> {
        profile_future(Task::named(&global().recorder, name), self)
    }

    /// This future, recorded under `name` by `profiler`, unless that is dropped before it completes.
    fn profiled_on(
        self,
        profiler: &Profiler,
        name: impl Into<Cow<'static, str>>,
    ) -> Profiled<Self> {
        profile_future(Task::named_on(&profiler.recorder, name), self)
    }
}

impl<F: Future> ProfileFuture for F {}
