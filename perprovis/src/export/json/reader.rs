//! A report from JSON of any length: everything but its calls at once, its calls one by one.
//!
//! In files as perprovis writes them the calls stand behind all that is needed to judge them, so no more than
//! a row is in memory. Where they stand before it, as other programs may have written it, they are kept
//! until all is known.

use std::io::Read;

use perprovis_core::snapshot::{Call, Snapshot};

use crate::Error;

use super::bytes::{Bytes, Position};
use super::check::{self, Calls};
use super::head::{Head, Stop};
use super::{read, row};

/// The first version that has `sources`.
const SOURCES_SINCE: u64 = 2;

/// A report whose calls are still to come.
pub(super) struct Reader<R> {
    bytes: Bytes<R>,
    head: Head,
    /// All of it but its calls, checked.
    pub(super) snapshot: Snapshot,
    rows: Rows,
    check: Calls,
    number: u64, // of calls so far
}

enum Rows {
    /// Next in the text; whether any was read.
    Ahead { is_first: bool },
    /// Read already.
    Kept(std::vec::IntoIter<Call>),
    /// All were read.
    Over,
}

impl<R: Read> Reader<R> {
    /// Reads up to the calls.
    pub(super) fn new(reader: R) -> Result<Reader<R>, Error> {
        let (mut bytes, mut head) = (Bytes::new(reader), Head::default());
        if head.read(&mut bytes)? == Stop::End {
            if !bytes.rest().is_empty() {
                let place = bytes.position().plus(Position { line: 1, column: 1 });
                return Err(read::syntax_at("expected a JSON object", place));
            }
            let mut snapshot = parse(&mut head)?;
            let kept = std::mem::take(&mut snapshot.calls);
            let check = check::head(&snapshot)?;
            return Ok(Reader { bytes, head, snapshot, rows: kept_rows(kept), check, number: 0 });
        }
        let mut this = Reader {
            bytes,
            head,
            snapshot: Snapshot::default(),
            rows: Rows::Ahead { is_first: true },
            check: Calls::default(),
            number: 0,
        };
        if this.head.has_all() {
            let (snapshot, version) = parse_with_version(&mut this.head, b"]}")?;
            if version < SOURCES_SINCE || this.head.has("sources") {
                this.check = check::head(&snapshot)?;
                this.snapshot = snapshot;
                return Ok(this);
            }
        }
        let mut kept = Vec::new();
        while let Some(call) = this.row()? {
            kept.push(call);
        }
        this.snapshot = parse(&mut this.head)?;
        this.check = check::head(&this.snapshot)?;
        this.rows = kept_rows(kept);
        Ok(this)
    }

    /// The next call, checked; `None` behind the last, once the rest of the text proved right, too.
    #[inline]
    pub(super) fn next_call(&mut self) -> Result<Option<Call>, Error> {
        let call = match &mut self.rows {
            Rows::Ahead { .. } => self.row()?,
            Rows::Kept(calls) => calls.next(),
            Rows::Over => None,
        };
        if let Some(call) = &call {
            let number = self.number;
            self.check.call(call, || format!("calls[{number}]"))?;
            self.number += 1;
        }
        Ok(call)
    }

    #[inline]
    fn row(&mut self) -> Result<Option<Call>, Error> {
        if let [b',', row @ ..] = self.bytes.rest()
            && let Rows::Ahead { is_first: false } = self.rows
            && let Some((call, length)) = row::usual(row)
        {
            self.bytes.use_line(1 + length);
            return Ok(Some(call));
        }
        self.unusual_row()
    }

    /// The same for the first row, the last one in the buffer, and such as perprovis does not write.
    #[cold]
    fn unusual_row(&mut self) -> Result<Option<Call>, Error> {
        let Rows::Ahead { is_first } = self.rows else { return Ok(None) };
        let mut token = self.token()?;
        if token == b']' {
            self.finish()?;
            return Ok(None);
        }
        if !is_first {
            if token != b',' {
                return Err(self.syntax("expected `,` or `]`", 1));
            }
            self.bytes.use_line(1);
            token = self.token()?;
        }
        if token != b'[' {
            return Err(self.syntax(&format!("expected {}", read::CALL), 1));
        }
        self.rows = Rows::Ahead { is_first: false };
        let length = loop {
            match row::extent(self.bytes.rest()) {
                Some(length) => break length,
                None if self.more()? => {}
                None => break self.bytes.rest().len(),
            }
        };
        let (text, before) = (&self.bytes.rest()[..length], self.bytes.position());
        let call = match row::usual(text) {
            Some((call, _)) => call,
            None => read::call(text).map_err(|error| read::syntax(&error, |at| before.plus(at)))?,
        };
        self.bytes.use_text(length);
        Ok(Some(call))
    }

    /// Reads what stands behind the calls.
    fn finish(&mut self) -> Result<(), Error> {
        self.rows = Rows::Over;
        let before = self.head.text.len();
        self.head.cut(self.bytes.position());
        self.head.read(&mut self.bytes)?;
        let rest = self.head.text[before..].iter().filter(|byte| !byte.is_ascii_whitespace());
        // As good as always there is nothing; members there may still be wrong, or doubled.
        if !rest.eq(b"]}") {
            parse(&mut self.head)?;
        }
        Ok(())
    }

    fn token(&mut self) -> Result<u8, Error> {
        let token = self.bytes.next_token().map_err(|source| Error::Read { source })?;
        token.ok_or_else(|| self.syntax("EOF while parsing a list", 0))
    }

    fn more(&mut self) -> Result<bool, Error> {
        self.bytes.more().map_err(|source| Error::Read { source })
    }

    /// A mistake `ahead` bytes from here.
    fn syntax(&self, problem: &str, ahead: usize) -> Error {
        let Position { line, column } = self.bytes.position();
        read::syntax_at(problem, Position { line, column: column + ahead })
    }
}

fn kept_rows(calls: Vec<Call>) -> Rows {
    Rows::Kept(calls.into_iter())
}

fn parse(head: &mut Head) -> Result<Snapshot, Error> {
    parse_with_version(head, b"").map(|(snapshot, _)| snapshot)
}

/// What the text says with `end` behind it.
fn parse_with_version(head: &mut Head, end: &[u8]) -> Result<(Snapshot, u64), Error> {
    let length = head.text.len();
    head.text.extend_from_slice(end);
    let parsed = read::snapshot(&head.text, |place| head.place(place));
    head.text.truncate(length);
    parsed
}
