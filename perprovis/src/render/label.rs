//! Names made safe for a terminal, measured and cut by display columns.
//!
//! A name is whatever the program says, so it could move the cursor, colour the screen or reverse
//! the line. What a terminal acts on instead of showing is written out as `\u{1b}`. A width is the
//! sum of the characters' widths: an upper bound of the width of the text, whatever the terminal
//! joins.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

/// A pair is not cut below this many columns while another one could go instead.
const SHORTEST_PAIR: usize = 16;

/// The width of a text without control characters, in columns.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

fn char_width(character: char) -> usize {
    character.width().unwrap_or(1)
}

/// `text` with everything written out that a terminal would act on or hide.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (index, character) in text.chars().enumerate() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            '\r' => shown.push_str("\\r"),
            // Variation selectors change a character's width after the fact, its meaning hardly.
            '\u{fe0e}' | '\u{fe0f}' => {}
            _ if is_hidden(character) || (index == 0 && char_width(character) == 0) => {
                // Writing to a `String` cannot fail.
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
            }
            _ => shown.push(character),
        }
    }
    shown
}

/// A name, [`visible`] even if it is empty.
pub(crate) fn visible_name(name: &str) -> String {
    if name.is_empty() { "\"\"".to_owned() } else { visible(name) }
}

/// Control, format and bidirectional characters, and those that are invisible.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}'
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// `text` in at most `columns`: what is too long loses its middle to a `…`, more of its beginning
/// than of its end, since the end of a path tells more.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    let shown = visible(text);
    if width(&shown) <= columns {
        return shown;
    }
    if columns == 0 {
        return String::new();
    }
    let head: String = take_columns(shown.chars(), (columns - 1) / 3);
    let tail_columns = columns - 1 - width(&head);
    let tail: Vec<char> = take_columns(shown.chars().rev(), tail_columns).chars().collect();
    let tail: String = tail.into_iter().rev().collect();
    // A combining mark whose base was cut off would sit on the `…`.
    format!("{head}…{}", tail.trim_start_matches(|mark| char_width(mark) == 0))
}

/// The beginning of `text` in at most `columns`, a `…` at the end if something is missing.
pub(crate) fn clip(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    format!("{}…", take_columns(text.chars(), columns - 1))
}

/// The end of `text` in at most `columns`, a `…` before it if something is missing; of a path whole
/// segments if one fits.
fn tail(text: &str, columns: usize) -> String {
    if width(text) <= columns || columns == 0 {
        return clip(text, columns);
    }
    let end: Vec<char> = take_columns(text.chars().rev(), columns - 1).chars().collect();
    let end: String = end.into_iter().rev().collect();
    let from = end.find(['/', '\\']).filter(|from| from + 1 < end.len()).unwrap_or(0);
    format!("…{}", end[from..].trim_start_matches(|mark| char_width(mark) == 0))
}

/// `key=value` pairs in at most `columns`. Long values give way, the longest first: paths lose
/// their beginning, other texts their end. Pairs without room become a `…`.
pub(crate) fn fit_pairs(pairs: &[String], columns: usize) -> String {
    // None gets more than all columns, and there is at least one for each: what a call brings along may
    // be any number of pairs of any length.
    let widest = columns.max(SHORTEST_PAIR);
    let some = pairs.iter().take(columns + 1);
    let mut widths: Vec<usize> = some.map(|pair| width(pair).min(widest)).collect();
    let needed = |widths: &[usize], longest: usize| {
        let more = if widths.len() < pairs.len() { 2 } else { 0 };
        let columns = widths.iter().map(|&width| width.min(longest) + 1);
        columns.sum::<usize>().saturating_sub(1) + more
    };
    while widths.len() > 1 && needed(&widths, SHORTEST_PAIR) > columns {
        widths.pop();
    }
    while needed(&widths, usize::MAX) > columns {
        match widths.iter_mut().max() {
            Some(widest) if *widest > 1 => *widest -= 1,
            _ => {
                widths.clear();
                break;
            }
        }
    }
    let cut = |(pair, &columns): (&String, &usize)| match pair.split_once('=') {
        Some((key, value)) if value.contains(['/', '\\']) && width(key) + 3 < columns => {
            format!("{key}={}", tail(value, columns - width(key) - 1))
        }
        _ => clip(pair, columns),
    };
    let mut parts: Vec<String> = pairs.iter().zip(&widths).map(cut).collect();
    if parts.len() < pairs.len() {
        parts.push("…".to_owned());
    }
    clip(&parts.join(" "), columns)
}

