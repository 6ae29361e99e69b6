//! What is done at the end of the run, and meanwhile.

use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

use super::ending::Ending;
use super::environment::Environment;
use super::place::{Place, RunId};
use super::stderr;
use crate::continuous::Ticker;
use crate::recording::{RECORDS, at_exit};
use crate::{Report, TextOptions, global, process};

/// The job of this moment, for those that have no guard: the exit, signals, the panic hook.
static CURRENT: Mutex<Option<Arc<Job>>> = Mutex::new(None);

/// Writes the report at the end of the run.
#[derive(Debug)]
pub(super) struct Job {
    run: RunId,
    environment: Environment,
    guards: Mutex<usize>,
    plan: Mutex<Plan>,
    ticker: Mutex<Option<Ticker>>,
    ending: Ending,
}

/// What is written where.
#[derive(Debug, Default)]
struct Plan {
    report: Option<Option<usize>>, // functions; `Some(None)` for no report
    places: Vec<Place>,
    /// Whether the last attempt failed: of several in a row one is told.
    failing: bool,
}

impl Job {
    /// The job that there is, or a new one; with a guard more. `None` if nothing is recorded.
    pub(super) fn current() -> Option<Arc<Job>> {
        if !RECORDS {
            return None;
        }
        let mut current = lock(&CURRENT);
        if let Some(job) = current.as_ref().filter(|job| job.join()) {
            return Some(Arc::clone(job));
        }
        let (environment, problems) = Environment::read(process::variables());
        static TELL: Once = Once::new(); // they are the same for each guard that comes later
        TELL.call_once(|| problems.iter().for_each(stderr::complain));
        if environment.off {
            global().disable();
            return None;
        }
        let job = Arc::new(Job::new(environment));
        *current = Some(Arc::clone(&job));
        drop(current);
        job.begin();
        Some(job)
    }

    fn new(environment: Environment) -> Job {
        let run = RunId { process: process::id(), began: process::time() };
        let report = environment.report;
        let places = environment.exports.iter().flatten().filter_map(|name| {
            let place = Place::new(name, run);
            place.map_err(|problem| stderr::complain(format!("PERPROVIS_EXPORT: {problem}"))).ok()
        });
        let plan = Plan { report, places: places.collect(), failing: false };
        Job {
            run,
            environment,
            guards: Mutex::new(1),
            plan: Mutex::new(plan),
            ticker: Mutex::default(),
            ending: Ending::default(),
        }
    }

    /// Carries out what the environment asks for, and sees to it that no end is missed.
    fn begin(self: &Arc<Job>) {
        if let Some(filter) = &self.environment.filter {
            global().set_filter(filter.clone());
        }
        if let Some(calls) = self.environment.calls {
            keep_calls(calls);
        }
        if let Some(Some(interval)) = self.environment.every {
            self.start_ticker(interval);
        }
        static REGISTER: Once = Once::new();
        REGISTER.call_once(|| {
            at_exit(end_current);
            if cfg!(panic = "abort") {
                let hook = panic::take_hook();
                panic::set_hook(Box::new(move |panic| {
                    hook(panic);
                    end_current();
                }));
            }
        });
    }

    /// Prints the report with so many functions, unless the environment says something else.
    pub(super) fn report(&self, top: usize) {
        lock(&self.plan).report = self.environment.report.or(Some(Some(top)));
    }

    /// Writes a file more, unless the environment says which.
    pub(super) fn export(&self, name: PathBuf) {
        if self.environment.exports.is_some() {
            return;
        }
        match Place::new(&name, self.run) {
            Ok(place) => lock(&self.plan).places.push(place),
            Err(problem) => stderr::complain(problem),
        }
    }

    /// Writes the files at every interval, unless the environment says at which.
    pub(super) fn every(self: &Arc<Job>, interval: Duration) {
        if self.environment.every.is_some() {
            return;
        }
        if interval.is_zero() {
            stderr::complain("cannot export every 0 s, only at an interval above zero");
            return;
        }
        self.start_ticker(interval);
    }

    fn start_ticker(self: &Arc<Job>, interval: Duration) {
        let (job, mut is_first) = (Arc::downgrade(self), true);
        let ticker = Ticker::start(interval, move || {
            if let Some(job) = job.upgrade() {
                job.tick(std::mem::take(&mut is_first));
            }
        });
        match ticker {
            Ok(ticker) => *lock(&self.ticker) = Some(ticker),
            Err(error) => stderr::complain(format!("cannot export all the time: {error}")),
        }
    }

