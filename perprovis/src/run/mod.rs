//! A run from its first line to its end: what is recorded, and where it goes when the program ends.
//!
//! 1. [`report_on_exit`] makes the process's one job, which all guards share, and registers it with
//!    the C library, for `std::process::exit`.
//! 2. What the job does is what the code asks for, each wish replaced by that of the environment.
//! 3. The job is done by whoever comes first: the last guard's drop, the exit, a signal. Others that
//!    come meanwhile wait for it, so that the process does not end in the middle of a file.
//!
//! Here alone perprovis writes to standard error and looks at the environment: because the
//! application asked for it.

mod ending;
mod environment;
mod interval;
mod job;
mod place;
#[cfg(all(feature = "signals", unix))]
mod signals;
mod stderr;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use job::Job;

use crate::TextOptions;

/// Writes a report when the program ends; what and where is up to the methods of [`ReportOnExit`] and to
/// the environment.
///
/// To be called first thing in `main`, and kept to the end of it; or put
/// [`#[perprovis::main]`](macro@crate::main) on it, which does the same.
///
/// ```no_run
/// let _report = perprovis::report_on_exit();
/// // ...
/// ```
///
/// # When
///
/// Once: at the end of the scope that holds the guard, also by a panic; else at
/// [`std::process::exit`] (not on Windows), wherever that is called, and, if asked for, by
/// [signals](ReportOnExit::signals). Other threads may still run: their open calls are shown as such.
/// Where panics abort, the panic hook writes it. Nothing can be written by a process that is killed, aborts
/// or is replaced (`exec`): for that there is [`every`](ReportOnExit::every).
///
/// Several guards at the same time are one: what they ask for adds up, and is done when the last goes.
/// A process that was forked off without `exec` leaves it to its parent.
///
/// # What
///
/// Unless something else is asked for, the text report of the [global](crate::global) profiler, to standard
/// error: standard output is the program's own, and may be read by another one. What goes wrong is told
/// there in one line that begins with `perprovis:`, and the program goes on.
///
/// # The environment
///
/// It wins over what the code says.
///
/// | variable | as in | what it does |
/// | --- | --- | --- |
/// | `PERPROVIS` | `off` | records nothing, writes nothing |
/// | `PERPROVIS_REPORT` | `20`, `off` | prints the report with so many functions, or not |
/// | `PERPROVIS_EXPORT` | `out.html,run-%p.json`, `off` | writes these files, each in the [format](crate::Format) of its ending |
/// | `PERPROVIS_EVERY` | `10s`, `500ms`, `2m`, `off` | writes the files all the time, not only at the end |
/// | `PERPROVIS_FILTER` | `my_app::db,-my_app::db::ping`, `off` | records only these functions, see [`Filter`](crate::Filter) |
/// | `PERPROVIS_CALLS` | `1000000` | keeps so many calls in the log |
///
/// An empty variable is as good as none.
pub fn report_on_exit() -> ReportOnExit {
    ReportOnExit { job: Job::current() }
}

/// What [`report_on_exit`] gives: dropping it writes the report, its methods say what is written. They count
/// at once.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// let _report = perprovis::report_on_exit()
///     .report(10)
///     .export("profile.html")
///     .export("profile-%p.json")
///     .every(Duration::from_secs(10));
/// ```
#[must_use = "the report is written where this is dropped: bind it to a variable"]
#[derive(Debug)]
pub struct ReportOnExit {
    job: Option<Arc<Job>>, // none if nothing is recorded
}

impl ReportOnExit {
    /// The number of functions in the text report unless told otherwise.
    pub const DEFAULT_TOP: usize = TextOptions::DEFAULT_TOP;

    /// Prints the text report with the `top` functions that take the most time. Without it that is
    /// done if nothing is exported.
    pub fn report(self, top: usize) -> ReportOnExit {
        self.ask(|job| job.report(top))
    }

    /// Writes the report to a file, too, in the [format](crate::Format) of its ending; can be asked for several times.
    ///
    /// In its name `%p` becomes the id of the process, `%t` the time at which the run began, as in
    /// `20261125-162648` (UTC), and `%%` a `%`. With `%p` programs that start each other, or themselves,
    /// do not replace each other's files. A relative name counts from where the process is now.
    pub fn export(self, path: impl Into<PathBuf>) -> ReportOnExit {
        let path = path.into();
        self.ask(|job| job.export(path))
    }

    /// Writes the files not only at the end, but all the time, from a thread of its own: so the last one is
    /// there whatever happens to the process. What fails is tried again the next time.
    pub fn every(self, interval: Duration) -> ReportOnExit {
        self.ask(|job| job.every(interval))
    }

    /// Records only what a [`Filter`](crate::Filter) of these rules admits: `my_app::db,-my_app::db::ping`. Forgets what
    /// was recorded before, which is nothing at the beginning of `main`; if that is
    /// profiled itself, [`#[perprovis::main]`](macro@crate::main) comes first and this guard too late.
    pub fn filter(self, rules: &str) -> ReportOnExit {
        self.ask(|job| job.filter(rules))
    }

    /// Keeps so many of the latest calls of a thread in the log, and about as many on all threads together, which take
    /// them by 256; 32 bytes each. Forgets what was recorded before, as
    /// [`filter`](ReportOnExit::filter) does.
    pub fn calls(self, calls: usize) -> ReportOnExit {
        self.ask(|job| job.calls(calls))
    }

    /// Writes the report also when `SIGINT` (Ctrl-C) or `SIGTERM` come; after that the signal ends the
    /// process as it would without.
    ///
    /// Not for programs that wait for these signals themselves and then end in an orderly manner: they
    /// need nothing, and this would come before.
    #[cfg(feature = "signals")]
    pub fn signals(self) -> ReportOnExit {
        self.ask(Job::watch_signals)
    }

    fn ask(self, ask: impl FnOnce(&Arc<Job>)) -> ReportOnExit {
        if let Some(job) = &self.job {
            ask(job);
        }
        self
    }
}

impl Drop for ReportOnExit {
    fn drop(&mut self) {
        if let Some(job) = self.job.take() {
            job.release();
        }
    }
}
