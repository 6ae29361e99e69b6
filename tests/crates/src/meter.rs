//! What a clean build of a package alone costs: how long it takes, and the compiler's CPU time in it.
//!
//! For the latter, cargo starts this very program in place of the compiler, for the package and not
//! for its dependencies (`RUSTC_WORKSPACE_WRAPPER`).

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::cargo::{Cargo, Output};
use crate::compilation::tail;

/// Names the file to which the program, as the compiler, appends its nanoseconds.
const METER: &str = "PERPROVIS_METER";
const WRAPPER: &str = "RUSTC_WORKSPACE_WRAPPER";

/// The best of so many builds counts, of each: what disturbs a build only adds to its time.
const ROUNDS: usize = 10;

/// A copy of a package that is built again and again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Build<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) features: &'a str,
    /// The package's name.
    pub(crate) name: &'a str,
}

/// What one build costs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Of `cargo build`, from its start to its end.
    pub(crate) elapsed: Duration,
    /// Of the compiler and the linker.
    pub(crate) cpu: Duration,
}

/// The same package without and with the attribute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Costs {
    pub(crate) plain: Cost,
    pub(crate) annotated: Cost,
}

impl Costs {
    pub(crate) fn elapsed_ratio(&self) -> f64 {
        self.annotated.elapsed.as_secs_f64() / self.plain.elapsed.as_secs_f64()
    }

    pub(crate) fn cpu_ratio(&self) -> f64 {
        self.annotated.cpu.as_secs_f64() / self.plain.cpu.as_secs_f64()
    }
}

impl Cost {
    /// Each of the two at its best.
    fn min(self, other: Cost) -> Cost {
        Cost { elapsed: self.elapsed.min(other.elapsed), cpu: self.cpu.min(other.cpu) }
    }
}

/// Whether the program was started by cargo as the compiler.
pub(crate) fn is_compiler() -> bool {
    std::env::var_os(METER).is_some()
}

/// Is the compiler: runs the real one, whose command line this program has as its arguments.
pub(crate) fn compile() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let compiler = arguments.next().context("cargo gives the compiler as first argument")?;
    let status = Command::new(&compiler).args(arguments).status()?;
    // Cargo also asks the compiler for its version, and compiles build scripts.
    if let Some(meter) = std::env::var_os(METER)
        && std::env::var_os("CARGO_PRIMARY_PACKAGE").is_some()
    {
        let mut meter = File::options().create(true).append(true).open(meter)?;
        writeln!(meter, "{}", cpu_time_of_children()?.as_nanos())?;
    }
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, From::from))
}

/// The costs of the best builds of both, in turns.
pub(crate) fn measure(
    plain: Build<'_>,
    annotated: Build<'_>,
    work: &Path,
    target: &Path,
) -> Result<Costs> {
    let once = || anyhow::Ok([plain.cost(work, target)?, annotated.cost(work, target)?]);
    once()?; // builds the dependencies
    let mut best = once()?;
    for _ in 1..ROUNDS {
        let costs = once()?;
        best = [best[0].min(costs[0]), best[1].min(costs[1])];
    }
    let [plain, annotated] = best;
    ensure!(!plain.cpu.is_zero(), "the compiler took no measurable time");
    Ok(Costs { plain, annotated })
}

impl Build<'_> {
    fn cost(&self, work: &Path, target: &Path) -> Result<Cost> {
        let cargo = Cargo::new(self.folder, target);
        succeeded(cargo.run(&["clean", "--package", self.name])?)?;

        let meter = work.join("meter");
        fs::write(&meter, "")?;
        let program = std::env::current_exe()?;
        let cargo = cargo
            // What users have: they build once more after the next change.
            .with("CARGO_INCREMENTAL", "1")
            .with(WRAPPER, &program)
            .with(METER, &meter);
        let start = Instant::now();
        let output = cargo.run(&["build", self.features])?;
        let elapsed = start.elapsed();
        succeeded(output)?;
        let times = fs::read_to_string(&meter)?;
        ensure!(!times.is_empty(), "cargo did not compile what was removed");
        let nanos: u64 = times.lines().map(str::parse::<u64>).sum::<Result<_, _>>()?;
        Ok(Cost { elapsed, cpu: Duration::from_nanos(nanos) })
    }
}

fn succeeded(output: Output) -> Result<()> {
    ensure!(output.success, "the build that is timed fails:\n{}", tail(&output.text));
    Ok(())
}

#[cfg(unix)]
fn cpu_time_of_children() -> Result<Duration> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(micros.try_into()?))
}

#[cfg(not(unix))]
fn cpu_time_of_children() -> Result<Duration> {
    anyhow::bail!("the build time is only measured on unix")
}
