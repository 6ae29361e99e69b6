//! How text stands out on a terminal.
//!
//! Of the sixteen colours that every terminal has, only red and magenta can be read on black and on
//! white alike (in xterm's palette the others have a contrast below 3:1 on one of them). So heat is
//! these two, bold and faint; and blocks of colour bring their own letters.

use std::fmt::Write as _;

/// What a piece of text looks like, if colours are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Style {
    /// As the terminal writes.
    #[default]
    Plain,
    /// Headings.
    Strong,
    /// What only leads the eye: rules, guides, empty cells.
    Faint,
    /// A noticeable part.
    Warm,
    /// Most of it; also what went wrong.
    Hot,
    /// A block of one of [`BLOCKS`] colours, for what is told apart from its neighbours.
    Block(usize),
}

/// Colours of blocks: background and letters, whose contrast is at least 4:1.
const BLOCKS: [&str; 5] = ["30;46", "30;42", "97;44", "30;43", "97;45"];

/// From this share on a part is no longer faint, is warm, is hot.
const WARMTH: [f64; 3] = [0.01, 0.1, 0.3];

impl Style {
    /// The style of a share of the whole, in 0..=1.
    pub(crate) fn heat(share: f64) -> Style {
        let styles = [Style::Faint, Style::Plain, Style::Warm, Style::Hot];
        styles[WARMTH.iter().filter(|from| share >= **from).count()]
    }

    /// The style of the `index`th of many things.
    pub(crate) fn block(index: usize) -> Style {
        Style::Block(index % BLOCKS.len())
    }

    /// The parameters of its SGR sequence (ECMA-48, *Control Functions for Coded Character Sets*,
    /// 8.3.117).
    fn parameters(self) -> &'static str {
        match self {
            Style::Plain => "",
            Style::Strong => "1",
            Style::Faint => "2",
            Style::Warm => "35",
            Style::Hot => "1;31",
            Style::Block(index) => BLOCKS[index % BLOCKS.len()],
        }
    }

    /// Adds `text` in this style to `out`.
    pub(crate) fn paint(self, text: &str, out: &mut String) {
        if self == Style::Plain || text.is_empty() {
            out.push_str(text);
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "\x1b[{}m{text}\x1b[0m", self.parameters());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heat_rises_with_the_share() {
        let shares = [0.0, 0.0099, 0.01, 0.0999, 0.1, 0.2999, 0.3, 1.0, f64::NAN];
        use Style::{Faint, Hot, Plain, Warm};
        let expected = [Faint, Faint, Plain, Plain, Warm, Warm, Hot, Hot, Faint];
        assert_eq!(shares.map(Style::heat), expected);
    }

    #[test]
    fn a_painted_piece_leaves_the_terminal_as_it_was() {
        let mut out = String::new();
        Style::Plain.paint("a", &mut out);
        Style::Hot.paint("b", &mut out);
        Style::Faint.paint("", &mut out);
        Style::block(6).paint("c", &mut out);
        assert_eq!(out, "a\x1b[1;31mb\x1b[0m\x1b[30;42mc\x1b[0m");
    }
}
