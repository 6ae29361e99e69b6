//! Times as people write them: `500ms`, `10s`, `2m`, `1h`.

use std::time::Duration;

/// The forms that are understood.
pub(super) const FORMS: &str = "a time such as 500ms, 10s, 2m or 1h";

/// Units and their milliseconds; one that ends another comes behind it.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// A time above zero; `None` if `text` is none.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let unit = UNITS.iter().find_map(|(unit, millis)| Some((text.strip_suffix(unit)?, millis)));
    let (number, &millis) = unit?;
    let number = number.trim_end();
    let digits = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    let number: u64 = digits.then(|| number.parse().ok())??;
    let millis = number.checked_mul(millis).filter(|&millis| millis > 0)?;
    Some(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_with_a_unit_are_times() {
        for (text, millis) in [
            ("500ms", Some(500)),
            ("10s", Some(10_000)),
            ("10 s", Some(10_000)),
            ("2m", Some(120_000)),
            ("1h", Some(3_600_000)),
            ("", None),
            ("10", None),
            ("s", None),
            ("0s", None),
            ("-1s", None),
            ("+1s", None),
            ("1.5s", None),
            ("10x", None),
            ("18446744073709551615h", None),
        ] {
            assert_eq!(parse(text), millis.map(Duration::from_millis), "{text}");
        }
    }
}
