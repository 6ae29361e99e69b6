//! What a terminal and the environment say about text: the only place that asks them.

use super::{ColorChoice, TextOptions};

/// What the environment wants, whether the stream is a terminal or not.
#[derive(Clone, Copy, Debug, Default)]
struct Environment {
    no_color: bool,
    force: bool,
    clicolor: Option<bool>,
    has_colors: bool, // by the terminal's name
}

impl Environment {
    fn read() -> Environment {
        Environment {
            no_color: anstyle_query::no_color(),
            force: anstyle_query::clicolor_force(),
            clicolor: anstyle_query::clicolor(),
            has_colors: anstyle_query::term_supports_color(),
        }
    }

    /// See <https://no-color.org> and <https://bixense.com/clicolors>.
    fn wants_color(self, is_terminal: bool) -> bool {
        match self {
            Environment { no_color: true, .. } => false,
            Environment { force: true, .. } => true,
            Environment { clicolor: Some(false), .. } => false,
            Environment { clicolor, has_colors, .. } => {
                is_terminal && (has_colors || clicolor.is_some())
            }
        }
    }
}

/// Settles what `options` leave open, for a stream that is a terminal or not.
pub(super) fn settle(mut options: TextOptions, is_terminal: bool) -> TextOptions {
    if options.leaves_color_open() {
        let wanted = Environment::read().wants_color(is_terminal);
        options = options.color(if wanted { ColorChoice::Always } else { ColorChoice::Never });
    }
    if is_terminal {
        if options.leaves_width_open()
            && let Some((width, _)) = terminal_size::terminal_size()
        {
            options = options.width(usize::from(width.0));
        }
        // An old console of Windows shows escape sequences as text unless told otherwise.
        if options.is_painted() && anstyle_query::windows::enable_ansi_colors() == Some(false) {
            options = options.color(ColorChoice::Never);
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_comes_before_the_terminal() {
        let plain = Environment { has_colors: true, ..Environment::default() };
        assert!(plain.wants_color(true), "a terminal");
        assert!(!plain.wants_color(false), "a file");
        let no_color = Environment { no_color: true, force: true, ..plain };
        assert!(!no_color.wants_color(true), "NO_COLOR before CLICOLOR_FORCE");
        let forced = Environment { force: true, clicolor: Some(false), ..Environment::default() };
        assert!(forced.wants_color(false), "CLICOLOR_FORCE, into a file");
        let off = Environment { clicolor: Some(false), ..plain };
        assert!(!off.wants_color(true), "CLICOLOR=0");
        let dumb = Environment { has_colors: false, ..plain };
        assert!(!dumb.wants_color(true), "TERM=dumb");
        let on = Environment { clicolor: Some(true), ..dumb };
        assert!(on.wants_color(true) && !on.wants_color(false), "CLICOLOR=1 on TERM=dumb");
    }

    #[test]
    fn what_is_settled_stays() {
        let options = TextOptions::new().width(47).color(ColorChoice::Always);
        assert_eq!(settle(options, true), options);
        assert_eq!(settle(options.color(ColorChoice::Never), false).columns(), 47);
        assert_eq!(settle(TextOptions::new(), false).columns(), TextOptions::DEFAULT_WIDTH);
    }
}
