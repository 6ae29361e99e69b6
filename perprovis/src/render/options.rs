//! How text is laid out, and what the stream it goes to decides about that.

use std::io::IsTerminal;

use crate::report::SortBy;

use super::MIN_WIDTH;

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
    pub(super) top: usize,
    pub(super) sort: SortBy,
    width: Option<usize>, // at least MIN_WIDTH
    color: ColorChoice,
}

/// Whether text has colours: escape sequences that terminals understand, of the sixteen colours that
/// all of them have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColorChoice {
    /// As the stream and the environment decide, see [`TextOptions::for_stream`]. Text that goes to no
    /// known stream, such as every `String`, has none.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl TextOptions {
    /// The number of functions shown unless told otherwise.
    pub const DEFAULT_TOP: usize = 20;
    /// The width in columns unless told otherwise.
    pub const DEFAULT_WIDTH: usize = 100;

    /// [`DEFAULT_TOP`](Self::DEFAULT_TOP) functions by total time, [`DEFAULT_WIDTH`](Self::DEFAULT_WIDTH),
    /// [`ColorChoice::Auto`].
    #[must_use]
    pub const fn new() -> TextOptions {
        TextOptions {
            top: TextOptions::DEFAULT_TOP,
            sort: SortBy::TotalTime,
            width: None,
            color: ColorChoice::Auto,
        }
    }

    /// At most this many functions.
    #[must_use]
    pub const fn top(self, functions: usize) -> TextOptions {
        TextOptions { top: functions, ..self }
    }

    /// The functions that come first by this; by total time unless told otherwise.
    #[must_use]
    pub const fn sort(self, sort: SortBy) -> TextOptions {
        TextOptions { sort, ..self }
    }

    /// No line wider than this many columns; below 20 counts as 20.
    #[must_use]
    pub const fn width(self, columns: usize) -> TextOptions {
        let width = if columns < MIN_WIDTH { MIN_WIDTH } else { columns };
        TextOptions { width: Some(width), ..self }
    }

    /// Whether it has colours.
    #[must_use]
    pub const fn color(self, color: ColorChoice) -> TextOptions {
        TextOptions { color, ..self }
    }

    /// The same for text that goes to `stream`, with everything settled that was not: colours if it is
    /// a terminal that has them, and the terminal's width.
    ///
    /// Obeys the environment: `NO_COLOR` (any text) means no colours, `CLICOLOR_FORCE` (other than `0`)
    /// colours for whatever stream, `CLICOLOR=0` or `TERM=dumb` none, in this order. Without the feature
    /// `terminal` it knows of no terminal and no environment, so nothing changes.
    ///
    /// ```
    /// use std::io;
    ///
    /// use perprovis::{Report, TextOptions};
    ///
    /// let options = TextOptions::new().for_stream(&io::stderr());
    /// eprint!("{}", Report::default().flame_graph_text_with(options));
    /// ```
    #[must_use]
    pub fn for_stream(self, stream: &impl IsTerminal) -> TextOptions {
        #[cfg(feature = "terminal")]
        return super::terminal::settle(self, stream.is_terminal());
        #[cfg(not(feature = "terminal"))]
        {
            let _ = stream;
            self
        }
    }

    /// The width in columns.
    pub(super) fn columns(self) -> usize {
        self.width.unwrap_or(TextOptions::DEFAULT_WIDTH)
    }

    /// Whether there are colours.
    pub(super) fn is_painted(self) -> bool {
        self.color == ColorChoice::Always
    }

    /// Whether the stream has a say about colours.
    #[cfg(feature = "terminal")]
    pub(super) fn leaves_color_open(self) -> bool {
        self.color == ColorChoice::Auto
    }

    /// Whether the stream has a say about the width.
    #[cfg(feature = "terminal")]
    pub(super) fn leaves_width_open(self) -> bool {
        self.width.is_none()
    }
}

impl Default for TextOptions {
    fn default() -> TextOptions {
        TextOptions::new()
    }
}
