//! This process, as far as the target has such a thing: on `wasm32-unknown-unknown` std panics when asked for one,
//! for its variables, or for the time of day.

use std::env;
use std::ffi::OsString;
use std::time::{SystemTime, UNIX_EPOCH};

const IS_THERE: bool = !cfg!(all(target_family = "wasm", target_os = "unknown"));

/// Its number, or zero.
pub(crate) fn id() -> u32 {
    if IS_THERE { std::process::id() } else { 0 }
}

/// The time of day, or the beginning of time.
pub(crate) fn time() -> SystemTime {
    if IS_THERE { SystemTime::now() } else { UNIX_EPOCH }
}

/// Its environment, or nothing.
pub(crate) fn variables() -> impl Iterator<Item = (OsString, OsString)> {
    IS_THERE.then(env::vars_os).into_iter().flatten()
}
