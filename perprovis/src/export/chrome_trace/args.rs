//! What a viewer shows of an event when it is selected.

use std::borrow::Cow;
use std::collections::HashSet;

use perprovis_core::metadata::Value;
use perprovis_core::snapshot::Call;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Keys that are ours.
const OURS: [&str; 5] = ["panicked", "truncated", "open", "thread", "metadata"];
/// Integers up to here are what they are to a reader that knows doubles only.
const MAX_EXACT: u64 = 1 << 53;

/// The arguments of a call, or of an open scope.
#[derive(Clone, Copy)]
pub(super) struct Args<'r> {
    pub(super) call: Option<&'r Call>,
    /// The thread, if the event is not in its lane.
    pub(super) aside: Option<&'r str>,
}

type Pair = (Cow<'static, str>, Value);

impl<'r> Args<'r> {
    pub(super) fn is_empty(&self) -> bool {
        let is_plain =
            |call: &Call| !call.panicked && call.path.is_some() && call.metadata.is_none();
        self.aside.is_none() && self.call.is_none_or(is_plain)
    }

    /// The pairs, without those that another of the same key follows: a key stands once in an object.
    fn metadata(&self) -> Vec<&'r Pair> {
        let pairs =
            self.call.and_then(|call| call.metadata.as_deref()).map_or(&[][..], Vec::as_slice);
        let mut seen = HashSet::new();
        let mut last: Vec<&Pair> = pairs.iter().rev().filter(|pair| seen.insert(&pair.0)).collect();
        last.reverse();
        last
    }
}

impl Serialize for Args<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.call.is_some_and(|call| call.panicked) {
            map.serialize_entry("panicked", &true)?;
        }
        if self.call.is_some_and(|call| call.path.is_none()) {
            map.serialize_entry("truncated", &true)?;
        }
        if self.call.is_none() {
            map.serialize_entry("open", &true)?;
        }
        if let Some(thread) = self.aside {
            map.serialize_entry("thread", thread)?;
        }
        let metadata = self.metadata();
        if metadata.iter().any(|(key, _)| OURS.contains(&&**key)) {
            map.serialize_entry("metadata", &Metadata(&metadata))?;
        } else {
            for (key, value) in metadata {
                map.serialize_entry(key, &Argument(value))?;
            }
        }
        map.end()
    }
}

struct Metadata<'m>(&'m [&'m Pair]);

impl Serialize for Metadata<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, Argument(value))))
    }
}

/// A value; as text what JSON has no number for, and integers of which viewers lose the last digits.
struct Argument<'v>(&'v Value);

impl Serialize for Argument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) if value.unsigned_abs() <= MAX_EXACT => {
                serializer.serialize_i64(*value)
            }
            Value::Float(value) if value.is_finite() => serializer.serialize_f64(*value),
            Value::Text(value) => serializer.serialize_str(value),
            Value::Int(_) | Value::Uint(_) | Value::Float(_) => serializer.collect_str(self.0),
        }
    }
}
