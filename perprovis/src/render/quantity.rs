//! Quantities for people: three significant digits and the unit that fits.

/// Nanoseconds per unit, the name, and below how many of it the unit is used.
const UNITS: [(f64, &str, f64); 7] = [
    (1.0, "ns", 1e3),
    (1e3, "µs", 1e3),
    (1e6, "ms", 1e3),
    (1e9, "s", 120.0),
    (60e9, "min", 120.0),
    (3600e9, "h", 48.0),
    (86400e9, "d", f64::INFINITY),
];

/// A time, as in `14.2 ns`, `3.10 ms`, `2.05 min`.
pub(crate) fn time(nanos: f64) -> String {
    if nanos.is_nan() || nanos < 0.0005 {
        return "0 ns".to_owned();
    }
    // What would be rounded up to the limit of its unit belongs to the next one.
    let fits = |&&(length, _, limit): &&(f64, &str, f64)| nanos / length < limit * 0.9995;
    let (length, unit, _) = UNITS.iter().find(fits).unwrap_or(&UNITS[6]);
    format!("{} {unit}", three_digits(nanos / length))
}

/// Whether a word is the unit of a time.
pub(crate) fn is_unit(word: &str) -> bool {
    UNITS.iter().any(|&(_, unit, _)| unit == word)
}

/// A count in full, as in `1,234,567`.
pub(crate) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count in at most five columns, as in `9,999`, `12.3k`, `1.23M`.
pub(crate) fn short_count(number: u64) -> String {
    const PREFIXES: [(f64, char); 6] =
        [(1e3, 'k'), (1e6, 'M'), (1e9, 'G'), (1e12, 'T'), (1e15, 'P'), (1e18, 'E')];
    if number < 10_000 {
        return count(number);
    }
    let number = number as f64;
    let fits = |&&(size, _): &&(f64, char)| number / size < 999.5;
    let (size, prefix) = PREFIXES.iter().find(fits).unwrap_or(&PREFIXES[5]);
    format!("{}{prefix}", three_digits(number / size))
}

/// A count and what is counted, as in `1 call`, `12 calls`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A share of one in at most six columns, as in `55.2%`; `<0.1%` for what is more than nothing.
pub(crate) fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent > 0.0 && percent < 0.05 => "<0.1%".to_owned(),
        percent => format!("{percent:.1}%"),
    }
}

/// A number with three significant digits.
fn three_digits(number: f64) -> String {
    if number >= 99_999.5 {
        return format!("{number:.2e}");
    }
    let decimals = match number {
        n if n >= 99.95 => 0,
        n if n >= 9.995 => 1,
        n if n >= 0.9995 => 2,
        _ => 3,
    };
    format!("{number:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_fitting_unit() {
        for (nanos, text) in [
            (0.0, "0 ns"),
            (-1.0, "0 ns"),
            (f64::NAN, "0 ns"),
            (0.4166, "0.417 ns"),
            (1.0, "1.00 ns"),
            (13.84, "13.8 ns"),
            (99.96, "100 ns"),
            (999.4, "999 ns"),
            (999.6, "1.00 µs"),
            (3_100_000.0, "3.10 ms"),
            (999_600_000.0, "1.00 s"),
            (119e9, "119 s"),
            (123e9, "2.05 min"),
            (7200e9, "2.00 h"),
            (86400e9 * 400.0, "400 d"),
        ] {
            assert_eq!(time(nanos), text);
        }
    }

    #[test]
    fn counts_have_separators_and_a_short_form() {
        for (number, long, short) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (9_999, "9,999", "9,999"),
            (10_000, "10,000", "10.0k"),
            (1_234_567, "1,234,567", "1.23M"),
            (999_999, "999,999", "1.00M"),
            (u64::MAX, "18,446,744,073,709,551,615", "18.4E"),
        ] {
            assert_eq!(count(number), long);
            assert_eq!(short_count(number), short);
        }
    }

    #[test]
    fn shares_keep_what_is_more_than_nothing() {
        assert_eq!(percent(0.0), "0.0%");
        assert_eq!(percent(0.0001), "<0.1%");
        assert_eq!(percent(0.5523), "55.2%");
        assert_eq!(percent(1.0), "100.0%");
    }
}
