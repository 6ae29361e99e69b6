//! Continuous export: nothing is lost or counted twice, and what cannot be written is told and tried
//! again.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use perprovis::{ContinuousExport, Error, ExportStatus, Profiler, Report};

const MILLISECOND: Duration = Duration::from_millis(1);

/// Works until the export is so far.
fn work_until(export: &ContinuousExport, work: impl Fn(), far: impl Fn(&ExportStatus) -> bool) {
    while !far(&export.status()) {
        work();
    }
}

#[test]
fn files_of_what_is_new_hold_everything_once() {
    let folder = tempfile::tempdir().unwrap();
    let profiler = Arc::new(Profiler::builder().calls_per_thread(1_000_000).build());
    let before = 100;
    (0..before).for_each(|_| profiler.measure("work", || ()));
    let path = folder.path().join("part.json");
    let export = ContinuousExport::of(Arc::clone(&profiler), MILLISECOND, &path);
    let export = export.since_last().keep(usize::MAX).start().unwrap();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let work = || profiler.measure("work", thread::yield_now);
                work_until(&export, work, |status| status.written >= 5);
            });
        }
    });
    let status = export.stop();
    assert!(status.failure.is_none() && status.failed == 0, "{status:?}");

    let whole = profiler.report();
    let mut parts: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    parts.sort_unstable();
    assert_eq!(parts.len() as u64, status.written);
    let parts: Vec<Report> = parts
        .iter()
        .map(|part| Report::from_json(&fs::read_to_string(part).unwrap()).unwrap())
        .collect();
    let of =
        |report: &Report| report.function("work").map(|work| (work.call_count, work.self_time));
    let parts_of = parts.iter().filter_map(of);
    let calls: u64 = parts_of.map(|(calls, _)| calls).sum();
    assert_eq!(calls, of(&whole).unwrap().0);
    assert_eq!(parts.iter().map(|part| part.calls().len()).sum::<usize>(), whole.calls().len());
    let of_tree =
        |report: &Report| report.call_tree().find(&["work"]).map_or(0, |work| work.call_count());
    assert_eq!(parts.iter().map(of_tree).sum::<u64>(), of_tree(&whole));
    assert!(of(&parts[0]).unwrap().0 >= before, "the first holds what was before");
}

#[test]
fn what_fails_is_counted_told_once_and_tried_again() {
    static PROFILER: LazyLock<Profiler> = LazyLock::new(Profiler::new);
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let path = missing.join("profile.csv");
    let told = Arc::new(AtomicU64::new(0));
    let tell = {
        let told = Arc::clone(&told);
        move |error: &Error| {
            assert!(error.to_string().contains("create its directory first"), "{error}");
            told.fetch_add(1, Ordering::SeqCst);
        }
    };
    let export = ContinuousExport::of(&*PROFILER, MILLISECOND, &path).since_last();
    let export = export.on_failure(tell).start().unwrap();
    PROFILER.measure("before", || ());
    work_until(&export, thread::yield_now, |status| status.failed >= 3);
    let status = export.status();
    assert!(status.written == 0 && status.failure.is_some(), "{status:?}");
    assert_eq!(told.load(Ordering::SeqCst), 1);

    fs::create_dir(&missing).unwrap();
    work_until(&export, thread::yield_now, |status| status.written >= 1);
    assert!(export.status().failure.is_none());
    fs::rename(&missing, folder.path().join("moved")).unwrap();
    let failed = export.status().failed;
    work_until(&export, thread::yield_now, |status| status.failed > failed);
    fs::create_dir(&missing).unwrap();
    let status = export.stop();
    assert!(status.failure.is_none(), "{status:?}");
    assert_eq!(told.load(Ordering::SeqCst), 2, "once more, as it had worked meanwhile");
}

#[test]
fn dropping_it_writes_the_last_report_and_nothing_after() {
    static PROFILER: Profiler = Profiler::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile.json");
    let export = PROFILER.export_every(Duration::from_secs(3_600), &path).unwrap();
    PROFILER.measure("work", || ());
    assert!(!path.exists());
    drop(export);
    let report = Report::from_json(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(report.function("work").unwrap().call_count, 1);
    fs::remove_file(&path).unwrap();
    PROFILER.measure("work", || ());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_cannot_begin_is_told_at_once() {
    let start = |interval, path: &str| {
        perprovis::global().export_every(interval, path).map(drop).unwrap_err().to_string()
    };
    assert!(start(MILLISECOND, "profile.xyz").contains("cannot tell the format"));
    assert!(start(Duration::ZERO, "profile.csv").contains("choose a longer interval"));
}
