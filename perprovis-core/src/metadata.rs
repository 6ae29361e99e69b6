//! Typed key-value pairs attached to a call.

use std::borrow::Cow;
use std::fmt;

/// A metadata value, typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer above `i64::MAX`; smaller ones are [`Value::Int`], so that equal
    /// numbers are equal values.
    Uint(u64),
    /// A floating-point number, not necessarily finite.
    Float(f64),
    /// A text.
    Text(Cow<'static, str>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(value) => value.fmt(f),
            Value::Int(value) => value.fmt(f),
            Value::Uint(value) => value.fmt(f),
            Value::Float(value) => value.fmt(f),
            Value::Text(value) => value.fmt(f),
        }
    }
}

macro_rules! value_from {
    ($($from:ty => |$value:ident| $into:expr;)+) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Value {
                $into
            }
        }
    )+};
}

value_from! {
    bool => |value| Value::Bool(value);
    i8 => |value| Value::Int(value.into());
    i16 => |value| Value::Int(value.into());
    i32 => |value| Value::Int(value.into());
    i64 => |value| Value::Int(value);
    isize => |value| Value::Int(value as i64);
    u8 => |value| Value::Int(value.into());
    u16 => |value| Value::Int(value.into());
    u32 => |value| Value::Int(value.into());
    u64 => |value| i64::try_from(value).map_or(Value::Uint(value), Value::Int);
    usize => |value| Value::from(value as u64);
    i128 => |value| match (i64::try_from(value), u64::try_from(value)) {
        (Ok(value), _) => Value::Int(value),
        (_, Ok(value)) => Value::Uint(value),
        _ => Value::Text(value.to_string().into()), // nothing is lost, only the type
    };
    u128 => |value| u64::try_from(value).map_or_else(|_| Value::Text(value.to_string().into()), Value::from);
    f32 => |value| Value::Float(value.into());
    f64 => |value| Value::Float(value);
    char => |value| Value::Text(value.to_string().into());
    String => |value| Value::Text(value.into());
    Cow<'static, str> => |value| Value::Text(value);
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::Text(value.to_owned().into())
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Value {
        Value::Text(value.clone().into())
    }
}

/// What can be a metadata value by reference, so that the program keeps what it shows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no metadata value",
    label = "expected a bool, a number, a char or a string",
    note = "write `?name` or `key = ?value` for its `Debug` form, `%` for its `Display` form"
)]
pub trait ToValue {
    /// The value.
    fn to_value(&self) -> Value;
}

macro_rules! to_value {
    ($($type:ty)+) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                Value::from(*self)
            }
        }
    )+};
}

to_value! { bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 char }

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::from(self)
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value {
        Value::from(self.as_str())
    }
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}

macro_rules! to_value_through {
    ($($pointer:ty)+) => {$(
        impl<T: ToValue + ?Sized> ToValue for $pointer {
            fn to_value(&self) -> Value {
                (**self).to_value()
            }
        }
    )+};
}

to_value_through! { &T &mut T Box<T> std::rc::Rc<T> std::sync::Arc<T> }

impl<T: ToValue + ToOwned + ?Sized> ToValue for Cow<'_, T> {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

/// `None` is the text `None`.
impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Text(Cow::Borrowed("None")), ToValue::to_value)
    }
}

/// The pairs of one call, in the order they were given. A key given twice stands twice.
pub type Metadata = Vec<(Cow<'static, str>, Value)>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_equal_values_whatever_their_type() {
        assert_eq!(Value::from(7u8), Value::from(7i64));
        assert_eq!(Value::from(7u128), Value::from(7usize));
    }

    #[test]
    fn integers_that_fit_no_variant_stay_readable() {
        assert_eq!(Value::from(u64::MAX), Value::Uint(u64::MAX));
        assert_eq!(Value::from(u128::MAX).to_string(), u128::MAX.to_string());
        assert_eq!(Value::from(i128::MIN).to_string(), i128::MIN.to_string());
    }
}
