//! One row of `calls`, from text.
//!
//! Nearly all of a large file is rows as perprovis writes them, so these are read by hand, which takes a
//! fifth of the time that serde_json needs. Anything else (white space, escapes, floats, mistakes) is left to
//! serde_json, so that there is one truth about what a row is.

use std::borrow::Cow;
use std::sync::Arc;

use perprovis_core::metadata::{Metadata, Value};
use perprovis_core::snapshot::Call;
use perprovis_core::units::Ticks;

/// The call at the head of a text, and how long it is, if it is written as perprovis does and the text holds it
/// whole.
#[inline]
pub(super) fn usual(text: &[u8]) -> Option<(Call, usize)> {
    let mut text = Text { text, at: 0 };
    text.expect(b'[')?;
    let thread = text.number()?;
    text.expect(b',')?;
    let function = u32::try_from(text.number()?).ok()?;
    text.expect(b',')?;
    let path = if text.peek()? == b'n' {
        text.word(b"null")?;
        None
    } else {
        Some(u32::try_from(text.number()?).ok()?)
    };
    text.expect(b',')?;
    let start = Ticks(text.number()?);
    text.expect(b',')?;
    let duration = Ticks(text.number()?);
    text.expect(b',')?;
    let panicked = match text.next()? {
        b'0' => false,
        b'1' => true,
        _ => return None,
    };
    let metadata = match text.next()? {
        b']' => None,
        b',' => {
            let pairs = text.pairs()?;
            text.expect(b']')?;
            Some(Arc::new(pairs))
        }
        _ => return None,
    };
    Some((Call { thread, function, path, start, duration, panicked, metadata }, text.at))
}

/// How long the value at the head of a text is, if the text holds it whole. Whatever else is wrong with it.
pub(super) fn extent(text: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut is_escaped) = (0usize, false, false);
    for (at, &byte) in text.iter().enumerate() {
        if in_string {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            if !in_string && depth == 0 {
                return Some(at + 1);
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth <= 1 => return Some(at + depth),
            b']' | b'}' => depth -= 1,
            b',' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

struct Text<'t> {
    text: &'t [u8],
    at: usize,
}

impl Text<'_> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline]
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.text[self.at..].starts_with(word).then(|| self.at += word.len())
    }

    /// A whole number without a superfluous zero; the byte behind it is there.
    #[inline]
    fn number(&mut self) -> Option<u64> {
        let first = self.at;
        let mut number = 0u64;
        loop {
            let digit = self.peek()?.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
            self.at += 1;
        }
        // With 19 digits it is below 10^19, which fits.
        let is_padded = self.text[first] == b'0' && self.at > first + 1;
        (matches!(self.at - first, 1..=19) && !is_padded).then_some(number)
    }

    /// A string without escapes.
    fn string(&mut self) -> Option<String> {
        self.expect(b'"')?;
        let rest = &self.text[self.at..];
        let end = rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
        let string = std::str::from_utf8(&rest[..end]).ok()?.to_owned();
        self.at += end;
        self.expect(b'"')?;
        Some(string)
    }

    fn value(&mut self) -> Option<Value> {
        Some(match self.peek()? {
            b'"' => Value::Text(Cow::Owned(self.string()?)),
            b't' => {
                self.word(b"true")?;
                Value::Bool(true)
            }
            b'f' => {
                self.word(b"false")?;
                Value::Bool(false)
            }
            b'-' => {
                self.at += 1;
                let number = self.number().filter(|&number| number > 0)?; // -0 is a float
                Value::Int(0i64.checked_sub_unsigned(number)?)
            }
            _ => Value::from(self.number()?),
        })
    }

    /// `[[key, value], ...]`.
    fn pairs(&mut self) -> Option<Metadata> {
        let mut pairs = Metadata::new();
        self.expect(b'[')?;
        if self.peek()? == b']' {
            self.at += 1;
            return Some(pairs);
        }
        loop {
            self.expect(b'[')?;
            let key = Cow::Owned(self.string()?);
            self.expect(b',')?;
            pairs.push((key, self.value()?));
            self.expect(b']')?;
            match self.next()? {
                b',' => {}
                b']' => return Some(pairs),
                _ => return None,
            }
        }
    }
}
