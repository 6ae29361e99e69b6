//! A reader's bytes, a buffer at a time, with the place in the text that messages name.

use std::io::{self, Read};

/// Bytes asked for at once: large enough that the cost of a read vanishes, small enough for the cache.
const BUFFER_BYTES: usize = 1 << 18;

/// A place in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,   // from 1
    pub(super) column: usize, // in bytes from 1; of the byte read last, as serde_json counts
}

impl Position {
    /// `inside`, a place in a piece of text that begins behind `self`, as a place in the whole.
    pub(super) fn plus(self, inside: Position) -> Position {
        if inside.line <= 1 {
            Position { line: self.line, column: self.column + inside.column }
        } else {
            Position { line: self.line + inside.line - 1, column: inside.column }
        }
    }
}

/// What was read and not yet used.
pub(super) struct Bytes<R> {
    reader: R,
    buffer: Vec<u8>,
    at: usize, // at most `end`
    end: usize,
    used: Position, // of the last byte that was used
    is_over: bool,
}

impl<R: Read> Bytes<R> {
    pub(super) fn new(reader: R) -> Bytes<R> {
        let used = Position { line: 1, column: 0 };
        Bytes { reader, buffer: vec![0; BUFFER_BYTES], at: 0, end: 0, used, is_over: false }
    }

    /// What is at hand.
    #[inline]
    pub(super) fn rest(&self) -> &[u8] {
        &self.buffer[self.at..self.end]
    }

    /// Reads more behind the rest, making room first; false if there is nothing more.
    pub(super) fn more(&mut self) -> io::Result<bool> {
        if self.is_over {
            return Ok(false);
        }
        self.buffer.copy_within(self.at..self.end, 0);
        (self.at, self.end) = (0, self.end - self.at);
        if self.end == self.buffer.len() {
            self.buffer.resize(2 * self.end, 0); // a single row that is longer than the buffer
        }
        let count = loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.end += count;
        self.is_over = count == 0;
        Ok(count > 0)
    }

    /// Uses bytes among which is no line break.
    #[inline]
    pub(super) fn use_line(&mut self, count: usize) {
        self.at += count;
        self.used.column += count;
    }

    /// Uses any bytes.
    pub(super) fn use_text(&mut self, count: usize) {
        let text = &self.buffer[self.at..self.at + count];
        let breaks = text.iter().filter(|&&byte| byte == b'\n').count();
        self.used.line += breaks;
        // Mostly there is none, and counting takes a fraction of the time of looking for the last.
        let last = match breaks {
            0 => None,
            _ => text.iter().rposition(|&byte| byte == b'\n'),
        };
        self.used.column = last.map_or(self.used.column + count, |last| count - last - 1);
        self.at += count;
    }

    /// The next byte that is no white space, which is not used; `None` at the end.
    pub(super) fn next_token(&mut self) -> io::Result<Option<u8>> {
        loop {
            let rest = self.rest();
            let found = rest.iter().position(|byte| !byte.is_ascii_whitespace());
            let (blanks, token) = (found.unwrap_or(rest.len()), found.map(|at| rest[at]));
            if blanks > 0 {
                self.use_text(blanks);
            }
            if token.is_some() || !self.more()? {
                return Ok(token);
            }
        }
    }

    /// The place of the last byte that was used.
    pub(super) fn position(&self) -> Position {
        self.used
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_lines_and_bytes() {
        let mut bytes = Bytes::new(&b"ab\n\n cd"[..]);
        assert_eq!(bytes.next_token().unwrap(), Some(b'a'));
        bytes.use_line(2);
        assert_eq!(bytes.position(), Position { line: 1, column: 2 });
        assert_eq!(bytes.next_token().unwrap(), Some(b'c'));
        assert_eq!(bytes.position(), Position { line: 3, column: 1 });
        bytes.use_line(2);
        assert_eq!(bytes.next_token().unwrap(), None);
    }

    #[test]
    fn what_is_longer_than_the_buffer_stays_in_one_piece() {
        let text = vec![b'x'; 3 * BUFFER_BYTES + 1];
        let mut bytes = Bytes::new(&text[..]);
        while bytes.more().unwrap() {}
        assert_eq!(bytes.rest(), &text[..]);
    }

    #[test]
    fn a_place_in_a_piece_is_one_in_the_whole() {
        let place = |line, column| Position { line, column };
        assert_eq!(place(3, 10).plus(place(1, 2)), place(3, 12));
        assert_eq!(place(3, 10).plus(place(2, 2)), place(4, 2));
    }
}
