//! A line of text in pieces of different styles. Everything is measured before it is painted, so
//! escape sequences are no columns.

use super::label::{clip, width};
use super::style::Style;

/// A line under construction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pieces: Vec<(Style, String)>,
}

impl Line {
    /// A line of one piece.
    pub(crate) fn of(style: Style, text: impl Into<String>) -> Line {
        Line::default().with(style, text)
    }

    /// The line with one piece more.
    pub(crate) fn with(mut self, style: Style, text: impl Into<String>) -> Line {
        self.push(style, text);
        self
    }

    pub(crate) fn push(&mut self, style: Style, text: impl Into<String>) {
        let text = text.into();
        match self.pieces.last_mut() {
            Some((last, piece)) if *last == style => piece.push_str(&text),
            _ => self.pieces.push((style, text)),
        }
    }

    pub(crate) fn append(&mut self, line: Line) {
        line.pieces.into_iter().for_each(|(style, text)| self.push(style, text));
    }

    /// Columns that it takes.
    pub(crate) fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| width(text)).sum()
    }

    /// Whether its last piece has this style.
    pub(crate) fn ends_in(&self, style: Style) -> bool {
        self.pieces.last().is_some_and(|(last, _)| *last == style)
    }

    /// The line with spaces behind it, to fill `columns`.
    pub(crate) fn pad_right(self, columns: usize) -> Line {
        let gap = columns.saturating_sub(self.width());
        self.with(Style::Plain, " ".repeat(gap))
    }

    /// The line with spaces before it, to fill `columns`.
    pub(crate) fn pad_left(self, columns: usize) -> Line {
        let gap = columns.saturating_sub(self.width());
        let mut line = Line::of(Style::Plain, " ".repeat(gap));
        line.append(self);
        line
    }

    /// The line without the spaces at its end.
    pub(crate) fn trim_end(mut self) -> Line {
        while let Some((_, text)) = self.pieces.last_mut() {
            text.truncate(text.trim_end().len());
            if !text.is_empty() {
                break;
            }
            self.pieces.pop();
        }
        self
    }

    /// The beginning of the line in at most `columns`, a `…` at the end if something is missing.
    pub(crate) fn clip(self, columns: usize) -> Line {
        if self.width() <= columns {
            return self;
        }
        let mut left = columns;
        let mut line = Line::default();
        for (style, text) in self.pieces {
            // What fits exactly loses its last character, too: there is more behind it.
            if width(&text) < left {
                left -= width(&text);
                line.push(style, text);
            } else {
                let longer = format!("{text} ");
                line.push(style, clip(&longer, left));
                break;
            }
        }
        line
    }

    /// Its text alone.
    pub(crate) fn plain(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// Its text with escape sequences, added to `out`.
    pub(crate) fn paint(&self, out: &mut String) {
        self.pieces.iter().for_each(|(style, text)| style.paint(text, out));
    }
}

impl From<String> for Line {
    fn from(text: String) -> Line {
        Line::of(Style::Plain, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Line {
        Line::of(Style::Strong, "漢字").with(Style::Plain, " ab").with(Style::Hot, "cd")
    }

    #[test]
    fn widths_are_columns_of_what_is_shown() {
        assert_eq!(line().width(), 9);
        assert_eq!(line().pad_right(11).width(), 11);
        assert_eq!(line().pad_left(11).plain(), "  漢字 abcd");
        let mut painted = String::new();
        line().paint(&mut painted);
        assert_eq!(painted, "\x1b[1m漢字\x1b[0m ab\x1b[1;31mcd\x1b[0m");
    }

    #[test]
    fn a_line_is_cut_at_any_place() {
        let cut: Vec<String> = (0..=9).map(|columns| line().clip(columns).plain()).collect();
        let expected =
            ["", "…", "…", "漢…", "漢…", "漢字…", "漢字 …", "漢字 a…", "漢字 ab…", "漢字 abcd"];
        assert_eq!(cut, expected);
    }

    #[test]
    fn spaces_at_the_end_go_whatever_their_style() {
        let line = line().with(Style::Plain, "  ").with(Style::Faint, " ").trim_end();
        assert_eq!(line.plain(), "漢字 abcd");
        assert_eq!(Line::of(Style::Hot, " ").trim_end(), Line::default());
    }
}
