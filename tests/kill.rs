//! `kill -9` at random instants during continuous export: the file is always whole, and never older than
//! two intervals.
//!
//! In short form with the other tests; in full, and with what it found, by
//! `KILLS=1000 cargo test --release -p perprovis-tests --test kill -- --nocapture`.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![expect(clippy::print_stdout, reason = "measured figures")]

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use perprovis::Report;
use perprovis_tests::Random;

/// Long beside the time that a busy machine takes to run a thread that is due.
const INTERVAL: u64 = 400; // milliseconds
/// As good as always writing.
const ALWAYS: u64 = 1;
/// Programs at the same time. They sleep nearly all of it.
const AT_ONCE: u64 = 8;

static WHILE_WRITING: AtomicU64 = AtomicU64::new(0);
static OLDEST: AtomicU64 = AtomicU64::new(0);

#[test]
fn the_file_is_whole_and_new_whenever_the_process_is_killed() {
    let kills = env::var("KILLS").map_or(30, |kills| kills.parse().unwrap());
    thread::scope(|scope| {
        for first in 0..AT_ONCE {
            scope.spawn(move || (first..kills).step_by(AT_ONCE as usize).for_each(kill_one));
        }
    });
    println!(
        "{kills} kills, {} of them while a file was written; the oldest file was {} ms old at an \
         interval of {INTERVAL} ms",
        WHILE_WRITING.load(Ordering::Relaxed),
        OLDEST.load(Ordering::Relaxed),
    );
}

fn kill_one(number: u64) {
    let mut random = Random(number);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("profile.json");
    let interval = [INTERVAL, ALWAYS][number as usize % 2];
    let way = ["every", "continuous"][number as usize / 2 % 2];
    let mut program = Command::new(env!("CARGO_BIN_EXE_program"));
    program.args([way, &interval.to_string()]).arg(&file).stdout(Stdio::null());
    let mut program = program.spawn().unwrap();
    while !file.exists() {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(Duration::from_micros(random.below(INTERVAL * 1_500)));
    let killed = now();
    program.kill().unwrap();
    program.wait().unwrap();

    let report = load(&file);
    let in_the_making = fs::read_dir(folder.path()).unwrap().count() - 1;
    WHILE_WRITING.fetch_add(in_the_making as u64, Ordering::Relaxed);
    if interval == INTERVAL {
        let told = report.calls().iter().filter_map(|call| call.metadata.get("millis"));
        let latest = told.map(|millis| millis.to_string().parse::<u64>().unwrap());
        let age = killed.saturating_sub(latest.max().unwrap());
        OLDEST.fetch_max(age, Ordering::Relaxed);
        assert!(age <= 2 * INTERVAL, "kill {number}: {age} ms");
    }
}

#[track_caller]
fn load(file: &Path) -> Report {
    Report::from_json(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Milliseconds, on the clock that the program tells.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}
