//! An attribute, a run, a report: `cargo run --release --example quickstart`
#![expect(clippy::print_stdout, reason = "examples print")]

use perprovis::{HumanCount, profile};

#[profile]
fn is_prime(number: u32) -> bool {
    (2..number).take_while(|d| d * d <= number).all(|d| !number.is_multiple_of(d))
}

#[profile]
fn count_primes(limit: u32) -> usize {
    (2..limit).filter(|&number| is_prime(number)).count()
}

fn main() {
    println!("{} primes below 10,000\n", HumanCount(count_primes(10_000) as u64));
    println!("{}", perprovis::global().report());
}
