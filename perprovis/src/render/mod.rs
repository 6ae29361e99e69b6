//! Report to text for people.
//!
//! No line is wider than asked for, whatever the names and numbers; widths are display columns.

mod bar;
pub(crate) mod comparison;
mod flame;
mod human;
mod label;
mod line;
mod notes;
mod options;
mod quantity;
pub(crate) mod ratio;
mod spark;
mod style;
mod table;
#[cfg(feature = "terminal")]
mod terminal;
mod text;
mod timeline;
mod tree;

pub use human::{HumanCount, HumanTime};
pub use options::{ColorChoice, TextOptions};

use std::fmt;
use std::io::{self, Write as _};

use crate::Error;
use crate::report::Report;

use self::line::Line;
use self::style::Style;

/// The smallest width that is obeyed.
const MIN_WIDTH: usize = 20;
/// What an empty report says.
const EMPTY: &str = "Nothing was recorded. Put #[profile] on a function and call it before taking \
    the report; check that the profiler is enabled and the feature `enable` is on.";

/// The text report with [`TextOptions::new`]; `{:.5}` shows five functions, `{:80}` takes 80
/// columns. Meant for `println!`: no line break at the end, unlike [`Report::to_text`].
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut options = TextOptions::new();
        options.top = f.precision().unwrap_or(options.top);
        options = f.width().map_or(options, |columns| options.width(columns));
        f.write_str(text::render(self, options).trim_end_matches('\n'))
    }
}

impl Report {
    /// The text report with the `top_n` functions that take the most time. Like every `String` that
    /// is a text of several lines, here and below, it ends with exactly one line break: for
    /// `print!` or a file.
    #[must_use]
    pub fn to_text(&self, top_n: usize) -> String {
        self.to_text_with(TextOptions::new().top(top_n))
    }

    /// The text report; plain unless colours are asked for.
    #[must_use]
    pub fn to_text_with(&self, options: TextOptions) -> String {
        text::render(self, options)
    }

    /// Prints the text report on the standard output: with colours and in its width if that is a
    /// terminal, see [`TextOptions::for_stream`]; plain in a file. A closed output is ignored.
    pub fn print(&self, options: TextOptions) {
        let stdout = io::stdout();
        let text = self.to_text_with(options.for_stream(&stdout));
        // No reason to end the program, as `print!` would.
        let _ = stdout.lock().write_all(text.as_bytes());
    }

    /// Writes the text report; plain unless colours are asked for, also to a terminal: see
    /// [`TextOptions::for_stream`].
    ///
    /// # Errors
    ///
    /// [`Error::Write`] if the writer fails.
    pub fn write_text(
        &self,
        mut writer: impl io::Write,
        options: TextOptions,
    ) -> Result<(), Error> {
        let text = self.to_text_with(options);
        let written = writer.write_all(text.as_bytes()).and_then(|()| writer.flush());
        written.map_err(|source| Error::Write { source })
    }

    /// The flame graph: every call path below its caller, with a bar as long as its share of the
    /// time in profiled code, solid for its own part and shaded for what is below; the longest
    /// first, small ones and deep recursion folded. No line is wider than `width` columns; below 20
    /// counts as 20.
    #[must_use]
    pub fn flame_graph_text(&self, width: usize) -> String {
        self.flame_graph_text_with(TextOptions::new().width(width))
    }

    /// [`flame_graph_text`](Self::flame_graph_text) with a width and colours.
    #[must_use]
    pub fn flame_graph_text_with(&self, options: TextOptions) -> String {
        flame::render(self, options)
    }

    /// The latest `limit` calls of the log on a time scale, a lane per thread, nested calls below
    /// their callers, in [`TextOptions::DEFAULT_WIDTH`] columns. Calls too short for a bar show as
    /// how full of them each column is; the deepest rows of a lane are folded into one.
    #[must_use]
    pub fn timeline_text(&self, limit: usize) -> String {
        self.timeline_text_with(limit, TextOptions::new())
    }

    /// [`timeline_text`](Self::timeline_text) with a width and colours.
    #[must_use]
    pub fn timeline_text_with(&self, limit: usize, options: TextOptions) -> String {
        timeline::render(self, limit, options)
    }
}

fn lines_to_text(lines: &[Line], options: TextOptions) -> String {
    let mut text = String::new();
    for line in lines {
        if options.is_painted() {
            line.paint(&mut text);
        } else {
            text.push_str(&line.plain());
        }
        text.push('\n');
    }
    text
}

/// Breaks a text between words into lines of at most `columns`, but not between a number
/// and its unit; a longer word is cut.
fn wrap(text: &str, columns: usize) -> Vec<Line> {
    wrap_styled(&[(Style::Plain, text)], columns)
}

/// [`wrap`] for texts of different styles, with a space between two of them.
fn wrap_styled(texts: &[(Style, &str)], columns: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let words = texts.iter().flat_map(|(style, text)| text.split(' ').map(|word| (*style, word)));
    let mut words = words.filter(|(_, word)| !word.is_empty()).peekable();
    while let Some((style, word)) = words.next() {
        let is_unit = |word: &str| quantity::is_unit(word.trim_end_matches([',', ';', ')']));
        let unit = words.next_if(|(_, next)| is_unit(next));
        let word = unit.map_or_else(|| word.to_owned(), |(_, unit)| format!("{word} {unit}"));
        let word = label::clip(&word, columns);
        match lines.last_mut() {
            Some(line) if line.width() + 1 + label::width(&word) <= columns => {
                // A space within a text has its style, for fewer escape sequences.
                let is_same = line.ends_in(style);
                line.push(if is_same { style } else { Style::Plain }, " ");
                line.push(style, word);
            }
            _ => lines.push(Line::of(style, word)),
        }
    }
    lines
}

/// What is left of a coloured text on a terminal without colours.
#[cfg(test)]
pub(crate) fn without_colors(text: &str) -> String {
    let mut pieces = text.split('\x1b');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').map_or(piece, |(_, rest)| rest))
}

#[cfg(test)]
mod tests;
