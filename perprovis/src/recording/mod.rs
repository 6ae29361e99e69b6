//! One surface with two bodies: recording, or nothing at all.
//!
//! Here alone is the feature `enable` looked at. Both bodies have the same items with the same
//! signatures; those of `off` have size zero and compile to nothing.

#[cfg(feature = "enable")]
mod on;
#[cfg(feature = "enable")]
pub use on::*;

#[cfg(not(feature = "enable"))]
mod off;
#[cfg(not(feature = "enable"))]
pub use off::*;
