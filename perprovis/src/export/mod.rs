//! Report to programs: one file format a module.

mod calls_csv;
mod csv;
mod file;
mod folded;
mod format;
#[cfg(feature = "json")]
mod json;
mod markdown;
#[cfg(feature = "svg")]
mod svg;

pub use format::Format;
