//! Percentiles and deviation of known durations: those of a clock that the test drives.

use perprovis::{ManualClock, Profiler};

use crate::measure::Row;

/// Percentiles are within this of those of the sorted list.
const PERCENTILE_BAR: f64 = 0.01;
/// The deviation is within this of that of the list.
const DEVIATION_BAR: f64 = 1e-9;

const CALLS: u64 = 20_000;

/// A duration in nanoseconds for a number from 0 to 1.
type Draw = fn(f64) -> f64;

pub(crate) fn rows() -> Vec<Row> {
    let distributions: [(&str, Draw); 3] = [
        ("even, 10 ns to 1 ms", |x| 10.0 + x * 1e6),
        ("long tail, 15 ns to 15 s", |x| 15.0 * 1e9_f64.powf(x)),
        ("1 s and at most 2 ns", |x| 1e9 + x * 3.0),
    ];
    distributions.iter().flat_map(|(name, draw)| of(name, *draw)).collect()
}

/// The largest error of any percentile, and that of the deviation.
fn of(name: &str, draw: Draw) -> [Row; 2] {
    let clock = ManualClock::new();
    let profiler = Profiler::builder().clock(clock.clone()).build();
    let mut state = 1_u64;
    let mut durations: Vec<u64> = (0..CALLS)
        .map(|_| {
            state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1); // Knuth's MMIX constants
            draw((state >> 11) as f64 / (1_u64 << 53) as f64) as u64
        })
        .collect();
    for &nanos in &durations {
        profiler.measure("call", || clock.advance_nanos(nanos));
    }
    let report = profiler.report();
    let found = report.function("call");
    durations.sort_unstable();

    let percentile = (0..=1_000).map(|per_mille| {
        let rank = (CALLS * per_mille).div_ceil(1_000).clamp(1, CALLS); // nearest rank
        let true_one = durations[rank as usize - 1] as f64;
        let p = per_mille as f64 / 10.0;
        found.map_or(f64::NAN, |found| (found.percentile_nanos(p) / true_one - 1.0).abs())
    });
    // About the mean of whole numbers, in whole numbers: nothing is rounded before the end.
    let sum: u128 = durations.iter().map(|&nanos| u128::from(nanos)).sum();
    let squares: u128 = durations.iter().map(|&nanos| u128::from(nanos).pow(2)).sum();
    let calls = u128::from(CALLS);
    let deviation = ((calls * squares - sum * sum) as f64).sqrt() / CALLS as f64;
    let deviation = found.map_or(f64::NAN, |found| found.std_dev_nanos() / deviation - 1.0);
    [
        Row::of_error(
            format!("{name}: 1,001 percentiles"),
            percentile.fold(0.0, |worst: f64, error| if error <= worst { worst } else { error }),
            PERCENTILE_BAR,
        ),
        Row::of_error(format!("{name}: standard deviation"), deviation, DEVIATION_BAR),
    ]
}
