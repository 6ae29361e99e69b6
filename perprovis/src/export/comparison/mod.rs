//! Comparison to programs.

#[cfg(feature = "json")]
mod json;
mod markdown;
