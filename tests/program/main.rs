//! A program that reports on its exit and ends as its first argument says, for `tests/run.rs`.
#![expect(clippy::print_stdout, reason = "a program with output of its own")]

use std::io::{self, Write};
use std::process::exit;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, thread};

use perprovis::{ReportOnExit, profile, profile_block, report_on_exit};

#[profile(name = "program::work")]
fn work() {}

#[profile(name = "program::busy")]
fn busy() {
    thread::sleep(Duration::from_secs(600));
}

/// Makes 3 calls, one on another thread.
fn work_three_times() {
    work();
    work();
    thread::scope(|scope| drop(scope.spawn(work)));
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    println!("the program's own output");
    match arguments[..] {
        ["no guard"] => work_three_times(),
        ["early"] => {
            drop(report_on_exit());
            work_three_times();
            exit(3);
        }
        ["two", file] => {
            let first = report_on_exit().export(file);
            let second = report_on_exit().report(1);
            work_three_times();
            drop(first);
            work();
            drop(second);
        }
        ["again"] => {
            for _ in 0..2 {
                let _report = report_on_exit();
                work();
            }
        }
        ["export", ref files @ ..] => {
            let export = |report: ReportOnExit, file: &&str| report.export(*file);
            let _report = files.iter().fold(report_on_exit(), export);
            work_three_times();
        }
        ["every", interval, file] => {
            let _report = report_on_exit().calls(256).export(file).every(millis(interval));
            tell_the_time();
        }
        ["continuous", interval, file] => {
            let export = perprovis::global().export_every(millis(interval), file);
            let _export = export.expect("it begins");
            tell_the_time();
        }
        ["everything"] => {
            let _report = report_on_exit().report(1).calls(256).filter("program::work");
            work_three_times();
            perprovis::global().measure("other", || ());
        }
        [end] => {
            let _report = report_on_exit();
            work_three_times();
            end_by(end);
        }
        _ => exit(64),
    }
}

fn millis(text: &str) -> Duration {
    Duration::from_millis(text.parse().expect("milliseconds"))
}

/// Makes calls that say when they are made, until it is killed.
fn tell_the_time() {
    loop {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
        drop(profile_block!("now", millis = now.as_millis() as u64));
        thread::sleep(Duration::from_millis(1));
    }
}

fn end_by(end: &str) {
    match end {
        "return" => {}
        "panic" => panic!("on purpose"),
        "exit" => exit(3),
        "exit on another thread" => drop(thread::spawn(|| exit(3)).join()),
        "exit with stderr locked" => {
            let mut stderr = io::stderr().lock();
            let _unread = writeln!(stderr, "last words");
            exit(3);
        }
        "exit in a panic" => {
            struct Exit;
            impl Drop for Exit {
                fn drop(&mut self) {
                    exit(3);
                }
            }
            let _exit = Exit;
            panic!("on purpose");
        }
        "exits on many threads" => {
            for _ in 0..4 {
                thread::spawn(|| exit(3));
            }
            thread::sleep(Duration::from_secs(600));
        }
        "busy threads" => {
            for _ in 0..2 {
                thread::spawn(busy);
            }
            // Until both are at it.
            let at_it = || perprovis::global().report().open_scopes().len() == 2;
            while !at_it() {
                thread::yield_now();
            }
        }
        "child" => {
            let child = std::process::Command::new(env::current_exe().expect("a path"));
            let mut child = child;
            child.arg("return");
            assert!(child.status().expect("it runs").success());
        }
        "signal" => {
            let _signals = report_on_exit().signals();
            println!("ready");
            thread::sleep(Duration::from_secs(600));
        }
        _ => exit(64),
    }
}