    fn tick(&self, is_first: bool) {
        if is_first {
            let plan = lock(&self.plan);
            plan.places.iter().for_each(Place::tidy_up);
            if plan.places.is_empty() {
                stderr::complain("there is nothing to export at intervals: name a file");
            }
        }
        self.export_now(&global().report());
    }

    /// Records only what these rules admit, unless the environment has rules.
    pub(super) fn filter(&self, rules: &str) {
        if self.environment.filter.is_some() {
            return;
        }
        match rules.parse() {
            Ok(filter) => global().set_filter(Some(filter)),
            Err(error) => stderr::complain(format!("cannot filter by {rules:?}: {error}")),
        }
    }

    /// Keeps so many calls in the log, unless the environment says how many.
    pub(super) fn calls(&self, calls: usize) {
        if self.environment.calls.is_none() {
            keep_calls(calls);
        }
    }

    /// Ends the run also when a signal comes.
    #[cfg(feature = "signals")]
    pub(super) fn watch_signals(self: &Arc<Job>) {
        #[cfg(unix)]
        let watched = super::signals::watch(end_current);
        #[cfg(not(unix))]
        let watched = Err("this system has none");
        if let Err::<(), _>(error) = watched {
            stderr::complain(format!("cannot wait for signals: {error}"));
        }
    }

    /// A guard more; false if the run is at its end, also if that is only about to be written.
    fn join(&self) -> bool {
        let mut guards = lock(&self.guards);
        let is_ahead = *guards > 0 && self.ending.is_ahead();
        *guards += usize::from(is_ahead);
        is_ahead
    }

    /// A guard less; after the last the run is at its end.
    pub(super) fn release(&self) {
        let left = {
            let mut guards = lock(&self.guards);
            *guards = guards.saturating_sub(1);
            *guards
        };
        if left == 0 {
            self.end();
        }
    }

    /// Writes everything, once.
    fn end(&self) {
        // What a fork got of this is its parent's, and has no other threads.
        if process::id() == self.run.process {
            self.ending.reach(|| on_own_thread(|| self.write()));
        }
    }

    fn write(&self) {
        drop(lock(&self.ticker).take()); // waits for what it is writing
        let report = global().report();
        self.export_now(&report);
        let plan = lock(&self.plan);
        let by_default = || plan.places.is_empty().then_some(super::ReportOnExit::DEFAULT_TOP);
        if let Some(top) = plan.report.unwrap_or_else(by_default) {
            stderr::write(&report.to_text_with(TextOptions::new().top(top)));
        }
    }

    /// Writes the files. Each on its own: if one fails, that is no reason to lose the others.
    fn export_now(&self, report: &Report) {
        let mut plan = lock(&self.plan);
        let Plan { places, failing, .. } = &mut *plan;
        let mut problems = Vec::new();
        for place in places {
            match place.write(report) {
                Ok(note) => note.iter().for_each(stderr::complain),
                Err(error) => problems.push(error),
            }
        }
        let failed_before = std::mem::replace(failing, !problems.is_empty());
        if !failed_before || !self.ending.is_ahead() {
            problems.iter().for_each(stderr::complain);
        }
    }
}

/// Ends the run of this moment, if there is one.
fn end_current() {
    // Let go before it is ended: a guard may come at the same time.
    let job = lock(&CURRENT).clone();
    if let Some(job) = job {
        job.end();
    }
}

fn keep_calls(calls: usize) {
    global().recorder.change_limits(|limits| limits.keep_calls(calls));
}

/// Does it on a thread of its own, which is in order: at the exit this one has lost its thread-locals, in
/// a panic it unwinds, both of which would change what profiling costs. If there can be no other thread,
/// then here.
fn on_own_thread(work: impl Fn() + Sync) {
    let work = || panic::catch_unwind(AssertUnwindSafe(&work));
    let done = thread::scope(|scope| {
        let thread = thread::Builder::new().name("perprovis".to_owned());
        thread.spawn_scoped(scope, || drop(work())).map(|thread| drop(thread.join())).is_ok()
    });
    if !done {
        let _panicked = work();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_that_comes_while_the_last_one_goes_joins_no_job_that_is_over() {
        let job = Job::new(Environment::default());
        assert!(job.join());
        assert_eq!(*lock(&job.guards), 2);
        *lock(&job.guards) = 0; // the last has gone, and has not written yet
        assert!(job.ending.is_ahead() && !job.join());
        assert_eq!(*lock(&job.guards), 0);
    }
}
