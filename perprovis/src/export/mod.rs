//! Report to programs: one file format a module.

mod calls_csv;
mod cell;
#[cfg(feature = "json")]
mod chrome_trace;
mod comparison;
mod csv;
mod file;
#[cfg(feature = "firefox")]
mod firefox;
mod folded;
mod format;
#[cfg(feature = "html")]
mod html;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "json")]
mod lanes;
mod markdown;
#[cfg(feature = "pprof")]
mod pprof;
#[cfg(feature = "json")]
mod speedscope;
#[cfg(feature = "svg")]
mod svg;

pub(crate) use file::remove_leftovers;
pub use format::Format;
#[cfg(feature = "json")]
pub use json::LoggedCalls;
