//! The program whose runs are compared: some 80 ms of work for the processor, memory and the memory
//! allocator, in functions of different weight. One of them, [`digest`], can be made slower.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hint::black_box;

use perprovis::{Profiler, Report, profile};

static PROFILER: Profiler = Profiler::new();

/// Rounds of a run.
const ROUNDS: u64 = 150;
/// Steps of a [`digest`].
const STEPS: u64 = 20_000;

/// Runs it, with [`digest`] slower by `percent`.
pub(crate) fn run(percent: u64) -> Report {
    for round in 0..ROUNDS {
        request(round, STEPS * (100 + percent) / 100);
    }
    PROFILER.report()
}

#[profile(profiler = PROFILER)]
fn request(round: u64, steps: u64) {
    let numbers = random_numbers(round, 3_000);
    black_box(digest(round, steps));
    black_box(digest(round + 1, steps));
    let sorted = sort(&numbers);
    black_box(count(&sorted));
    black_box(page(&sorted[..300]));
    black_box(product(&numbers[..400]));
    black_box(neighbours(&sorted));
}

#[profile(profiler = PROFILER)]
fn random_numbers(seed: u64, length: usize) -> Vec<u64> {
    // Marsaglia, "Xorshift RNGs", 2003.
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..length).map(|_| next()).collect()
}

#[profile(profiler = PROFILER)]
fn digest(seed: u64, steps: u64) -> u64 {
    (0..steps)
        .fold(seed, |hash, step| (hash.rotate_left(5) ^ step).wrapping_mul(0x517C_C1B7_2722_0A95))
}

#[profile(profiler = PROFILER)]
fn sort(numbers: &[u64]) -> Vec<u64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted
}

#[profile(profiler = PROFILER)]
fn count(numbers: &[u64]) -> BTreeMap<u64, u32> {
    let mut counts = BTreeMap::new();
    for number in numbers {
        *counts.entry(number % 1_021).or_insert(0) += 1;
    }
    counts
}

#[profile(profiler = PROFILER)]
fn page(numbers: &[u64]) -> String {
    numbers.chunks(10).map(line).collect()
}

#[profile(profiler = PROFILER)]
fn line(numbers: &[u64]) -> String {
    let mut line = String::new();
    for number in numbers {
        let _ = write!(line, "{number:x} ");
    }
    line
}

#[profile(profiler = PROFILER)]
fn product(numbers: &[u64]) -> u64 {
    let row = |at: usize| &numbers[at * 20..(at + 1) * 20];
    let mut sum = 0u64;
    for _ in 0..5 {
        for i in 0..20 {
            for j in 0..20 {
                let cells = row(i).iter().zip(row(j));
                sum ^= cells.fold(0u64, |sum, (a, b)| sum.wrapping_add(a.wrapping_mul(*b)));
            }
        }
    }
    sum
}

#[profile(profiler = PROFILER)]
fn neighbours(numbers: &[u64]) -> usize {
    numbers.iter().filter(|&&number| numbers.binary_search(&(number ^ 1)).is_ok()).count()
}
