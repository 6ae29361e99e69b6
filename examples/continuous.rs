//! Profiling that never stops: a profile every interval, while the work goes on.
//! `cargo run --release --example continuous`
//!
//! A file appears in one step, so whoever reads it (here the end of `main`, elsewhere a dashboard)
//! never sees half a report. No thread is stopped for it.
#![expect(clippy::print_stdout, reason = "examples print")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;
use std::{error, fs, thread};

use perprovis::{HumanCount, HumanTime, Profiler, Report, profile};

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
    let exporter = thread::spawn({
        let folder = folder.path().to_owned();
        move || export_regularly(&folder)
    });

    let mut orders = Vec::new();
    for number in (0_u64..).take_while(|_| !exporter.is_finished()) {
        handle_order(&mut orders, number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    }

    let paths = exporter.join().expect("the exporter does not panic")?;
    let reports = paths.iter().map(|path| load(path)).collect::<Result<Vec<_>, _>>()?;
    let orders = HumanCount(orders.len() as u64);
    println!("{} exports while {orders} orders were handled\n", reports.len());
    print_changes(&reports);
    Ok(())
}

/// Writes a profile at the end of every interval; gives the files.
fn export_regularly(folder: &Path) -> Result<Vec<PathBuf>, perprovis::Error> {
    (1..=EXPORTS)
        .map(|number| {
            thread::sleep(INTERVAL);
            let path = folder.join(format!("profile-{number}.json"));
            PRODUCTION.export_to_json(&path)?;
            Ok(path)
        })
        .collect()
}

fn load(path: &Path) -> Result<Report, Box<dyn error::Error>> {
    Ok(Report::from_json(&fs::read_to_string(path)?)?)
}

/// The difference of two reports is what happened between them.
fn print_changes(reports: &[Report]) {
    println!("exports   function            calls       mean      total");
    println!("─────────────────────────────────────────────────────────");
    for (earlier, pair) in (1..).zip(reports.windows(2)) {
        for now in pair[1].functions() {
            let Some(before) = pair[0].function(&now.name) else { continue };
            let calls = now.call_count - before.call_count;
            let total = now.total_time - before.total_time;
            let mean = HumanTime::from(total.div_f64((calls as f64).max(1.0)));
            let name = pair[1].short_name(&now.name);
            let (calls, total) = (HumanCount(calls), HumanTime::from(total));
            println!(
                "{earlier} to {}    {name:<15} {calls:>9} {mean:>10} {total:>10}",
                earlier + 1
            );
        }
    }
}
