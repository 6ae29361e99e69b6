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

/// The age is measured at this interval: long beside the time that a busy machine takes to write a
/// file onto its disk, or to run a thread that is due.
const INTERVAL: u64 = 1_000; // milliseconds
/// As good as always writing: many are killed in the middle of it.
const ALWAYS: u64 = 1;
/// Programs at the same time. They sleep most of it.
const AT_ONCE: u64 = 16;

#[test]
fn the_file_is_whole_and_new_whenever_the_process_is_killed() {
    let kills: u64 = env::var("KILLS").map_or(30, |kills| kills.parse().unwrap());
    let (seldom, always) = (AtomicU64::new(0), AtomicU64::new(0));
    // One after the other, since writing always keeps the disk busy.
    each(kills - kills / 2, |number| {
        let killed = kill_one(number, INTERVAL, INTERVAL * 3 / 2);
        let age = killed.at.saturating_sub(killed.latest.unwrap());
        seldom.fetch_max(age, Ordering::Relaxed);
        assert!(age <= 2 * INTERVAL, "kill {number}: {age} ms");
    });
    each(kills / 2, |number| {
        let killed = kill_one(number, ALWAYS, 300);
        always.fetch_add(killed.half_written, Ordering::Relaxed);
    });
    println!(
        "{kills} kills, every file whole; the oldest {} ms old at an interval of {INTERVAL} ms; at \
         {ALWAYS} ms, {} in the middle of writing",
        seldom.into_inner(),
        always.into_inner(),
    );
}

/// What a kill left.
struct Killed {
    latest: Option<u64>, // what the latest call in the file says; milliseconds
    at: u64,
    half_written: u64, // files beside the whole one
}

fn each(kills: u64, kill: impl Fn(u64) + Sync) {
    thread::scope(|scope| {
        for first in 0..AT_ONCE {
            let kill = &kill;
            scope.spawn(move || (first..kills).step_by(AT_ONCE as usize).for_each(kill));
        }
    });
}

/// Kills a program that exports at an interval, so many milliseconds at most after its first file.
fn kill_one(number: u64, interval: u64, within: u64) -> Killed {
    let mut random = Random(number);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("profile.json");
    let way = ["every", "continuous"][number as usize % 2];
    let mut program = Command::new(env!("CARGO_BIN_EXE_program"));
    program.args([way, &interval.to_string()]).arg(&file).stdout(Stdio::null());
    let mut program = program.spawn().unwrap();
    while !file.exists() {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(Duration::from_micros(random.below(within * 1_000)));
    let at = now();
    program.kill().unwrap();
    program.wait().unwrap();

    let report = load(&file);
    let told = report.calls().iter().filter_map(|call| call.metadata.get("millis"));
    let latest = told.map(|millis| millis.to_string().parse::<u64>().unwrap()).max();
    let half_written = fs::read_dir(folder.path()).unwrap().count() as u64 - 1;
    Killed { latest, at, half_written }
}

#[track_caller]
fn load(file: &Path) -> Report {
    Report::from_json(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Milliseconds, on the clock that the program tells.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}
