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

/// Appends a cell as RFC 4180 has it: in quotation marks if it needs them. For rows by the million, which
/// the crate `csv` writes in three times the time; the others are left to it.
pub(super) fn push(row: &mut Vec<u8>, cell: &str) {
    if !cell.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        row.extend_from_slice(cell.as_bytes());
        return;
    }
    row.push(b'"');
    for (index, part) in cell.split('"').enumerate() {
        if index > 0 {
            row.extend_from_slice(b"\"\"");
        }
        row.extend_from_slice(part.as_bytes());
    }
    row.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn cells_are_quoted_as_by_the_crate_csv(cells in proptest::collection::vec("[a,;'\"\r\n 漢]{0,6}", 2..5)) {
            let mut row = Vec::new();
            for (index, cell) in cells.iter().enumerate() {
                if index > 0 {
                    row.push(b',');
                }
                push(&mut row, cell);
            }
            row.push(b'\n');
            let mut expected = csv::Writer::from_writer(Vec::new());
            expected.write_record(&cells).unwrap();
            proptest::prop_assert_eq!(row, expected.into_inner().unwrap());
        }
    }

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
