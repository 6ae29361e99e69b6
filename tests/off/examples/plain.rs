//! The same function, bare.
#![deny(warnings)]

/// Adds up squares.
#[inline(never)]
pub fn work(values: &[u64]) -> u64 {
    let squares = values.iter().map(|v| v * v).sum::<u64>();
    squares + values.len() as u64
}
