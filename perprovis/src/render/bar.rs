//! Bars with a precision of an eighth of a column.

use super::line::Line;
use super::style::Style;

/// The eighths of a column, filled from the left.
const FROM_LEFT: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
/// The eighths of a column, filled from below; all of them together.
pub(crate) const FROM_BELOW: &str = "▁▂▃▄▅▆▇█";
/// The part of a bar that is not its own.
pub(crate) const SHADE: &str = "░";

/// A bar of `share` (in 0..=1) of `columns`, without padding. What is more than nothing shows.
pub(crate) fn bar(share: f64, columns: usize) -> String {
    let whole = columns * 8;
    let eighths = (share.clamp(0.0, 1.0) * whole as f64).round() as usize;
    let eighths = if share > 0.0 { eighths.clamp(1, whole.max(1)) } else { 0 };
    if columns == 0 {
        return String::new();
    }
    let mut text = "█".repeat(eighths / 8);
    text.push_str(FROM_LEFT[eighths % 8]);
    text
}

/// A bar of `share` of `columns`, solid as far as `own`, which makes it warm, and shaded from there.
pub(crate) fn split_bar(own: f64, share: f64, columns: usize) -> Line {
    let heat = Style::heat(own);
    let solid = bar(own.min(share), columns);
    // There is no shade narrower than a column: then the length matters more than what is whose.
    let whole = (share.clamp(0.0, 1.0) * columns as f64).round() as usize;
    match whole.saturating_sub(solid.chars().count()) {
        0 => Line::of(heat, bar(share, columns)),
        shaded => Line::of(heat, solid).with(Style::Faint, SHADE.repeat(shaded)),
    }
}

/// A column filled from below by `share`, at least by an eighth.
pub(crate) fn level(share: f64) -> char {
    let eighths = (share.clamp(0.0, 1.0) * 8.0).round() as usize;
    FROM_BELOW.chars().nth(eighths.saturating_sub(1)).unwrap_or('█')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_a_precision_of_an_eighth() {
        assert_eq!(bar(1.0, 3), "███");
        assert_eq!(bar(0.5, 3), "█▌");
        assert_eq!(bar(1e-9, 3), "▏");
        assert_eq!(bar(0.0, 3), "");
        assert_eq!(bar(7.0, 2), "██");
        assert_eq!(bar(f64::NAN, 2), "");
        assert_eq!(bar(1.0, 0), "");
    }

    #[test]
    fn split_bars_are_as_long_as_the_whole() {
        let plain = |own, share, columns| split_bar(own, share, columns).plain();
        assert_eq!(plain(0.25, 1.0, 4), "█░░░");
        assert_eq!(plain(0.01, 1.0, 4), "▏░░░");
        assert_eq!(plain(0.0, 0.5, 4), "░░");
        assert_eq!(plain(1.0, 1.0, 2), "██");
        assert_eq!(plain(0.0, 0.01, 4), "▏");
        assert_eq!(plain(0.01, 0.2, 4), "▊", "no shorter than what is below");
        assert_eq!(plain(0.5, 0.25, 4), "█", "never longer than the whole");
        assert_eq!(plain(0.0, 0.0, 4), "");
        assert_eq!(plain(0.5, 1.0, 0), "");
    }

    #[test]
    fn levels_show_what_is_more_than_nothing() {
        assert_eq!([0.0, 1e-9, 0.5, 0.93, 1.0, 9.0].map(level), ['▁', '▁', '▄', '▇', '█', '█']);
        assert_eq!(level(f64::NAN), '▁');
    }
}
