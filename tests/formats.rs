//! What every file format has in common: time and memory for 1,000,000 logged calls, and writers that fail.
//! The process's heap is counted, so these run one after the other; times are only held in release.
#![expect(clippy::print_stderr, reason = "`--nocapture` shows the figures")]

use std::io::{self, Write};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{error, fs};

use perprovis::{Error, Format, Report};
use perprovis_tests::heap::{CountingHeap, peak_bytes_of};

#[path = "src/bin/specimens/large.rs"]
mod large;
#[path = "src/bin/specimens/stage.rs"]
mod stage;
#[path = "src/bin/specimens/tasks.rs"]
mod tasks;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap;

const MIB: usize = 1 << 20;

/// 1,000,000 logged calls over 100,000 call paths.
static LARGE: LazyLock<Report> = LazyLock::new(large::report);

/// One test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts bytes and takes `room` of them.
struct Counter {
    written: usize,
    room: usize,
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.room - self.written);
        self.written += taken;
        if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes beside the report that a format may take for [`LARGE`]: what is written call by call or node by
/// node is bounded by its buffer and a table of the 100,000 call paths, a flame graph by its frames.
fn allowed(format: Format) -> usize {
    match format {
        // Columns of samples or calls are whole before the first byte is written.
        Format::Firefox | Format::Html => usize::MAX,
        // `inferno` takes all stacks at once, here 11 MB of text.
        Format::Svg | Format::Icicle => 64 * MIB,
        _ => 32 * MIB,
    }
}

#[test]
fn a_million_logged_calls_are_written_in_time_and_beside_little_memory() {
    let _alone = alone();
    let report = &*LARGE;
    let _names = report.calls(); // looked up once, part of the report from then on
    for &format in Format::ALL {
        let mut counter = Counter { written: 0, room: usize::MAX };
        let start = Instant::now();
        let (written, peak) = peak_bytes_of(|| report.write(format, &mut counter));
        let took = start.elapsed();
        written.unwrap();
        let megabytes = |bytes: usize| bytes as f64 / 1e6;
        let figures = format!(
            "{format}: {took:.2?}, {:.1} MB written, {:.1} MB beside the report",
            megabytes(counter.written),
            megabytes(peak)
        );
        eprintln!("{figures}");
        assert!(peak <= allowed(format), "{figures}");
        assert!(cfg!(debug_assertions) || took < Duration::from_secs(3), "{figures}");
        assert!(format != Format::Html || counter.written < 40_000_000, "{figures}");
    }
}

#[test]
fn a_writer_that_fails_anywhere_is_an_error_in_every_format() {
    let _alone = alone();
    let report = tasks::report();
    let folder = tempfile::tempdir().unwrap();
    for &format in Format::ALL {
        let mut whole = Counter { written: 0, room: usize::MAX };
        report.write(format, &mut whole).unwrap();
        for part in 0..10 {
            let room = whole.written * part / 10;
            let failed = report.write(format, Counter { written: 0, room }).unwrap_err();
            assert!(matches!(failed, Error::Write { .. }), "{format} after {room} bytes: {failed}");
            assert!(error::Error::source(&failed).is_some(), "{format}");
        }
        let full = fs::OpenOptions::new().write(true).open("/dev/full");
        if let Ok(full) = full {
            assert!(report.write(format, full).is_err(), "{format} to /dev/full");
            assert!(report.export_as(format, "/dev/full").is_err(), "{format} to /dev/full");
        }
        let path = folder.path().join(format!("profile{format}"));
        report.export(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap().len(), whole.written, "{format}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), Format::ALL.len(), "nothing else");
}
