//! Where and with what a table was measured.

use std::time::SystemTime;

/// The versions that were really built.
const LOCK_FILE: &str = include_str!("../Cargo.lock");

/// One line: processor, number of them, compiler, day.
pub(crate) fn description() -> String {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let date = now.split('T').next().unwrap_or_default();
    format!("{} ({cpus} CPUs), {}, {date}", cpu_model(), env!("RUSTC_VERSION"))
}

/// The version of a package in the lock file.
pub(crate) fn locked_version(package: &str) -> Option<&'static str> {
    let entry = LOCK_FILE.split_once(&format!("name = \"{package}\"\nversion = \""))?.1;
    Some(entry.split_once('"')?.0)
}

fn cpu_model() -> String {
    std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        })
        .unwrap_or_else(|| format!("unknown {} processor", std::env::consts::ARCH))
}
