//! Metadata values: a JSON type for each, so that they come back with theirs.

use std::fmt;

use perprovis_core::metadata::Value;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The key of what JSON has no number for.
const FLOAT: &str = "float";

/// Writes a borrowed value.
pub(super) struct Written<'v>(pub(super) &'v Value);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Uint(value) => serializer.serialize_u64(*value),
            Value::Float(value) if value.is_finite() => serializer.serialize_f64(*value),
            Value::Float(value) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(FLOAT, &value.to_string())?;
                map.end()
            }
            Value::Text(value) => serializer.serialize_str(value),
        }
    }
}

/// Reads a value.
pub(super) struct Read(pub(super) Value);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Read, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Read)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bool, a number, a string or {\"float\": \"NaN\"}")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let found: Option<(String, String)> = map.next_entry()?;
        let float = match found.as_ref().map(|(key, text)| (key.as_str(), text.as_str())) {
            Some((FLOAT, "NaN")) => f64::NAN,
            Some((FLOAT, "inf")) => f64::INFINITY,
            Some((FLOAT, "-inf")) => f64::NEG_INFINITY,
            _ => {
                return Err(de::Error::custom(
                    "expected {\"float\": \"NaN\", \"inf\" or \"-inf\"}",
                ));
            }
        };
        match map.next_key::<String>()? {
            None => Ok(Value::Float(float)),
            Some(_) => Err(de::Error::custom("a value has one member, `float`")),
        }
    }
}
