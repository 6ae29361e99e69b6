//! Times and counts for the reader's own output, as the report writes them.

use std::fmt::{self, Alignment, Write as _};
use std::time::Duration;

use super::quantity;

/// A time as reports show it: three significant digits and the unit that fits.
///
/// `{:>10}` and the like pad it; a precision is ignored.
///
/// ```
/// use std::time::Duration;
///
/// use perprovis::HumanTime;
///
/// assert_eq!(HumanTime::from(Duration::from_micros(2634)).to_string(), "2.63 ms");
/// assert_eq!(HumanTime::from_nanos(13.84).to_string(), "13.8 ns");
/// assert_eq!(format!("{:>9}|", HumanTime::from_nanos(5e9)), "   5.00 s|");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct HumanTime {
    nanos: f64,
}

impl HumanTime {
    /// So many nanoseconds, parts of one too; what is no time at all shows as `0 ns`.
    #[must_use]
    pub const fn from_nanos(nanos: f64) -> HumanTime {
        HumanTime { nanos }
    }
}

impl From<Duration> for HumanTime {
    fn from(time: Duration) -> HumanTime {
        HumanTime::from_nanos(time.as_secs_f64() * 1e9)
    }
}

impl fmt::Display for HumanTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        pad(f, &quantity::time(self.nanos))
    }
}

/// A count as reports show it: in full, in groups of three digits.
///
/// `{:>10}` and the like pad it; a precision is ignored.
///
/// ```
/// assert_eq!(perprovis::HumanCount(1_234_567).to_string(), "1,234,567");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HumanCount(
    /// The count.
    pub u64,
);

impl fmt::Display for HumanCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        pad(f, &quantity::count(self.0))
    }
}

/// Not [`fmt::Formatter::pad`], which would cut the text at a precision; and numbers stand right.
fn pad(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let gap = f.width().unwrap_or(0).saturating_sub(text.chars().count());
    let before = match f.align() {
        Some(Alignment::Left) => 0,
        Some(Alignment::Center) => gap / 2,
        Some(Alignment::Right) | None => gap,
    };
    let fill = f.fill();
    (0..before).try_for_each(|_| f.write_char(fill))?;
    f.write_str(text)?;
    (before..gap).try_for_each(|_| f.write_char(fill))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_obeyed_and_nothing_is_cut() {
        let time = HumanTime::from(Duration::from_millis(2));
        assert_eq!(
            format!("{time:9}|{time:<9}|{time:*^9.1}|{time:3}"),
            "  2.00 ms|2.00 ms  |*2.00 ms*|2.00 ms"
        );
        assert_eq!(format!("{:>7}", HumanCount(1000)), "  1,000");
        assert_eq!(HumanTime::from_nanos(f64::NAN).to_string(), "0 ns");
        assert_eq!(HumanTime::from(Duration::MAX).to_string(), "2.14e14 d");
    }
}
