//! All that expanded code may name. Not public API: it changes without notice.

use std::fmt::{Debug, Display, Write};
pub use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
pub use std::time::Duration;

pub use perprovis_core::metadata::Metadata;
use perprovis_core::metadata::{ToValue, Value};

use crate::profiler::{Profiler, global};
pub use crate::recording::{Callsite, Scope, TaggedScope, Task, profile_future};

// In a debug build not inlined, where all functions of a program would only take longer to compile.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn enter(site: &'static Callsite) -> Scope {
    Scope::enter(&global().recorder, site)
}

#[inline(always)]
pub fn enter_on(profiler: &Profiler, site: &'static Callsite) -> Scope {
    Scope::enter(&profiler.recorder, site)
}

#[inline(always)]
pub fn enter_with(site: &'static Callsite, metadata: impl FnOnce() -> Metadata) -> TaggedScope {
    TaggedScope::enter(&global().recorder, site, metadata)
}

#[inline(always)]
pub fn enter_on_with(
    profiler: &Profiler,
    site: &'static Callsite,
    metadata: impl FnOnce() -> Metadata,
) -> TaggedScope {
    TaggedScope::enter(&profiler.recorder, site, metadata)
}

#[inline(always)]
pub fn enter_named(name: &str) -> Scope {
    Scope::enter_named(&global().recorder, name)
}

#[inline(always)]
pub fn enter_named_on(profiler: &Profiler, name: &str) -> Scope {
    Scope::enter_named(&profiler.recorder, name)
}

#[inline(always)]
pub fn enter_named_with(name: &str, metadata: impl FnOnce() -> Metadata) -> TaggedScope {
    TaggedScope::enter_named(&global().recorder, name, metadata)
}

#[inline(always)]
pub fn enter_named_on_with(
    profiler: &Profiler,
    name: &str,
    metadata: impl FnOnce() -> Metadata,
) -> TaggedScope {
    TaggedScope::enter_named(&profiler.recorder, name, metadata)
}

#[cfg(feature = "enable")]
pub use futures::*;
#[cfg(feature = "enable")]
mod futures;

/// A key as it is shown: a raw identifier without its `r#`.
pub const fn key(identifier: &'static str) -> &'static str {
    match identifier.as_bytes() {
        [b'r', b'#', ..] => identifier.split_at(2).1,
        _ => identifier,
    }
}

/// The pairs of a call.
pub fn metadata_of<const N: usize>(pairs: [(&'static str, Value); N]) -> Metadata {
    pairs.into_iter().map(|(key, value)| (key.into(), value)).collect()
}

/// A metadata value with its type.
pub fn value<T: ToValue + ?Sized>(value: &T) -> Value {
    value.to_value()
}

/// A metadata value as `{:?}` shows it.
pub fn debug_value<T: Debug + ?Sized>(value: &T) -> Value {
    formatted(|| {
        let mut text = String::new();
        write!(text, "{value:?}").map_or_else(|_| String::from("[error]"), |()| text)
    })
}

/// A metadata value as `{}` shows it.
pub fn display_value<T: Display + ?Sized>(value: &T) -> Value {
    formatted(|| {
        let mut text = String::new();
        // Not `to_string`, which panics if the formatter fails.
        write!(text, "{value}").map_or_else(|_| String::from("[error]"), |()| text)
    })
}

/// A formatter of the program's may panic. That must not end the call it is to describe, though the
/// program's panic hook sees it, and `panic = "abort"` ends the program as with any other panic.
fn formatted(format: impl FnOnce() -> String) -> Value {
    catch_unwind(AssertUnwindSafe(format)).map_or(Value::from("[panicked]"), Value::from)
}
