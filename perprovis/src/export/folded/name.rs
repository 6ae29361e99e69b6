//! Names as frames of a stack that is one line of text.

use std::borrow::Cow;

/// What stands for the separator of frames in a name, as in `[u8; 4]`. It looks the same.
pub(in crate::export) const SEMICOLON: char = '\u{ff1b}';
/// What FlameGraph's tools take for a mark on a frame (inlined, kernel, ...) and cut off.
const MARKS: [&str; 4] = ["_[k]", "_[w]", "_[i]", "_[j]"];
/// What they take for a line between parts of a stack, and draw in grey.
const SEPARATORS: [&str; 2] = ["-", "--"];

/// `name` as a frame: something that is shown, on one line, and comes out of every reader as it went
/// in.
///
/// - What is [not visible](visible) is written out, a semicolon becomes a full-width one.
/// - In quotes stands what would be cut or misread: an empty name, one with a blank or a quote in
///   front, a blank at the end, a `#` in front (a comment), a number as its last word (a second count
///   to all readers: `step 2` in the line `step 2 100`), what FlameGraph takes for a mark at its end or
///   for a separator.
pub(in crate::export) fn frame(name: &str) -> Cow<'_, str> {
    let shown = visible(name);
    let shown = if shown.contains(';') {
        Cow::Owned(shown.replace(';', SEMICOLON.encode_utf8(&mut [0; 4])))
    } else {
        shown
    };
    if is_misread(&shown) { Cow::Owned(format!("\"{shown}\"")) } else { shown }
}

/// Whether readers would cut or misread a frame that is otherwise well-formed.
fn is_misread(frame: &str) -> bool {
    let has_count = || {
        let word = frame.rsplit(' ').next().unwrap_or_default();
        word.len() < frame.len() && word.chars().all(|digit| digit.is_numeric() || digit == '.')
    };
    frame.is_empty()
        || SEPARATORS.contains(&frame)
        || frame.starts_with([' ', '"', '#'])
        || frame.ends_with(' ')
        || MARKS.iter().any(|mark| frame.ends_with(mark))
        || has_count()
}

/// `text` with everything written out, as in `\u{202e}`, that would be acted on instead of shown:
/// control and format characters, line breaks, all blanks but the space, marks without a base.
pub(in crate::export) fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for (index, character) in text.chars().enumerate() {
        match character {
            '"' | '\'' | '\\' => shown.push(character), // Rust's syntax, of no concern here
            _ if index == 0 => shown.extend(character.escape_debug()),
            // Behind a base, a combining mark is left as it is.
            _ => shown.extend(format!("a{character}").escape_debug().skip(1)),
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_stay_and_are_not_copied() {
        for name in ["main", "a::B<_>::c", "parse::<u8>", "two words", "v2", "x_[y]", "漢字"] {
            assert_eq!(frame(name), name);
        }
        assert!(matches!(frame("a::B<_>::c"), Cow::Borrowed(_)));
    }

    #[test]
    fn separators_and_line_breaks_do_not_survive() {
        assert_eq!(frame("of<[u8; 4]>"), "of<[u8； 4]>");
        assert_eq!(frame("a\nb\r\tc\u{2028}\u{85}\0"), "a\\nb\\r\\tc\\u{2028}\\u{85}\\0");
        assert_eq!(frame("\u{202e}cba\u{1b}[2J"), "\\u{202e}cba\\u{1b}[2J");
        assert_eq!(frame("e\u{301}"), "e\u{301}");
        assert_eq!(frame("\u{301}e"), "\\u{301}e");
        assert_eq!(frame("it's \\ \"漢\""), "it's \\ \"漢\"");
    }

    #[test]
    fn what_readers_cut_or_misread_is_quoted() {
        for name in ["", " a", "a ", "# a", "\"a\"", "step 2", "at 1.5", "٣ ٣", "f_[k]", "-"] {
            assert_eq!(frame(name), format!("\"{name}\""));
        }
        assert_eq!(frame("\u{a0}"), "\\u{a0}");
    }
}
