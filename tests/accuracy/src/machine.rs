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

/// The peer with the version that was built.
pub(crate) fn peer() -> String {
    let version = || LOCK_FILE.split_once("name = \"hotpath\"\nversion = \"")?.1.split('"').next();
    format!("hotpath {}", version().unwrap_or("?"))
}

fn cpu_model() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let model = line.and_then(|line| Some(line.split_once(':')?.1.trim()));
    model.map_or_else(|| format!("unknown {} processor", std::env::consts::ARCH), str::to_owned)
}
