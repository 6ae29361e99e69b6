//! The recording engine of [perprovis](https://docs.rs/perprovis). Use that crate instead: this
//! one has no stable interface.

pub mod histogram;
pub mod metadata;
pub mod snapshot;
pub mod statistics;
pub mod units;
