//! The same programs through hotpath, which writes its report when its guard goes: one in a process.

use std::process::Command;
use std::{env, fs};

use hotpath::{Format, HotpathGuardBuilder};
use serde_json::Value;

use crate::programs::{BY_PEER, Program};

const ROUNDS: usize = 5;

/// The body's mean, and the caller's total time per call of the body, in nanoseconds. It reports no
/// self time.
pub(crate) fn times(program: &Program) -> (f64, f64) {
    let output = env::current_exe().and_then(|own| {
        Command::new(own)
            .args(["--peer", program.name])
            .env("HOTPATH_METRICS_SERVER_OFF", "1") // no open port
            .output()
    });
    let line = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let line = line.unwrap_or_default();
    let mut words = line.split_whitespace().map(|word| word.parse().unwrap_or(f64::NAN));
    let mut next = || words.next().unwrap_or(f64::NAN);
    (next(), next())
}

/// Runs a program and prints what hotpath says of it.
pub(crate) fn child(name: &str) {
    let programs = Program::all();
    let Some(program) = programs.iter().find(|program| program.name == name) else { return };
    let file = env::temp_dir().join(format!("perprovis-accuracy-{}.json", std::process::id()));
    let guard = HotpathGuardBuilder::new("session").format(Format::Json).output_path(&file).build();
    (0..ROUNDS).for_each(|_| program.run(&BY_PEER, program.between, &|all| all()));
    drop(guard);
    let report: Value =
        serde_json::from_slice(&fs::read(&file).unwrap_or_default()).unwrap_or_default();
    let _ = fs::remove_file(&file);

    let total = |name: &str| {
        let functions = report["functions_timing"]["data"].as_array()?;
        let is =
            |function: &&Value| function["name"].as_str().is_some_and(|full| full.ends_with(name));
        nanos(functions.iter().find(is)?["total"].as_str()?)
    };
    let (body, caller) = program.functions();
    let calls = (program.calls_in_all() * ROUNDS as u64) as f64;
    let per_call = |name| total(name).map_or(f64::NAN, |nanos| nanos / calls);
    println!("{} {}", per_call(body), per_call(caller));
}

/// `1.23 ms`.
fn nanos(time: &str) -> Option<f64> {
    let (number, unit) = time.split_once(' ')?;
    let scale = match unit {
        "ns" => 1.0,
        "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * scale)
}
