//! A page of two reports: that of the later one, with what the earlier one knew beside it.
//!
//! Functions are the same if their full names are, call paths if all names along them are, threads if
//! their names are; of several with one name, the first belongs to the first. What only the earlier
//! report has is appended to the page's tables of functions and paths, so that its parts refer to
//! these alone.
//!
//! ```text
//! before        nanoseconds of a tick (float), run time, whole profiled time, threads
//!               functions only the earlier has: how many, then each: name and short form as in `functions`
//!               how many functions it has, then each: F and statistics as in `functions`
//! before-paths  paths only the earlier has: how many, then each: P + 1 of its parent or 0, F
//! before-nodes  as `nodes`; thread: that of the same name + 1, or 0
//! ```

use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::path::Path as FilePath;

use crate::Error;
use crate::report::Report;

use super::super::file;
use super::data::{block, write_name, write_nodes, write_statistics};
use super::encoder::Encoder;
use super::write_page;

impl Report {
    /// Writes a [page](crate::Format::Html) that shows this report and what changed since `before`: in
    /// the flame graph what got slower is orange and what got faster blue, and the table of functions and
    /// the page of each have the earlier times and the change beside their own.
    ///
    /// Times are compared as they are, not scaled to each other: if the program did twice the work,
    /// all is slower. What only `before` has is in the table, and in the flame graph of the earlier times.
    ///
    /// Not available without the feature `html`.
    ///
    /// # Errors
    ///
    /// [`Error::Write`] if the writer fails.
    pub fn write_html_difference(
        &self,
        before: &Report,
        mut writer: impl Write,
    ) -> Result<(), Error> {
        write_page(self, Some(before), &mut writer).map_err(|source| Error::Write { source })
    }

    /// Writes a [page of what changed](Report::write_html_difference) since `before` into a file. An
    /// existing file is replaced in one step, and stays as it is if anything fails.
    ///
    /// # Errors
    ///
    /// [`Error::WriteFile`] if the file cannot be written.
    pub fn export_html_difference(
        &self,
        before: &Report,
        path: impl AsRef<FilePath>,
    ) -> Result<(), Error> {
        file::replace(path.as_ref(), |writer| self.write_html_difference(before, writer))
    }
}

/// An earlier report, told in the tables of a later one.
pub(super) struct Earlier<'r> {
    report: &'r Report,
    functions: Vec<u64>,         // F of each of its functions
    gone_functions: Vec<usize>,  // those that only it has
    paths: Vec<u64>,             // P of each of its paths
    gone_paths: Vec<(u64, u64)>, // those that only it has: P + 1 of the parent or 0, F
    threads: Vec<u64>, // of each of its threads: the later one's of the same name + 1, or 0
}

