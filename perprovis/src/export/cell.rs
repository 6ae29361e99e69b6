//! Texts in cells of a CSV file.

use std::borrow::Cow;

/// What spreadsheets take for the beginning of a formula, or skip in search of one.
const BEGINS_FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// What makes a spreadsheet take a cell for text.
const MARK: char = '\'';

/// `text` as a cell that no spreadsheet computes: behind an apostrophe if it might.
///
/// A name can come from a request or from another's file, and a formula can send the sheet's content
/// away (OWASP, *CSV Injection*, <https://owasp.org/www-community/attacks/CSV_Injection>). A text that
/// begins with an apostrophe of its own gets a second one, so whoever takes one away has the text.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    let is_marked = text.starts_with(BEGINS_FORMULA) || text.starts_with(MARK);
    if is_marked { Cow::Owned(format!("{MARK}{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_might_be_a_formula_stands_behind_an_apostrophe_that_can_be_taken_away() {
        for name in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'quoted"] {
            assert_eq!(text(name), format!("'{name}"));
            assert_eq!(text(name).strip_prefix('\''), Some(name));
        }
        for name in ["", "main", "<A as B>::c", "a=b", " =1", "漢"] {
            assert!(matches!(text(name), Cow::Borrowed(same) if same == name));
        }
    }
}
