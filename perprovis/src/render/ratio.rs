//! Changes for people.

/// A ratio as a change: `+5.2%`, `-3.0%`, `×12.0`; `=` for none at all, `?` for what is unknown.
pub(crate) fn change(ratio: f64) -> String {
    match ratio {
        1.0 => "=".to_owned(),
        ratio if !ratio.is_finite() => "?".to_owned(),
        ratio if ratio >= 1e4 => format!("×{ratio:.1e}"),
        ratio if ratio >= 100.0 => format!("×{ratio:.0}"),
        ratio if ratio >= 3.0 => format!("×{ratio:.1}"),
        ratio => percent(ratio),
    }
}

/// The ends of an interval: `+3.9% to +6.1%`, `above -20.0%` if only one is known.
pub(crate) fn interval(low: f64, high: f64) -> String {
    match (low > 0.0, high.is_finite()) {
        (true, true) if low == high => change(low),
        (true, true) => format!("{} to {}", end(low), end(high)),
        (true, false) => format!("above {}", end(low)),
        (false, true) => format!("below {}", end(high)),
        (false, false) => "?".to_owned(),
    }
}

fn end(ratio: f64) -> String {
    if ratio < 3.0 { percent(ratio) } else { change(ratio) }
}

fn percent(ratio: f64) -> String {
    let percent = (ratio - 1.0) * 100.0;
    if percent.abs() < 0.05 { "0.0%".to_owned() } else { format!("{percent:+.1}%") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_percent_until_they_are_many_times() {
        for (ratio, text) in [
            (1.0, "="),
            (1.000_01, "0.0%"),
            (1.052, "+5.2%"),
            (0.97, "-3.0%"),
            (2.5, "+150.0%"),
            (12.0, "×12.0"),
            (1234.4, "×1234"),
            (1e9, "×1.0e9"),
            (f64::INFINITY, "?"),
        ] {
            assert_eq!(change(ratio), text);
        }
    }

    #[test]
    fn intervals_say_what_is_not_known() {
        assert_eq!(interval(1.039, 1.061), "+3.9% to +6.1%");
        assert_eq!(interval(1.0, 1.0), "=");
        assert_eq!(interval(0.0, f64::INFINITY), "?");
        assert_eq!(interval(0.8, f64::INFINITY), "above -20.0%");
        assert_eq!(interval(0.0, 4.0), "below ×4.0");
    }
}