impl<'r> Earlier<'r> {
    pub(super) fn new(report: &'r Report, later: &Report) -> Earlier<'r> {
        let mut earlier = Earlier {
            report,
            functions: Vec::with_capacity(report.functions.len()),
            gone_functions: Vec::new(),
            paths: Vec::with_capacity(report.paths.len()),
            gone_paths: Vec::new(),
            threads: Vec::with_capacity(report.threads.len()),
        };
        earlier.match_functions(later);
        earlier.match_paths(later);
        earlier.match_threads(later);
        earlier
    }

    fn match_functions(&mut self, later: &Report) {
        let known = (0..).zip(&later.functions);
        let known: HashMap<&str, u64> =
            known.map(|(index, function)| (function.name.as_str(), index)).collect();
        for (index, function) in self.report.functions.iter().enumerate() {
            let found = known.get(function.name.as_str()).copied();
            self.functions.push(found.unwrap_or_else(|| {
                self.gone_functions.push(index);
                (later.functions.len() + self.gone_functions.len() - 1) as u64
            }));
        }
    }

    fn match_paths(&mut self, later: &Report) {
        let of = |path: Option<u32>| path.map_or(0, |path| u64::from(path) + 1);
        let known = (0..).zip(&later.paths);
        let known: HashMap<(u64, u64), u64> = known
            .map(|(index, path)| ((of(path.parent), u64::from(path.function)), index))
            .collect();
        for path in &self.report.paths {
            let parent = path.parent.map_or(0, |parent| self.paths[parent as usize] + 1);
            let key = (parent, self.functions[path.function as usize]);
            self.paths.push(known.get(&key).copied().unwrap_or_else(|| {
                self.gone_paths.push(key);
                (later.paths.len() + self.gone_paths.len() - 1) as u64
            }));
        }
    }

    fn match_threads(&mut self, later: &Report) {
        let mut known: HashMap<Option<&str>, VecDeque<u64>> = HashMap::new();
        for (number, info) in (1..).zip(&later.threads) {
            known.entry(info.name.as_deref()).or_default().push_back(number);
        }
        self.threads.extend(self.report.threads.iter().map(|info| {
            let same = known.get_mut(&info.name.as_deref());
            same.and_then(VecDeque::pop_front).unwrap_or(0)
        }));
    }

    /// What the first view needs.
    pub(super) fn write(&self, writer: &mut dyn Write) -> io::Result<()> {
        block("before", writer, |encoder| {
            let Report { clock, functions, threads, exited_threads, tree, .. } = self.report;
            encoder.float(clock.rate.nanos_per_tick())?;
            let threads = (threads.len() as u64).saturating_add(*exited_threads);
            encoder.numbers(&[clock.run_ticks.0, tree.whole().0, threads])?;
            encoder.number(self.gone_functions.len() as u64)?;
            for &gone in &self.gone_functions {
                write_name(&functions[gone], encoder)?;
            }
            encoder.number(functions.len() as u64)?;
            for (&index, function) in self.functions.iter().zip(functions) {
                encoder.number(index)?;
                write_statistics(function, encoder)?;
            }
            Ok(())
        })
    }

    pub(super) fn write_paths(&self, writer: &mut dyn Write) -> io::Result<()> {
        block("before-paths", writer, |encoder| {
            encoder.number(self.gone_paths.len() as u64)?;
            let mut paths = self.gone_paths.iter();
            paths.try_for_each(|&(parent, function)| encoder.numbers(&[parent, function]))
        })
    }

    pub(super) fn write_nodes(&self, writer: &mut dyn Write) -> io::Result<()> {
        block("before-nodes", writer, |encoder: &mut Encoder<'_, '_>| {
            let of_threads = self.report.nodes.iter().zip(self.threads.iter().copied());
            let lists = of_threads.chain(std::iter::once((&self.report.exited, 0)));
            encoder.number(self.report.nodes.len() as u64 + 1)?;
            for (nodes, thread) in lists {
                write_nodes(thread, nodes, |path| self.paths[path as usize], encoder)?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode::Block;
    use super::*;
    use crate::report::sample::{Sample, extreme, service};

    fn page(report: &Report, before: &Report) -> String {
        let mut bytes = Vec::new();
        report.write_html_difference(before, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn statistics(block: &mut Block) -> [u64; 4] {
        let [count, _, _, _, _, total, self_time] = block.numbers();
        block.numbers::<6>(); // busy, idle, min, max, in the tree
        let [open, _logged] = block.numbers();
        (0..7).for_each(|_| assert!(block.float() >= 0.0));
        for _ in 0..block.number() {
            block.numbers::<2>();
        }
        [count, total, self_time, open]
    }

    /// Two threads of one name, one without; a path that stays, one that goes, one that moves.
    fn sample(gone: &str, duration: u64) -> Report {
        let mut sample = Sample::new(0);
        sample.name_thread(1, "worker");
        sample.name_thread(2, "worker");
        sample.call(1, &["app::run"], 0, duration);
        sample.call(1, &["app::run", gone], 0, 10);
        sample.call(2, &["app::run", "app::stays"], 0, 20);
        sample.call(3, &["app::stays"], 0, 5);
        sample.report()
    }

    #[test]
    fn the_earlier_report_is_told_in_the_tables_of_the_later_one() {
        let (before, after) = (sample("app::goes", 100), sample("app::comes", 300));
        let page = page(&after, &before);
        let mut block = Block::of(&page, "before");
        assert_eq!(block.float(), 1.0);
        assert_eq!(block.numbers(), [before.clock.run_ticks.0, before.tree.whole().0, 3]);
        assert_eq!(block.number(), 1, "functions only the earlier has");
        assert_eq!((block.text(), block.number()), ("app::goes".to_owned(), 6));
        let count = block.number();
        assert_eq!(count, 3);
        for function in &before.functions {
            let place = after.functions.iter().position(|known| known.name == function.name);
            assert_eq!(block.number(), place.unwrap_or(3) as u64, "{}", function.name);
            let known = &function.statistics;
            assert_eq!(
                statistics(&mut block),
                [known.count, known.total.0, known.self_time.0, function.open]
            );
        }
        assert!(block.is_read());

        let mut block = Block::of(&page, "before-paths");
        assert_eq!(block.number(), 1);
        let parent = after.paths.iter().position(|path| path.parent.is_none()).unwrap();
        assert_eq!(block.numbers(), [parent as u64 + 1, 3]);
        assert!(block.is_read());
    }

    #[test]
    fn its_nodes_weigh_what_it_profiled_and_stand_on_threads_of_the_same_name() {
        for (before, after) in [
            (sample("app::goes", 100), sample("app::comes", 300)),
            (service(), extreme()),
            (extreme(), service()),
            (service(), service()),
            (service(), Report::default()),
            (Report::default(), service()),
        ] {
            let mut block = Block::of(&page(&after, &before), "before-nodes");
            let paths = Earlier::new(&before, &after).gone_paths.len() + after.paths.len();
            let mut whole = 0u64;
            for index in 0..block.number() as usize {
                let [thread, nodes] = block.numbers();
                if let Some(thread) = thread.checked_sub(1) {
                    let name = &before.threads[index].name;
                    assert_eq!(after.threads[thread as usize].name, *name);
                }
                for _ in 0..nodes {
                    let [path, _calls, own, _, cut] = block.numbers();
                    assert!((path as usize) < paths);
                    whole = whole.saturating_add(own).saturating_add(cut);
                }
            }
            assert!(block.is_read());
            assert_eq!(whole, before.tree.whole().0);
        }
        let same = Earlier::new(&service(), &service()).gone_paths;
        assert_eq!(same, []);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("change.html");
        service().export_html_difference(&extreme(), &path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), page(&service(), &extreme()));
        let error = service().export_html_difference(&extreme(), directory.path()).unwrap_err();
        assert!(error.to_string().contains("cannot"), "{error}");
    }
}
