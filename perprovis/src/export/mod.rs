//! Report to programs: one file format a module.

mod csv;
mod file;
#[cfg(feature = "json")]
mod json;
