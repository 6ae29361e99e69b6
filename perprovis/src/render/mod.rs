//! Report to text for people.
//!
//! No line is wider than asked for, whatever the names and numbers; widths are display columns.

mod bar;
mod flame;
mod human;
mod label;
mod notes;
mod quantity;
mod table;
mod text;
mod timeline;
mod tree;

pub use human::{HumanCount, HumanTime};

use std::fmt;
use std::io;

use crate::Error;
use crate::report::Report;

/// The smallest width that is obeyed.
const MIN_WIDTH: usize = 20;
/// What an empty report says.
const EMPTY: &str = "Nothing was recorded. Put #[profile] on a function and call it before taking \
    the report; check that the profiler is enabled and the feature `enable` is on.";

/// How a report is written as text.
///
/// # Examples
///
/// ```
/// use perprovis::{Report, TextOptions};
///
/// let text = Report::default().to_text_with(TextOptions::new().top(5).width(80));
/// assert!(text.lines().all(|line| line.len() <= 80));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    top: usize,
    width: usize, // at least MIN_WIDTH
}

impl TextOptions {
    /// The number of functions shown unless told otherwise.
    pub const DEFAULT_TOP: usize = 20;
    /// The width in columns unless told otherwise.
    pub const DEFAULT_WIDTH: usize = 100;

    /// [`DEFAULT_TOP`](Self::DEFAULT_TOP) functions, [`DEFAULT_WIDTH`](Self::DEFAULT_WIDTH).
    #[must_use]
    pub const fn new() -> TextOptions {
        TextOptions { top: TextOptions::DEFAULT_TOP, width: TextOptions::DEFAULT_WIDTH }
    }

    /// At most this many functions.
    #[must_use]
    pub const fn top(self, functions: usize) -> TextOptions {
        TextOptions { top: functions, ..self }
    }

    /// No line wider than this many columns; below 20 counts as 20.
    #[must_use]
    pub const fn width(self, columns: usize) -> TextOptions {
        let width = if columns < MIN_WIDTH { MIN_WIDTH } else { columns };
        TextOptions { width, ..self }
    }
}

impl Default for TextOptions {
    fn default() -> TextOptions {
        TextOptions::new()
    }
}

/// The text report with [`TextOptions::new`]; `{:.5}` shows five functions, `{:80}` takes 80
/// columns. Meant for `println!`: no line break at the end, unlike [`Report::to_text`].
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut options = TextOptions::new();
        options.top = f.precision().unwrap_or(options.top);
        options = options.width(f.width().unwrap_or(options.width));
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

    /// The text report.
    #[must_use]
    pub fn to_text_with(&self, options: TextOptions) -> String {
        text::render(self, options)
    }

    /// Writes the text report.
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
        flame::render(self, width)
    }

    /// The latest `limit` calls of the log on a time scale, a lane per thread, nested calls below
    /// their callers, in [`TextOptions::DEFAULT_WIDTH`] columns. Calls too short for a bar show as
    /// how full of them each column is; the deepest rows of a lane are folded into one.
    #[must_use]
    pub fn timeline_text(&self, limit: usize) -> String {
        timeline::render(self, limit, TextOptions::DEFAULT_WIDTH)
    }

    /// [`timeline_text`](Self::timeline_text) in `width` columns; below 20 counts as 20.
    #[must_use]
    pub fn timeline_text_width(&self, limit: usize, width: usize) -> String {
        timeline::render(self, limit, width)
    }
}

fn lines_to_text(lines: &[String]) -> String {
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

/// Breaks a text between words into lines of at most `columns`, but not between a number
/// and its unit; a longer word is cut.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        let unit = words.next_if(|next| quantity::is_unit(next.trim_end_matches([',', ';', ')'])));
        let word = unit.map_or_else(|| word.to_owned(), |unit| format!("{word} {unit}"));
        let word = label::clip(&word, columns);
        match lines.last_mut() {
            Some(line) if label::width(line) + 1 + label::width(&word) <= columns => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests;
