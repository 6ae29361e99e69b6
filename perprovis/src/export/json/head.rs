//! A report's text without the content of its `calls`, which in a large file is nearly all of it.
//!
//! Looks only for the member `calls` and copies the rest, so it needs to know of JSON no more than
//! strings and brackets: whether the rest is JSON, and what it says, is serde_json's business. What is
//! written in an odd way (a key with an escape in it, a second `calls`) is copied, too.

use std::io::Read;

use crate::Error;

use super::FORMAT;
use super::bytes::{Bytes, Position};

/// All members but the calls, in the order in which they are written.
const MEMBERS: [&str; 11] = [
    "format",
    "version",
    "clock",
    "overhead",
    "dropped",
    "functions",
    "paths",
    "threads",
    "exited",
    "open",
    "sources",
];
/// Bytes of a key or a format that are looked at.
const WORD_BYTES: usize = 64;
/// A report names its format within so many bytes. So something else's JSON is found out before it
/// fills the memory; perprovis writes it first.
const FORMAT_WITHIN: usize = 1 << 24;

/// Why reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// At the first row of `calls`.
    Calls,
    /// At the end of the text, or behind what cannot be a report.
    End,
}

/// The text so far.
#[derive(Default)]
pub(super) struct Head {
    pub(super) text: Vec<u8>,
    has_begun: bool, // whether the object has
    depth: usize,
    in_string: bool,
    is_escaped: bool,
    is_key: bool,  // whether a string at depth 1 is a key
    word: Vec<u8>, // the string at depth 1
    key: Vec<u8>,
    seen: u32,               // a bit for each of MEMBERS
    calls: Option<Position>, // where they begin
    cut: Option<Position>,   // where they end
}

impl Head {
    /// Copies from `bytes` up to where [`Stop`] says.
    pub(super) fn read<R: Read>(&mut self, bytes: &mut Bytes<R>) -> Result<Stop, Error> {
        loop {
            let (count, stop) = self.scan(bytes.rest())?;
            self.text.extend_from_slice(&bytes.rest()[..count]);
            bytes.use_text(count);
            if stop == Some(Stop::Calls) {
                self.calls = Some(bytes.position());
            }
            if let Some(stop) = stop {
                return Ok(stop);
            }
            if self.text.len() > FORMAT_WITHIN && !self.has("format") {
                return Err(Error::Foreign { found: None });
            }
            if !bytes.more().map_err(|source| Error::Read { source })? {
                return Ok(Stop::End);
            }
        }
    }

    /// Goes on behind the calls, which end at `end`.
    pub(super) fn cut(&mut self, end: Position) {
        self.cut = Some(end);
    }

    /// Whether `member` was met.
    pub(super) fn has(&self, member: &str) -> bool {
        MEMBERS.iter().zip(0..).any(|(known, bit)| *known == member && self.seen & 1 << bit != 0)
    }

    /// Whether all members were met that there are in every version.
    pub(super) fn has_all(&self) -> bool {
        MEMBERS.iter().all(|member| *member == "sources" || self.has(member))
    }

    /// A place in [`Head::text`] as one in the whole text.
    pub(super) fn place(&self, place: Position) -> Position {
        let (Some(calls), Some(end)) = (self.calls, self.cut) else { return place };
        if (place.line, place.column) <= (calls.line, calls.column) {
            return place;
        }
        let line = place.line - calls.line + 1;
        let before = if line == 1 { calls.column } else { 0 };
        end.plus(Position { line, column: place.column - before })
    }

    /// How much of `text` to copy, and whether to stop behind that.
    fn scan(&mut self, text: &[u8]) -> Result<(usize, Option<Stop>), Error> {
        for (at, &byte) in text.iter().enumerate() {
            if self.in_string {
                self.in_string(byte)?;
                continue;
            }
            // Deep inside, where nearly everything is, only these count.
            if self.depth > 1 && !matches!(byte, b'"' | b'[' | b']' | b'{' | b'}') {
                continue;
            }
            match byte {
                // Something behind the object, or no object at all. There is no need to read on.
                _ if self.depth == 0 && byte != b'{' && !byte.is_ascii_whitespace() => {
                    let count = if self.has_begun { text.len() } else { at };
                    return Ok((count, Some(Stop::End)));
                }
                b'"' => {
                    self.in_string = true;
                    self.word.clear();
                }
                b'{' | b'[' => {
                    let is_member = self.depth == 1 && !self.is_key;
                    self.has_begun = true;
                    self.depth += 1;
                    self.is_key = self.depth == 1;
                    if is_member && byte == b'[' && self.key == b"calls" && self.calls.is_none() {
                        return Ok((at + 1, Some(Stop::Calls)));
                    }
                }
                b'}' | b']' => self.depth -= 1,
                b':' if self.depth == 1 => self.is_key = false,
                b',' if self.depth == 1 => self.is_key = true,
                _ => {}
            }
        }
        Ok((text.len(), None))
    }

    fn in_string(&mut self, byte: u8) -> Result<(), Error> {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = true,
            b'"' => {
                self.in_string = false;
                return if self.depth == 1 { self.word_ends() } else { Ok(()) };
            }
            _ => {}
        }
        if self.depth == 1 && self.word.len() < WORD_BYTES {
            self.word.push(byte);
        }
        Ok(())
    }

    /// Remembers a key, and looks at the format: what is none of ours need not be read.
    fn word_ends(&mut self) -> Result<(), Error> {
        if self.is_key {
            std::mem::swap(&mut self.key, &mut self.word);
            if let Some(bit) = MEMBERS.iter().position(|member| member.as_bytes() == self.key) {
                self.seen |= 1 << bit;
            }
        } else if self.key == b"format"
            && !self.word.contains(&b'\\')
            && self.word != FORMAT.as_bytes()
        {
            let found = String::from_utf8_lossy(&self.word).into_owned();
            return Err(Error::Foreign { found: Some(found) });
        }
        Ok(())
    }
}
