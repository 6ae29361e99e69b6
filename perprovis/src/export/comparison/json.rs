//! A comparison as JSON (RFC 8259).
//!
//! # Format `perprovis-comparison`, version 1
//!
//! ```text
//! format       "perprovis-comparison"
//! version      1
//! runs         { base, new }                        how many
//! confidence   number in 0..1                       of all verdicts together
//! machine      change of all functions together; its `base` and `new` are zero
//! machine_removed  bool: whether that is out of `time` and `per_call`
//! functions    [ { name, moved_from: string or null,
//!                  verdict: "slower" | "faster" | "same" | "cannot tell" | "new" | "gone" | "small",
//!                  share: number in 0..=1,
//!                  time, per_call, count, total_time, self_time, median, p95: change,
//!                  busy_time: change or null        null unless async
//!                }, ... ]                           by share, the largest first
//!
//! change       { base, new, ratio, low, high }      nanoseconds, or numbers of calls; null: unknown
//! ```
//!
//! What the times are says [`FunctionComparison`]; readers ignore members they do not know.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::compare::{Change, Comparison, FunctionComparison};

/// What `format` says.
const FORMAT: &str = "perprovis-comparison";
/// The version written.
const VERSION: u64 = 1;

impl Comparison {
    /// The comparison as JSON, in the format described in the source of
    /// `perprovis::export::comparison::json`.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Fails only for maps with keys that are no strings, and there is none.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Comparison {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Comparison", 7)?;
        object.serialize_field("format", FORMAT)?;
        object.serialize_field("version", &VERSION)?;
        object.serialize_field("runs", &Runs(self.runs()))?;
        object.serialize_field("confidence", &Comparison::CONFIDENCE)?;
        object.serialize_field("machine", &self.machine())?;
        object.serialize_field("machine_removed", &self.is_machine_removed())?;
        object.serialize_field("functions", self.functions())?;
        object.end()
    }
}

struct Runs((usize, usize));

impl Serialize for Runs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Runs", 2)?;
        object.serialize_field("base", &self.0.0)?;
        object.serialize_field("new", &self.0.1)?;
        object.end()
    }
}

impl Serialize for FunctionComparison {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("FunctionComparison", 12)?;
        object.serialize_field("name", &self.name)?;
        object.serialize_field("moved_from", &self.moved_from)?;
        object.serialize_field("verdict", &self.verdict.to_string())?;
        object.serialize_field("share", &self.share)?;
        object.serialize_field("time", &self.time)?;
        object.serialize_field("per_call", &self.per_call)?;
        object.serialize_field("count", &self.count)?;
        object.serialize_field("total_time", &self.total_time)?;
        object.serialize_field("self_time", &self.self_time)?;
        object.serialize_field("median", &self.median)?;
        object.serialize_field("p95", &self.p95)?;
        object.serialize_field("busy_time", &self.busy_time)?;
        object.end()
    }
}

/// `serde_json` writes numbers that are not finite as null.
impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Change", 5)?;
        object.serialize_field("base", &self.base)?;
        object.serialize_field("new", &self.new)?;
        object.serialize_field("ratio", &self.ratio)?;
        object.serialize_field("low", &self.low)?;
        object.serialize_field("high", &self.high)?;
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::compare::tests::shown;

    #[test]
    fn every_function_is_there_with_its_changes() {
        let comparison = shown();
        let document: Value = serde_json::from_str(&comparison.to_json()).unwrap();
        assert_eq!(document["format"], super::FORMAT);
        assert_eq!(document["runs"]["base"], 6);
        let functions = document["functions"].as_array().unwrap();
        assert_eq!(functions.len(), comparison.functions().len());
        for (written, function) in functions.iter().zip(comparison.functions()) {
            assert_eq!(written["name"], function.name);
            assert_eq!(written["verdict"], function.verdict.to_string());
            assert_eq!(
                written["time"]["ratio"].as_f64(),
                Some(function.time.ratio).filter(|ratio| ratio.is_finite())
            );
            assert_eq!(written["time"]["high"].is_null(), function.time.high.is_infinite());
        }
    }
}
