//! Statistics of one function: what is counted, how two sets are merged, mean and deviation.

use crate::histogram::Histogram;
use crate::units::Ticks;

/// Everything counted about the calls of a function, as plain data in ticks.
///
/// Merging is exact in every field, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Completed calls, those that unwound included.
    pub count: u64,
    /// Calls that unwound.
    pub panicked: u64,
    /// Calls of an async function dropped after their first poll and before completion. They are
    /// in no other field.
    pub cancelled: u64,
    /// Polls of the completed calls of an async function.
    pub polls: u64,
    /// Time of all calls added up, recursive ones included: `sum / count` is the mean.
    pub sum: Ticks,
    /// Time of the calls that had no call of the same function above them on their stack.
    pub total: Ticks,
    /// Time in the function itself, without profiled callees; for async functions without the
    /// time between polls.
    pub self_time: Ticks,
    /// Time inside polls of the completed calls of an async function; as in `total`, without calls
    /// inside another call of the function.
    pub busy: Ticks,
    /// Time between the polls of the same calls: `busy + idle = total`.
    pub idle: Ticks,
    /// The shortest call; zero if there was none.
    pub min: Ticks,
    /// The longest call.
    pub max: Ticks,
    /// Sum of the squared durations in ticks, for the exact deviation.
    pub squares: u128,
    /// Distribution of the durations: as many values as `count`.
    pub histogram: Histogram,
}

impl Statistics {
    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Statistics) {
        self.min = match (self.count, other.count) {
            (_, 0) => self.min,
            (0, _) => other.min,
            _ => self.min.min(other.min),
        };
        self.max = self.max.max(other.max);
        self.count = self.count.saturating_add(other.count);
        self.panicked = self.panicked.saturating_add(other.panicked);
        self.cancelled = self.cancelled.saturating_add(other.cancelled);
        self.polls = self.polls.saturating_add(other.polls);
        self.sum += other.sum;
        self.total += other.total;
        self.self_time += other.self_time;
        self.busy += other.busy;
        self.idle += other.idle;
        self.squares = self.squares.saturating_add(other.squares);
        self.histogram.merge(&other.histogram);
    }

    /// The mean duration in ticks, zero without calls.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum.0 as f64 / self.count as f64 }
    }

    /// The population standard deviation in ticks, zero without calls.
    ///
    /// `sqrt((n * sum(x^2) - sum(x)^2)) / n`, where the difference, in which floating point would
    /// lose everything when the deviation is small beside the mean, is taken in 192-bit integers.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        let (high, low) = widening_mul(self.squares, self.count);
        let square_of_sum = u128::from(self.sum.0) * u128::from(self.sum.0);
        let (low, borrow) = low.overflowing_sub(square_of_sum);
        // By Cauchy and Schwarz the difference is never negative; a file could still claim so.
        let Some(high) = high.checked_sub(u64::from(borrow)) else { return 0.0 };
        let difference = high as f64 * 2f64.powi(128) + low as f64;
        difference.sqrt() / self.count as f64
    }
}

/// `left * right` as high 64 and low 128 bits.
fn widening_mul(left: u128, right: u64) -> (u64, u128) {
    let right = u128::from(right);
    let low = (left & u128::from(u64::MAX)) * right;
    let high = (left >> 64) * right + (low >> 64);
    ((high >> 64) as u64, (high << 64) | (low & u128::from(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(durations: &[u64]) -> Statistics {
        let mut statistics = Statistics::default();
        for &ticks in durations {
            let mut histogram = Histogram::default();
            histogram.record(Ticks(ticks));
            statistics.merge(&Statistics {
                count: 1,
                sum: Ticks(ticks),
                total: Ticks(ticks),
                self_time: Ticks(ticks),
                min: Ticks(ticks),
                max: Ticks(ticks),
                squares: u128::from(ticks) * u128::from(ticks),
                histogram,
                ..Statistics::default()
            });
        }
        statistics
    }

    #[test]
    fn deviation_of_one_beside_a_mean_of_a_billion_is_exact() {
        let calls = 1_000_000u64;
        let (below, above) = (1_000_000_000u64 - 1, 1_000_000_000u64 + 1);
        let square = |x: u64| u128::from(x) * u128::from(x);
        let statistics = Statistics {
            count: 2 * calls,
            sum: Ticks(calls * (below + above)),
            squares: (square(below) + square(above)) * u128::from(calls),
            ..Statistics::default()
        };
        assert!((statistics.deviation() - 1.0).abs() < 1e-9, "{}", statistics.deviation());
        assert_eq!(statistics.mean(), 1e9);
    }

    #[test]
    fn nothing_has_no_mean_and_no_deviation() {
        assert_eq!(Statistics::default().mean(), 0.0);
        assert_eq!(Statistics::default().deviation(), 0.0);
    }

    #[test]
    fn contradicting_moments_give_no_deviation_instead_of_a_nan() {
        let hostile = Statistics { count: 1, sum: Ticks(10), squares: 1, ..Statistics::default() };
        assert_eq!(hostile.deviation(), 0.0);
    }

    #[test]
    fn the_minimum_of_nothing_does_not_win() {
        let mut statistics = of(&[5]);
        statistics.merge(&Statistics::default());
        assert_eq!(statistics.min, Ticks(5));
        let mut empty = Statistics::default();
        empty.merge(&of(&[5]));
        assert_eq!(empty.min, Ticks(5));
    }

    proptest! {
        #[test]
        fn merging_is_recording_both(
            left in prop::collection::vec(0u64..1 << 50, 0..20),
            right in prop::collection::vec(0u64..1 << 50, 0..20),
        ) {
            let mut merged = of(&left);
            merged.merge(&of(&right));
            prop_assert_eq!(merged, of(&[left, right].concat()));
        }

        #[test]
        fn wide_products_are_exact(left in any::<u64>(), shift in 0u32..64, right in any::<u64>()) {
            let (high, low) = widening_mul(u128::from(left) << shift, right);
            let narrow = u128::from(left) * u128::from(right);
            let expected_low = narrow << shift;
            let expected_high = if shift == 0 { 0 } else { narrow >> (128 - shift) };
            prop_assert_eq!((u128::from(high), low), (expected_high, expected_low));
        }
    }
}
