//! Names in cells of a table.

use std::fmt::Write as _;

use super::super::folded::visible;

/// Characters of a name that are shown; of a longer one the middle is left out. A comment on GitHub
/// holds 65,536 in all.
const MAX_CHARS: usize = 100;

/// `name` as code in a cell, whatever it says.
///
/// Usually a code span. It has no escapes of its own, and in a table a `|` or `\` in it means
/// something depending on what stands beside it; so a name with one of these, or with a backtick, is an
/// HTML element with character references instead, which is the same to look at.
pub(in crate::export) fn name(name: &str) -> String {
    let shown = visible(name);
    let shown = match clip(&shown) {
        Some(clipped) => clipped,
        None if shown.is_empty() => "\"\"".to_owned(),
        None => shown.into_owned(),
    };
    let is_trimmed = shown.starts_with(' ') || shown.ends_with(' ');
    if is_trimmed || shown.contains(['`', '|', '\\']) {
        element(&shown)
    } else {
        format!("`{shown}`")
    }
}

fn clip(name: &str) -> Option<String> {
    let length = name.chars().count();
    (length > MAX_CHARS).then(|| {
        // More of the end than of the beginning: it tells more.
        let head = MAX_CHARS / 3;
        let tail = length - (MAX_CHARS - head - 1);
        name.chars().take(head).chain(['…']).chain(name.chars().skip(tail)).collect()
    })
}

fn element(text: &str) -> String {
    let mut html = "<code>".to_owned();
    for character in text.chars() {
        if character.is_alphanumeric() || !character.is_ascii() {
            html.push(character);
        } else {
            let _ = write!(html, "&#{};", u32::from(character)); // a `String` takes all
        }
    }
    html + "</code>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_code_and_nothing_else() {
        for (text, cell) in [
            ("shop::Pool<_>::query", "`shop::Pool<_>::query`"),
            ("<script>alert(1)</script>", "`<script>alert(1)</script>`"),
            ("two words", "`two words`"),
            ("", "`\"\"`"),
            ("a|b", "<code>a&#124;b</code>"),
            ("`", "<code>&#96;</code>"),
            ("a\\|b", "<code>a&#92;&#124;b</code>"),
            ("a\n# b", "<code>a&#92;n&#35;&#32;b</code>"),
            (" a", "<code>&#32;a</code>"),
            ("\u{202e}x", "<code>&#92;u&#123;202e&#125;x</code>"),
        ] {
            assert_eq!(name(text), cell);
        }
    }

    #[test]
    fn long_names_keep_both_ends() {
        let long = format!("first{}last", "::middle".repeat(1000));
        let cell = name(&long);
        assert_eq!(cell.chars().count(), MAX_CHARS + 2);
        assert!(
            cell.starts_with("`first::") && cell.ends_with("::middlelast`") && cell.contains('…')
        );
    }
}
