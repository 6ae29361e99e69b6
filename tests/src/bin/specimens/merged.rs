//! Runs of different lengths in one report, with scopes that were open when each was taken.

use perprovis::Report;
use perprovis_tests::on_manual_clock;

use super::shop::{Version, version};

/// The shop before and after its change, between two runs that end earlier.
pub(crate) fn report() -> Report {
    let runs = [
        ("short.json", cut_short(2)),
        ("shop before.json", version(Version::Before)),
        ("shop after.json", version(Version::After)),
        ("long.json", cut_short(40)),
    ];
    Report::merge(runs)
}

/// A run that is looked at in the middle of a round.
fn cut_short(rounds: u64) -> Report {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.build();
    let _main = profiler.block("app::main");
    clock.advance_nanos(1_000_000);
    for round in 0..rounds {
        profiler.measure("app::round", || clock.advance_nanos(3_000_000 + round * 1_000));
    }
    let _round = profiler.block("app::round").with("round", rounds);
    clock.advance_nanos(700_000);
    profiler.report()
}
