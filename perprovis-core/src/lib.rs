//! The recording engine of [perprovis](https://docs.rs/perprovis). Use that crate instead: this
//! one has no stable interface.
//!
//! Without the feature `record` only the plain data is here: what a report is made of.

#[cfg(feature = "record")]
mod at_exit;
mod filter;
pub mod histogram;
mod limits;
mod manual;
pub mod metadata;
pub mod snapshot;
pub mod statistics;
pub mod units;

#[cfg(feature = "record")]
mod callsite;
#[cfg(feature = "record")]
mod clock;
#[cfg(feature = "record")]
mod collect;
#[cfg(feature = "record")]
mod collector;
#[cfg(all(test, not(loom), feature = "record"))]
mod engine_tests;
#[cfg(feature = "record")]
mod entry;
#[cfg(feature = "record")]
mod future;
#[cfg(feature = "record")]
mod half;
#[cfg(feature = "record")]
mod hash;
#[cfg(feature = "record")]
mod log;
#[cfg(all(test, loom, feature = "record"))]
mod loom_tests;
#[cfg(feature = "record")]
mod overhead;
#[cfg(feature = "record")]
mod paths;
#[cfg(feature = "record")]
mod reclaim;
#[cfg(feature = "record")]
mod recorder;
#[cfg(feature = "record")]
mod registry;
#[cfg(feature = "record")]
mod scope;
#[cfg(feature = "record")]
mod shard;
#[cfg(feature = "record")]
mod slot;
#[cfg(feature = "record")]
mod sync;
#[cfg(feature = "record")]
mod thread;
#[cfg(feature = "record")]
mod tree;
#[cfg(all(test, not(loom), feature = "record"))]
mod usual_tests;

pub use self::{
    filter::{Filter, FilterError},
    limits::Limits,
    manual::ManualClock,
};

#[cfg(feature = "record")]
pub use self::{
    at_exit::at_exit,
    callsite::Callsite,
    future::{Profiled, Task},
    recorder::Recorder,
    scope::{Scope, TaggedScope},
};
