//! Bytes as text that HTML leaves alone: base64 (RFC 4648, S. Josefsson, *The Base16, Base32, and
//! Base64 Data Encodings*), with padding.
//!
//! Its alphabet has no `<`, no `&` and no quote, so whatever a program called its functions, no
//! byte of it can end the element it stands in.

use std::io::{self, Write};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Bytes encoded at once: a multiple of three, so that nothing but the end needs padding.
const CHUNK: usize = 3 * 1024;

/// Encodes what is written to it. [`finish`](Base64::finish) writes the rest.
pub(super) struct Base64<'w> {
    writer: &'w mut dyn Write,
    waiting: Vec<u8>, // less than CHUNK between two calls
}

impl<'w> Base64<'w> {
    pub(super) fn new(writer: &'w mut dyn Write) -> Base64<'w> {
        Base64 { writer, waiting: Vec::with_capacity(CHUNK) }
    }

    #[inline]
    pub(super) fn push(&mut self, byte: u8) -> io::Result<()> {
        self.waiting.push(byte);
        if self.waiting.len() == CHUNK { self.drain() } else { Ok(()) }
    }

    pub(super) fn extend(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = (CHUNK - self.waiting.len()).min(bytes.len());
            let (now, later) = bytes.split_at(room);
            self.waiting.extend_from_slice(now);
            if self.waiting.len() == CHUNK {
                self.drain()?;
            }
            bytes = later;
        }
        Ok(())
    }

    /// Writes what is left, padded.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.drain()
    }

    fn drain(&mut self) -> io::Result<()> {
        let mut text = [0; CHUNK / 3 * 4];
        let groups = self.waiting.chunks(3);
        let length = groups.len() * 4;
        for (group, four) in groups.zip(text.chunks_mut(4)) {
            let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for (index, character) in four.iter_mut().enumerate() {
                let six = (bits >> (18 - 6 * index)) & 63;
                *character = if index <= group.len() { ALPHABET[six as usize] } else { b'=' };
            }
        }
        self.waiting.clear();
        self.writer.write_all(&text[..length])
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The bytes behind a text, or what is wrong with it.
    pub(in crate::export::html) fn decode(text: &str) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        for four in text.as_bytes().chunks(4) {
            let padding = four.iter().filter(|&&character| character == b'=').count();
            let mut bits = 0u32;
            for &character in &four[..four.len() - padding] {
                let six = ALPHABET.iter().position(|&known| known == character);
                bits = bits << 6 | six.ok_or(format!("no base64: {character}"))? as u32;
            }
            bits <<= 6 * padding;
            bytes.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
        }
        Ok(bytes)
    }

    fn encode(bytes: &[u8]) -> String {
        let mut text = Vec::new();
        let mut base64 = Base64::new(&mut text);
        let (one, many) = bytes.split_at(bytes.len().min(1));
        one.iter().for_each(|&byte| base64.push(byte).unwrap());
        base64.extend(many).unwrap();
        base64.finish().unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn the_examples_of_the_specification_hold() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn every_length_comes_back() {
        let bytes: Vec<u8> =
            (0..3 * CHUNK + 2).map(|index| (index * 31 + index / 7) as u8).collect();
        for length in (0..70).chain(CHUNK - 4..CHUNK + 4).chain(3 * CHUNK - 2..3 * CHUNK + 2) {
            assert_eq!(decode(&encode(&bytes[..length])).unwrap(), &bytes[..length]);
        }
    }
}