fn take_columns(characters: impl Iterator<Item = char>, columns: usize) -> String {
    let mut left = columns;
    characters
        .take_while(|&character| {
            let fits = char_width(character) <= left;
            left = left.saturating_sub(char_width(character));
            fits
        })
        .collect()
}

/// `text` cut into pieces of one or two columns: each character with the marks on it.
pub(crate) fn char_cells(text: &str) -> Vec<String> {
    let mut cells: Vec<String> = Vec::new();
    for character in text.chars() {
        match cells.last_mut() {
            Some(cell) if char_width(character) == 0 => cell.push(character),
            _ => cells.push(character.to_string()),
        }
    }
    cells
}

/// `text` with spaces behind it, to fill `columns`.
pub(crate) fn pad_right(text: &str, columns: usize) -> String {
    format!("{text}{:gap$}", "", gap = columns.saturating_sub(width(text)))
}

/// `text` with spaces before it, to fill `columns`.
pub(crate) fn pad_left(text: &str, columns: usize) -> String {
    format!("{:gap$}{text}", "", gap = columns.saturating_sub(width(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_the_cursor_or_the_reading_direction_is_written_out() {
        assert_eq!(visible("a\x1b[31mb\n\u{202e}c\u{200b}"), "a\\u{1b}[31mb\\n\\u{202e}c\\u{200b}");
        assert_eq!(visible("\u{301}e\u{301}"), "\\u{301}e\u{301}");
    }

    #[test]
    fn long_names_keep_more_of_their_end() {
        assert_eq!(fit("short", 5), "short");
        assert_eq!(fit("engine::storage::compact", 13), "engi…:compact");
        assert_eq!(fit("漢字漢字漢字", 7), "漢…漢字");
        assert_eq!(fit("long", 1), "…");
        assert_eq!(fit("long", 0), "");
    }

    #[test]
    fn many_long_pairs_take_no_longer_than_few() {
        let value = "v".repeat(10_000);
        let pairs: Vec<String> = (0..2_000).map(|key| format!("{key}={value}")).collect();
        assert_eq!(fit_pairs(&pairs, 40), format!("0={}… 1={}… …", "v".repeat(16), "v".repeat(15)));
    }

    #[test]
    fn pairs_lose_the_beginning_of_paths_then_the_last_pairs() {
        let pairs = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let call = pairs(&["path=src/report/build.rs", "bytes=10081"]);
        assert_eq!(fit_pairs(&call, 36), "path=src/report/build.rs bytes=10081");
        assert_eq!(fit_pairs(&call, 35), "path=…/report/build.rs bytes=10081");
        assert_eq!(fit_pairs(&call, 33), "path=…/build.rs bytes=10081");
        assert_eq!(fit_pairs(&call, 22), "path=…/build.rs …");
        assert_eq!(fit_pairs(&call, 9), "path=s… …");
        assert_eq!(fit_pairs(&pairs(&["query=SELECT everything"]), 16), "query=SELECT ev…");
        assert_eq!(fit_pairs(&call, 1), "…");
        assert_eq!(fit_pairs(&call, 0), "");
        assert_eq!(fit_pairs(&[], 5), "");
        for columns in 0..60 {
            assert!(
                width(&fit_pairs(&pairs(&["漢=漢字/漢字漢字", "b=2", "c=\\"]), columns)) <= columns
            );
        }
    }
}
