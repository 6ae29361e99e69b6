//! A file that the run is written to: its name, and who else writes there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::export::remove_leftovers;
use crate::{Error, Format, Report};

/// A file that the run is written to.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf, // absolute
    format: Format,
    /// When the run began, or we wrote last: what is newer, somebody else wrote.
    since: SystemTime,
}

/// What the names of a run's files may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunId {
    pub(super) process: u32,
    pub(super) began: SystemTime,
}

impl Place {
    /// The place that a name with `%p` and `%t` stands for; or what is wrong with it.
    pub(super) fn new(name: &Path, run: RunId) -> Result<Place, String> {
        let format = Format::of(name).map_err(|error| error.to_string())?;
        let filled = fill(name, run)?;
        // Where the program goes later does not matter.
        let path = std::path::absolute(&filled).unwrap_or(filled);
        Ok(Place { path, format, since: run.began })
    }

    /// Removes what killed processes left beside the file.
    pub(super) fn tidy_up(&self) {
        self.path.parent().into_iter().for_each(remove_leftovers);
    }

    /// Replaces the file. Says so if it was somebody else's, who wrote during this run.
    pub(super) fn write(&mut self, report: &Report) -> Result<Option<String>, Error> {
        let replaced = modified(&self.path).filter(|&modified| modified > self.since);
        report.export_as(self.format, &self.path)?;
        self.since = modified(&self.path).unwrap_or(self.since);
        Ok(replaced.map(|_| {
            format!(
                "replaced {:?}, which another process wrote during this run; with %p in its name \
                 each has its own file",
                self.path
            )
        }))
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}

/// The name with everything filled in.
fn fill(name: &Path, run: RunId) -> Result<PathBuf, String> {
    let Some(text) = name.to_str() else { return Ok(name.to_owned()) };
    let mut filled = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            filled.push(letter);
            continue;
        }
        match letters.next() {
            Some('p') => filled.push_str(&run.process.to_string()),
            Some('t') => filled.push_str(&time(run.began)),
            Some('%') => filled.push('%'),
            _ => {
                return Err(format!(
                    "the file name {text:?} has a % that is none of %p (process), %t (time) \
                     and %%"
                ));
            }
        }
    }
    Ok(filled.into())
}

/// A moment as `20261125-162648`, in UTC, so that files sort by it.
fn time(moment: SystemTime) -> String {
    let seconds = moment.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}")
}

/// Year, month and day, so many days after 1970-01-01 (H. Hinnant, *chrono-Compatible Low-Level Date
/// Algorithms*, `civil_from_days`). Its years begin in March, so that a leap day is their last.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097); // 400 years each
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // March is 0
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: RunId = RunId { process: 4_711, began: UNIX_EPOCH };

    #[test]
    fn names_are_filled_in() {
        for (name, filled) in [
            ("a.csv", Ok("a.csv")),
            ("%t/a-%p.csv", Ok("19700101-000000/a-4711.csv")),
            ("100%%.csv", Ok("100%.csv")),
            ("a%x.csv", Err("%p (process), %t (time)")),
            ("a.csv%", Err("none of %p")),
        ] {
            match (fill(Path::new(name), RUN), filled) {
                (Ok(path), Ok(filled)) => assert_eq!(path, Path::new(filled)),
                (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
                (found, _) => panic!("{name}: {found:?}"),
            }
        }
    }

    #[test]
    fn times_are_dates() {
        for (seconds, text) in [
            (0, "19700101-000000"),
            (951_782_399, "20000228-235959"),
            (951_782_400, "20000229-000000"),
            (951_868_800, "20000301-000000"),
            (1_795_624_008, "20261125-162648"),
            (4_107_542_400, "21000301-000000"),
        ] {
            assert_eq!(time(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn who_replaces_the_file_of_another_process_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let began = SystemTime::now() - Duration::from_secs(60);
        let mut place = Place::new(&path, RunId { began, ..RUN }).unwrap();
        let report = Report::default();
        assert_eq!(place.write(&report).unwrap(), None, "there was none");
        assert_eq!(place.write(&report).unwrap(), None, "it was ours");
        let later = SystemTime::now() + Duration::from_secs(1);
        fs::File::options().append(true).open(&path).unwrap().set_modified(later).unwrap();
        let note = place.write(&report).unwrap().unwrap();
        assert!(note.starts_with("replaced ") && note.contains("a.csv"), "{note}");
        let old = fs::File::options().append(true).open(&path).unwrap();
        old.set_modified(began - Duration::from_secs(1)).unwrap();
        let mut next = Place::new(&path, RunId { began, ..RUN }).unwrap();
        assert_eq!(next.write(&report).unwrap(), None, "it was of an earlier run");
    }
}
