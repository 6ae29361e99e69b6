//! Profiling that never stops: a profile of what is new, every interval, while the work goes on.
//! `cargo run --release --example continuous`
//!
//! A file appears in one step, so whoever reads it (here the end of `main`, elsewhere a dashboard)
//! never sees half a report, whatever happens to the process. No thread is stopped for it.
#![expect(clippy::print_stdout, reason = "examples print")]

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;
use std::{error, fs};

use perprovis::{ContinuousExport, HumanCount, HumanTime, Profiler, Report, profile};

const INTERVAL: Duration = Duration::from_millis(200);
const EXPORTS: usize = 5;

/// Statistics stay exact with a small call log, and the files small.
static PRODUCTION: LazyLock<Profiler> =
    LazyLock::new(|| Profiler::builder().calls_per_thread(100).build());

#[profile(profiler = PRODUCTION)]
fn handle_order(orders: &mut Vec<u64>, order: u64) {
    let place = find_place(orders, order);
    orders.insert(place, order);
}

/// The longer the list, the slower: what continuous profiling is there to notice.
#[profile(profiler = PRODUCTION)]
fn find_place(orders: &[u64], order: u64) -> usize {
    orders.iter().take_while(|&&other| other < order).count()
}

fn main() -> Result<(), Box<dyn error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("profile.json");
    let export = ContinuousExport::of(&*PRODUCTION, INTERVAL, path);
    let export = export.since_last().keep(EXPORTS).start()?;

    let mut orders = Vec::new();
    for number in (0_u64..).take_while(|_| export.status().written < EXPORTS as u64) {
        handle_order(&mut orders, number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    }

    let orders = HumanCount(orders.len() as u64);
    println!("{EXPORTS} exports while {orders} orders were handled:\n");
    print_files(folder.path())
}

fn print_files(folder: &Path) -> Result<(), Box<dyn error::Error>> {
    let files = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut files = files.collect::<Result<Vec<_>, _>>()?;
    files.sort_unstable(); // by their numbers
    println!("file                 lasts  function           calls       mean      total");
    println!("──────────────────────────────────────────────────────────────────────────");
    for file in files {
        let report = Report::from_json(&fs::read_to_string(&file)?)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let lasts = HumanTime::from(report.clock().run_time);
        for function in report.functions() {
            let (short, calls) =
                (report.short_name(&function.name), HumanCount(function.call_count));
            let (mean, total) =
                (HumanTime::from(function.avg_time()), HumanTime::from(function.total_time));
            println!("{name} {lasts:>7}  {short:<13} {calls:>10} {mean:>10} {total:>10}");
        }
    }
    Ok(())
}
