//! JSON strings that Perfetto reads.
//!
//! Its parser (up to version 52 at least) takes a quote behind a backslash for part of the string, also
//! where the backslash is itself escaped, and then refuses the whole file. So a backslash at the end of
//! a string is written by its number, which is the same to every reader of JSON.

use std::io;

use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

/// Compact JSON.
#[derive(Default)]
pub(super) struct Escape {
    has_backslash: bool, // one is still to be written
}

impl Escape {
    fn write_backslash<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        if std::mem::take(&mut self.has_backslash) { writer.write_all(b"\\\\") } else { Ok(()) }
    }
}

impl Formatter for Escape {
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        self.write_backslash(writer)?;
        writer.write_all(fragment.as_bytes())
    }

    fn write_char_escape<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        self.write_backslash(writer)?;
        if let CharEscape::ReverseSolidus = escape {
            self.has_backslash = true; // until it is known what follows
            return Ok(());
        }
        CompactFormatter.write_char_escape(writer, escape)
    }

    fn end_string<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        if std::mem::take(&mut self.has_backslash) {
            writer.write_all(b"\\u005c")?;
        }
        writer.write_all(b"\"")
    }
}
