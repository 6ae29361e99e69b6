//! The primitives of the embedded data: numbers, floats, texts, metadata.
//!
//! ```text
//! number    LEB128: seven bits a byte, the lowest first, the eighth set on all but the last byte
//! signed    the number (n << 1) ^ (n >> 63)
//! float     IEEE 754 binary64, eight bytes, the lowest first
//! text      number of bytes, then UTF-8
//! word      number: 0, a text follows; n, the n-th text that the block's dictionary took
//! pairs     number of pairs, then for each its key (word) and its value
//! value     one byte: 0 false, 1 true, 2 signed, 3 number, 4 float, 5 word; then the content
//! ```
//!
//! The dictionary of a block takes each text that follows a 0 and has at most [`WORD_BYTES`], until
//! it holds [`WORDS`]. So it is bounded, and keys and repeated values cost a byte or two.

use std::collections::HashMap;
use std::io::{self, Write};

use perprovis_core::metadata::{Metadata, Value};

use super::base64::Base64;

/// Texts that a dictionary holds at most.
const WORDS: usize = 4096;
/// Bytes of a text that a dictionary takes at most.
const WORD_BYTES: usize = 128;

/// Writes one block of data.
pub(super) struct Encoder<'w, 'r> {
    base64: Base64<'w>,
    words: HashMap<&'r str, u64>,
}

impl<'w, 'r> Encoder<'w, 'r> {
    pub(super) fn new(writer: &'w mut dyn Write) -> Encoder<'w, 'r> {
        Encoder { base64: Base64::new(writer), words: HashMap::new() }
    }

    #[inline]
    pub(super) fn number(&mut self, mut number: u64) -> io::Result<()> {
        while number >= 128 {
            self.base64.push(number as u8 | 128)?;
            number >>= 7;
        }
        self.base64.push(number as u8)
    }

    pub(super) fn numbers(&mut self, numbers: &[u64]) -> io::Result<()> {
        numbers.iter().try_for_each(|&number| self.number(number))
    }

    pub(super) fn float(&mut self, float: f64) -> io::Result<()> {
        self.base64.extend(&float.to_le_bytes())
    }

    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        self.number(text.len() as u64)?;
        self.base64.extend(text.as_bytes())
    }

    pub(super) fn pairs(&mut self, metadata: &'r Metadata) -> io::Result<()> {
        self.number(metadata.len() as u64)?;
        for (key, value) in metadata {
            self.word(key)?;
            self.value(value)?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<()> {
        self.base64.finish()
    }

    fn value(&mut self, value: &'r Value) -> io::Result<()> {
        match value {
            Value::Bool(value) => self.base64.push(u8::from(*value)),
            Value::Int(value) => {
                self.base64.push(2)?;
                self.number((value << 1 ^ value >> 63).cast_unsigned())
            }
            Value::Uint(value) => {
                self.base64.push(3)?;
                self.number(*value)
            }
            Value::Float(value) => {
                self.base64.push(4)?;
                self.float(*value)
            }
            Value::Text(value) => {
                self.base64.push(5)?;
                self.word(value)
            }
        }
    }

    fn word(&mut self, word: &'r str) -> io::Result<()> {
        if let Some(&known) = self.words.get(word) {
            return self.number(known);
        }
        if word.len() <= WORD_BYTES && self.words.len() < WORDS {
            self.words.insert(word, self.words.len() as u64 + 1);
        }
        self.number(0)?;
        self.text(word)
    }
}
