//! Comparisons of a real program's runs, on whatever else the machine does meanwhile.
//!
//! ```sh
//! cargo run --release -p perprovis-tests --bin compare -- DIRECTORY
//! ```
//!
//! Runs the program in `work.rs` 200 times as it is and 200 times with one function 5 % slower, in
//! turns, each in a process of its own, and keeps the reports in DIRECTORY; those that are there already are
//! not made again. Then it draws sets of runs from them, and says how often a comparison told the truth.
//! Exits with 1 if a bar is missed.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of its own")]

mod work;

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::{env, fs};

use perprovis::{Comparison, Report, Verdict};

/// Runs of either kind.
const RUNS: usize = 200;
/// Comparisons of each size.
const PAIRS: usize = 200;
/// By how much the one function is slower, in percent.
const SLOWER: &str = "5";
/// Its name.
const CHANGED: &str = "digest";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments[..] {
        [run, percent, file] if run == "run" => {
            work::run(percent.parse()?).export_to_json(file)?;
            Ok(ExitCode::SUCCESS)
        }
        [directory] => compare(Path::new(directory)),
        _ => {
            eprintln!("usage: compare DIRECTORY");
            Ok(ExitCode::from(2))
        }
    }
}

fn compare(directory: &Path) -> Outcome<ExitCode> {
    fs::create_dir_all(directory)?;
    let (mut same, mut slower) = (Vec::new(), Vec::new());
    for index in 0..RUNS {
        same.push(report(directory, "0", index)?);
        slower.push(report(directory, SLOWER, index)?);
    }
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    println!("{PAIRS} comparisons each, of {RUNS} runs of either program");
    println!("runs a side  same program: slower  {SLOWER} % slower: told  another one told, too");
    let mut met = true;
    for side in [1, 2, 3, 5, 10] {
        let (mut wrong, mut right, mut others) = (0, 0, 0);
        for _ in 0..PAIRS {
            let runs = random.draw(&same, 2 * side);
            wrong += usize::from(!told(&runs[..side], &runs[side..]).is_empty());
            let told = told(&random.draw(&same, side), &random.draw(&slower, side));
            let is_changed = |name: &String| name.ends_with(CHANGED);
            right += usize::from(told.iter().any(is_changed));
            others += usize::from(!told.iter().all(is_changed));
        }
        let percent = |count: usize| count as f64 * 100.0 / PAIRS as f64;
        let [wrong, right, others] = [wrong, right, others].map(percent);
        println!("{side:>11}  {wrong:>18.1} %  {right:>14.1} %  {others:>19.1} %");
        met &= wrong <= 5.0 && (side < 10 || right - others >= 95.0);
    }
    println!(
        "bars: at most 5 % wrong; of 10 a side at least 95 % right: {}",
        if met { "met" } else { "NOT met" }
    );
    println!("\n{:100}", Comparison::of(&same[..10], &slower[..10]));
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The report of a run, which is made unless it is there.
fn report(directory: &Path, percent: &str, index: usize) -> Outcome<Report> {
    let file = directory.join(format!("{percent}-{index:03}.json"));
    if !file.exists() {
        let status =
            Command::new(env::current_exe()?).args(["run", percent]).arg(&file).status()?;
        if !status.success() {
            return Err(format!("the run for {} failed", file.display()).into());
        }
    }
    Ok(Report::from_json(&fs::read_to_string(file)?)?)
}

/// The functions told slower.
fn told(base: &[&Report], new: &[&Report]) -> Vec<String> {
    let comparison = Comparison::of(base.iter().copied(), new.iter().copied());
    let functions = comparison.functions().iter();
    let slower = functions.filter(|function| function.verdict == Verdict::Slower);
    slower.map(|function| function.name.clone()).collect()
}

/// Marsaglia, "Xorshift RNGs", 2003.
struct Random(u64);

impl Random {
    /// Some of these, each at most once.
    fn draw<'r>(&mut self, from: &'r [Report], count: usize) -> Vec<&'r Report> {
        let mut left: Vec<&Report> = from.iter().collect();
        let mut one = || {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            left.swap_remove((self.0 % left.len() as u64) as usize)
        };
        (0..count).map(|_| one()).collect()
    }
}
