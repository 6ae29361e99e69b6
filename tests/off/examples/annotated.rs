//! A function under all that perprovis offers.
#![deny(warnings)]

/// Adds up squares.
#[inline(never)]
#[perprovis::profile(name = "work", metadata(?values))]
pub fn work(values: &[u64]) -> u64 {
    let _scope = perprovis::profile_block!("whole", count = values.len());
    let squares =
        perprovis::profile_block!("squares", { values.iter().map(|v| v * v).sum::<u64>() });
    perprovis::global().measure("more", || squares + values.len() as u64)
}
