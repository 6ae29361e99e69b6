//! The file of a continuous export, or its last files, numbered.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::export::remove_leftovers;
use crate::{Error, Format, Report};

/// Where the reports go.
#[derive(Debug)]
pub(super) struct Files {
    path: PathBuf, // absolute: where the program goes later does not matter
    format: Format,
    numbered: Option<Numbered>,
}

/// Files with numbers before their endings.
#[derive(Debug)]
struct Numbered {
    stem: String,
    ending: String,      // as written
    keep: usize,         // at least 1
    kept: VecDeque<u64>, // ascending
}

impl Files {
    /// Keeps to one file, or, with `keep`, to so many, those that are there included.
    pub(super) fn new(path: &Path, format: Format, keep: Option<usize>) -> io::Result<Files> {
        let path = std::path::absolute(path)?;
        remove_leftovers(&folder(&path));
        let numbered = keep.map(|keep| Numbered::find(&path, format, keep)).transpose()?;
        Ok(Files { path, format, numbered })
    }

    /// Writes the next one. Then removes what is too much: a file that cannot be removed is tried again the next time.
    pub(super) fn write(&mut self, report: &Report) -> Result<(), Error> {
        let Files { path, format, numbered } = self;
        let Some(numbered) = numbered else { return report.export_as(*format, path) };
        let next = numbered.kept.back().map_or(1, |last| last + 1);
        report.export_as(*format, path.with_file_name(numbered.name(next)))?;
        numbered.kept.push_back(next);
        while numbered.kept.len() > numbered.keep {
            let oldest = numbered.kept.front().map(|&number| numbered.name(number));
            let removed = oldest.map_or(Ok(()), |name| fs::remove_file(path.with_file_name(name)));
            match removed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => break,
                _ => numbered.kept.pop_front(),
            };
        }
        Ok(())
    }
}

impl Numbered {
    fn find(path: &Path, format: Format, keep: usize) -> io::Result<Numbered> {
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "a name that gets numbers must be Unicode")
        })?;
        let (stem, ending) = name.split_at(name.len() - format.ending().len());
        let (stem, ending) = (stem.to_owned(), ending.to_owned());
        let mut numbered = Numbered { stem, ending, keep, kept: VecDeque::new() };
        let entries = fs::read_dir(folder(path)).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut kept: Vec<u64> = names.filter_map(|name| numbered.number(&name)).collect();
        kept.sort_unstable();
        numbered.kept = kept.into();
        Ok(numbered)
    }

    /// Six digits, so that files sort by age: enough for four months of ten seconds.
    fn name(&self, number: u64) -> String {
        format!("{}-{number:06}{}", self.stem, self.ending)
    }

    /// The number in a name of ours.
    fn number(&self, name: &str) -> Option<u64> {
        let rest = name.strip_prefix(&self.stem)?.strip_prefix('-')?;
        let number: u64 = rest.strip_suffix(&self.ending)?.parse().ok()?;
        (self.name(number) == name).then_some(number)
    }
}

fn folder(path: &Path) -> PathBuf {
    path.parent().map_or_else(PathBuf::new, Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn the_last_files_are_kept_and_numbers_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a-1.calls.CSV");
        for name in
            ["a-1-000041.calls.CSV", "a-1-41.calls.CSV", "a-1-x.calls.CSV", "a-000099.calls.CSV"]
        {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let mut files = Files::new(&path, Format::CallsCsv, Some(2)).unwrap();
        (0..3).for_each(|_| files.write(&Report::default()).unwrap());
        let others = ["a-000099.calls.CSV", "a-1-41.calls.CSV", "a-1-x.calls.CSV"];
        let mut expected = vec!["a-1-000043.calls.CSV", "a-1-000044.calls.CSV"];
        expected.extend(others);
        expected.sort_unstable();
        assert_eq!(names(folder.path()), expected);
        let mut again = Files::new(&path, Format::CallsCsv, Some(1)).unwrap();
        fs::remove_file(folder.path().join("a-1-000043.calls.CSV")).unwrap();
        again.write(&Report::default()).unwrap();
        assert_eq!(names(folder.path()).len(), 4, "{:?}", names(folder.path()));
        assert!(folder.path().join("a-1-000045.calls.CSV").exists());
    }

    #[test]
    fn one_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::new(&folder.path().join("a.csv"), Format::Csv, None).unwrap();
        (0..3).for_each(|_| files.write(&Report::default()).unwrap());
        assert_eq!(names(folder.path()), ["a.csv"]);
    }
}
