//! Continuous export: a file that is never much older than an interval, whatever happens to the process.

mod files;
mod ticker;

use std::fmt::{self, Debug};
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) use ticker::Ticker;

use crate::recording::RECORDS;
use crate::{Error, Format, Profiler, Report};
use files::Files;

/// Writes a profiler's reports to a file, one at every interval, until this is dropped.
///
/// A thread of its own does it; the threads that record are not stopped for it. The new file is written beside the
/// old one, brought onto the disk, and takes its name: so at any instant, also when the process is
/// killed, the disk is full, or the machine stops, there is a whole file, from the last interval or
/// the one before.
///
/// A file that cannot be written is counted in the [status](ContinuousExport::status), told to
/// [`on_failure`](ContinuousExportBuilder::on_failure), and tried again at the next interval.
///
/// Dropping it, or [`stop`](ContinuousExport::stop), writes the last report and waits for the thread, which
/// takes no longer than what it is writing. At the end of the process nobody waits for it.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
/// use perprovis::ContinuousExport;
///
/// # fn main() -> Result<(), perprovis::Error> {
/// // The whole profile, every ten seconds.
/// let _export = perprovis::global().export_every(Duration::from_secs(10), "profile.json")?;
///
/// // A file for each minute of the last hour: minutes-000001.json and so on.
/// let minutes = ContinuousExport::of(perprovis::global(), Duration::from_secs(60), "minutes.json")
///     .since_last()
///     .keep(60)
///     .on_failure(|error| eprintln!("no profile of this minute: {error}"))
///     .start()?;
/// # drop(minutes);
/// # Ok(())
/// # }
/// ```
#[must_use = "the export ends where this is dropped: bind it to a variable"]
pub struct ContinuousExport {
    ticker: Option<Ticker>, // none if nothing is recorded
    export: Arc<Mutex<Export>>,
}

/// What to write, and how; see [`ContinuousExport::of`].
#[must_use = "the export begins with `start`"]
pub struct ContinuousExportBuilder {
    interval: Duration,
    path: PathBuf,
    keep: Option<usize>,
    export: Export,
}

/// How a [`ContinuousExport`] goes.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ExportStatus {
    /// Files written.
    pub written: u64,
    /// Files that could not be written.
    pub failed: u64,
    /// Why the latest attempt failed; `None` if it did not.
    pub failure: Option<Arc<Error>>,
}

/// What the thread and the handle share.
struct Export {
    profiler: Box<dyn Deref<Target = Profiler> + Send>,
    files: Option<Files>, // none before the start
    /// The report written last, for an export of what is new; none for one of everything.
    last: Option<Report>,
    status: ExportStatus,
    on_failure: Option<OnFailure>,
}

type OnFailure = Box<dyn FnMut(&Error) + Send>;

impl Profiler {
    /// Writes a report to a file at every interval, in the [`Format`] of its ending, until what it
    /// gives is dropped. For a choice, or a profiler that is no `static`, see [`ContinuousExport::of`].
    ///
    /// # Errors
    ///
    /// As [`ContinuousExportBuilder::start`].
    pub fn export_every(
        &'static self,
        interval: Duration,
        path: impl AsRef<Path>,
    ) -> Result<ContinuousExport, Error> {
        ContinuousExport::of(self, interval, path).start()
    }
}

impl ContinuousExport {
    /// An export of a profiler, which may be in a `static`, a `LazyLock`, or an `Arc`.
    pub fn of(
        profiler: impl Deref<Target = Profiler> + Send + 'static,
        interval: Duration,
        path: impl AsRef<Path>,
    ) -> ContinuousExportBuilder {
        let export = Export {
            profiler: Box::new(profiler),
            files: None,
            last: None,
            status: ExportStatus::default(),
            on_failure: None,
        };
        let path = path.as_ref().to_owned();
        ContinuousExportBuilder { interval, path, keep: None, export }
    }

    /// How it goes. Waits for a file that is being written.
    #[must_use]
    pub fn status(&self) -> ExportStatus {
        lock(&self.export).status.clone()
    }

    /// Writes the last report, and says how it went. So does dropping it, but for the saying.
    pub fn stop(mut self) -> ExportStatus {
        self.end();
        self.status()
    }

    fn end(&mut self) {
        if let Some(ticker) = self.ticker.take() {
            drop(ticker); // joins the thread
            lock(&self.export).write();
        }
    }
}

impl Drop for ContinuousExport {
    fn drop(&mut self) {
        self.end();
    }
}

impl ContinuousExportBuilder {
    /// Writes not everything each time, but what is new since the file before, as
    /// [`Report::since`] gives it. All files together hold everything once; if one fails, the next
    /// holds both.
    pub fn since_last(mut self) -> ContinuousExportBuilder {
        self.export.last = Some(Report::default());
        self
    }

    /// Writes a new file each time and keeps the last `files` of them, at least one: from `profile.json` come
    /// `profile-000001.json`, `profile-000002.json` and so on. It goes on behind those of an earlier run.
    pub fn keep(mut self, files: usize) -> ContinuousExportBuilder {
        self.keep = Some(files.max(1));
        self
    }

    /// Calls `tell` when a file could not be written, on the thread that writes; of failures in a row for
    /// the first one only.
    pub fn on_failure(
        mut self,
        tell: impl FnMut(&Error) + Send + 'static,
    ) -> ContinuousExportBuilder {
        self.export.on_failure = Some(Box::new(tell));
        self
    }

    /// Begins. The first file comes after an interval.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if the name of the file asks for none, [`Error::WriteFile`] if the interval is zero
    /// or there can be no thread. A file that cannot be written is no reason not to begin.
    pub fn start(self) -> Result<ContinuousExport, Error> {
        let ContinuousExportBuilder { interval, path, keep, mut export } = self;
        let format = Format::of(&path)?;
        let failed = |source| Error::WriteFile { path: path.clone(), source };
        if interval.is_zero() {
            let problem = "it cannot be written every 0 s; choose a longer interval";
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, problem)));
        }
        export.files = Some(Files::new(&path, format, keep).map_err(failed)?);
        let export = Arc::new(Mutex::new(export));
        let writes = Arc::clone(&export);
        let start = || Ticker::start(interval, move || lock(&writes).write());
        let ticker = RECORDS.then(start).transpose().map_err(failed)?;
        Ok(ContinuousExport { ticker, export })
    }
}

impl Export {
    fn write(&mut self) {
        let Some(files) = &mut self.files else { return };
        let report = self.profiler.report();
        let written = match &self.last {
            Some(last) => files.write(&report.since(last)),
            None => files.write(&report),
        };
        match written {
            Ok(()) => {
                self.status.written += 1;
                self.status.failure = None;
                // Only now: what a lost file would have held is in the next one.
                self.last = self.last.take().map(|_| report);
            }
            Err(error) => {
                self.status.failed += 1;
                let failed_before = self.status.failure.is_some();
                if let Some(tell) = self.on_failure.as_mut().filter(|_| !failed_before) {
                    tell(&error);
                }
                self.status.failure = Some(Arc::new(error));
            }
        }
    }
}

impl Debug for ContinuousExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContinuousExport").finish_non_exhaustive()
    }
}

impl Debug for ContinuousExportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContinuousExportBuilder")
            .field("interval", &self.interval)
            .field("path", &self.path)
            .field("keep", &self.keep)
            .finish_non_exhaustive()
    }
}

fn lock(export: &Mutex<Export>) -> MutexGuard<'_, Export> {
    export.lock().unwrap_or_else(PoisonError::into_inner)
}
