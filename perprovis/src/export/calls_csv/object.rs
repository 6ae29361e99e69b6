//! Metadata as a JSON object (RFC 8259), without the feature `json` and what it brings.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use perprovis_core::metadata::Value;

/// Pairs up to here are compared with each other: no map has to be made.
const FEW: usize = 16;

/// Writes the pairs as an object, nothing if there are none. Of a key given twice the last value
/// counts, since readers disagree about such objects.
pub(super) fn push(json: &mut String, metadata: &[(Cow<'static, str>, Value)]) {
    if metadata.is_empty() {
        return;
    }
    let is_many = metadata.len() > FEW;
    let last: HashMap<&str, usize> = match is_many {
        true => metadata.iter().zip(0..).map(|((key, _), index)| (&**key, index)).collect(),
        false => HashMap::new(), // allocates nothing
    };
    let mut separator = '{';
    for (index, (key, value)) in metadata.iter().enumerate() {
        let comes_again = match is_many {
            true => last[&**key] > index,
            false => metadata[index + 1..].iter().any(|(later, _)| later == key),
        };
        if comes_again {
            continue;
        }
        json.push(separator);
        separator = ',';
        push_text(json, key);
        json.push(':');
        push_value(json, value);
    }
    json.push('}');
}

fn push_value(json: &mut String, value: &Value) {
    // Writing to a `String` does not fail.
    let _ = match value {
        Value::Bool(value) => write!(json, "{value}"),
        Value::Int(value) => write!(json, "{value}"),
        Value::Uint(value) => write!(json, "{value}"),
        // With a point or an exponent, so that it stays a float.
        Value::Float(value) if value.is_finite() => write!(json, "{value:?}"),
        Value::Float(value) => write!(json, "\"{value}\""),
        Value::Text(text) => {
            push_text(json, text);
            Ok(())
        }
    };
}

fn push_text(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            // Beside what JSON demands also DEL and the like: the file is looked at in terminals.
            _ if character.is_control() => {
                let _ = write!(json, "\\u{:04x}", u32::from(character));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
}
