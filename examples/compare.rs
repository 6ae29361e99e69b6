//! An algorithm against its successor, on the same data: `cargo run --release --example compare`
//!
//! Both look for the closest two of many points. The first measures every pair; the second sorts
//! the points and stops as soon as the next ones are too far to the right.
#![expect(clippy::print_stdout, reason = "examples print")]

use std::cmp::Ordering;

use perprovis::{FunctionStats, HumanCount, HumanTime, Report, profile};

const POINTS: usize = 300;
const RUNS: usize = 100;

#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

/// Far too small to be profiled, and so the place where compensation matters.
#[profile]
fn distance(a: Point, b: Point) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

#[profile]
fn closest_pair_v1(points: &[Point]) -> f64 {
    let mut closest = f64::INFINITY;
    for (index, &a) in points.iter().enumerate() {
        for &b in &points[index + 1..] {
            closest = closest.min(distance(a, b));
        }
    }
    closest
}

#[profile]
fn closest_pair_v2(points: &[Point]) -> f64 {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.x.total_cmp(&b.x));
    let mut closest = f64::INFINITY;
    for (index, &a) in sorted.iter().enumerate() {
        for &b in &sorted[index + 1..] {
            if b.x - a.x >= closest {
                break;
            }
            closest = closest.min(distance(a, b));
        }
    }
    closest
}

fn main() {
    for seed in 0..RUNS {
        let points = random_points(seed as u64);
        let answers = (closest_pair_v1(&points), closest_pair_v2(&points));
        assert_eq!(answers.0.total_cmp(&answers.1), Ordering::Equal, "both must find the same");
    }

    println!("The closest two of {POINTS} points, {RUNS} times.\n");
    let report = perprovis::global().report();
    print_comparison("as measured", &report);
    print_comparison("without the profiler's own cost", &report.compensated());
}

fn print_comparison(title: &str, report: &Report) {
    let (Some(v1), Some(v2)) =
        (report.function("closest_pair_v1"), report.function("closest_pair_v2"))
    else {
        return; // recording is switched off
    };
    println!("{title:<33} {:>10} {:>10} {:>9}", "v1", "v2", "speed-up");
    println!("{}", "─".repeat(65));
    let row = |label: &str, nanos: &dyn Fn(&FunctionStats) -> f64| {
        let (old, new) = (nanos(v1), nanos(v2));
        let [v1, v2] = [old, new].map(HumanTime::from_nanos);
        println!("{label:<33} {v1:>10} {v2:>10} {:>8.1}x", old / new);
    };
    row("mean", &FunctionStats::avg_nanos);
    row("median", &|stats| stats.percentile_nanos(50.0));
    row("p95", &|stats| stats.percentile_nanos(95.0));
    row("slowest", &FunctionStats::max_nanos);
    row("mean, without distance()", &|stats| stats.self_nanos() / stats.call_count as f64);

    let distances = |version: &FunctionStats| {
        let node = report.call_tree().find(&[&version.name, "distance"]);
        node.map_or(0, |node| node.call_count())
    };
    let (old, new) = (distances(v1), distances(v2));
    let fewer = old as f64 / new as f64;
    let [old, new] = [old, new].map(HumanCount);
    println!("{:<33} {old:>10} {new:>10} {fewer:>8.1}x\n", "distances measured");
}

/// Points in the unit square, always the same for a seed (Marsaglia, "Xorshift RNGs", 2003).
fn random_points(seed: u64) -> Vec<Point> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..POINTS).map(|_| Point { x: random(), y: random() }).collect()
}
