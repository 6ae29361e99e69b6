//! One figure on both sides, and how sure its change is.

use super::figure::Within;
use super::student;

/// How one figure changed: its values, their ratio, and an interval that holds the true ratio.
///
/// The interval of what functions are judged by, [`FunctionComparison::time`](super::FunctionComparison::time),
/// holds for all judged functions together with [`Comparison::CONFIDENCE`](super::Comparison::CONFIDENCE); the others each by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// The value in a run of the base, in nanoseconds unless it is a number of calls; the geometric mean
    /// of several runs.
    pub base: f64,
    /// The same of the new side.
    pub new: f64,
    /// How many times the base the new value is: 1.05 for 5 % more. Where the machine's speed was taken
    /// out this is not exactly `new / base`.
    pub ratio: f64,
    /// The lower end of the interval; zero if nothing is known.
    pub low: f64,
    /// The upper end of the interval; infinite if nothing is known.
    pub high: f64,
}

impl Change {
    /// Of nothing.
    pub(super) const NONE: Change =
        Change { base: 0.0, new: 0.0, ratio: 1.0, low: 0.0, high: f64::INFINITY };

    /// Whether the whole interval lies above one.
    #[must_use]
    pub fn is_more(&self) -> bool {
        self.low > 1.0
    }

    /// Whether the whole interval lies below one.
    #[must_use]
    pub fn is_less(&self) -> bool {
        self.high < 1.0
    }

    /// Whether the whole interval lies within `share` of one.
    #[must_use]
    pub fn is_within(&self, share: f64) -> bool {
        self.low >= 1.0 - share && self.high <= 1.0 + share
    }

    /// Of the figures of several runs, with the wrong ratio outside of the interval in at most `error` of
    /// all cases. `blur` is how far, relatively, a figure may be off for want of resolution.
    pub(super) fn between(base: &[f64], new: &[f64], error: f64, blur: f64) -> Change {
        let logs = |values: &[f64]| -> Vec<f64> { values.iter().map(|value| value.ln()).collect() };
        let is_zero = |values: &[f64]| values.iter().all(|&value| value == 0.0);
        if base.is_empty() || new.is_empty() {
            return Change { base: mean(base), new: mean(new), ..Change::NONE };
        }
        if is_zero(base) && is_zero(new) {
            return Change { base: 0.0, new: 0.0, ratio: 1.0, low: 1.0, high: 1.0 };
        }
        if base.iter().chain(new).any(|&value| value <= 0.0) {
            // There is no ratio to nothing.
            let (base, new) = (mean(base), mean(new));
            let ratio = if base > 0.0 { new / base } else { f64::INFINITY };
            return Change { base, new, ratio, ..Change::NONE };
        }
        let change = Change::of_logs(&logs(base), &logs(new), error, blur);
        Change { base: geometric_mean(base), new: geometric_mean(new), ..change }
    }

    /// The same of logarithms; without values.
    pub(super) fn of_logs(base: &[f64], new: &[f64], error: f64, blur: f64) -> Change {
        let difference = mean(new) - mean(base);
        let half = student::half_width(base, new, error) + (2.0 * blur).min(0.5);
        Change {
            base: 0.0,
            new: 0.0,
            ratio: difference.exp(),
            low: (difference - half).exp(),
            high: (difference + half).exp(),
        }
    }

    /// Of one run a side, from what is known within each; runs may differ by `factor`.
    pub(super) fn within(base: Within, new: Within, factor: f64) -> Change {
        if base.value == 0.0 && new.value == 0.0 {
            return Change { base: 0.0, new: 0.0, ratio: 1.0, low: 1.0, high: 1.0 };
        }
        if base.value <= 0.0 || new.value <= 0.0 {
            let ratio = if base.value > 0.0 { 0.0 } else { f64::INFINITY };
            return Change { base: base.value, new: new.value, ratio, ..Change::NONE };
        }
        let high = if base.low > 0.0 { new.high / base.low } else { f64::INFINITY };
        Change {
            base: base.value,
            new: new.value,
            ratio: new.value / base.value,
            low: (new.low / base.high).max(0.0) / factor,
            high: high * factor,
        }
    }
}

/// What the intervals of a comparison come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spread {
    /// From several runs of at least one side.
    BetweenRuns,
    /// From the calls of the only run of each side.
    WithinRuns,
}

impl Spread {
    /// None if there is nothing to compare.
    pub(super) fn of(runs: (usize, usize)) -> Option<Spread> {
        match runs {
            (0, _) | (_, 0) => None,
            (1, 1) => Some(Spread::WithinRuns),
            _ => Some(Spread::BetweenRuns),
        }
    }
}

/// Zero of nothing.
pub(super) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Exact where all are equal.
fn geometric_mean(values: &[f64]) -> f64 {
    match values {
        [first, rest @ ..] if rest.iter().all(|value| value == first) => *first,
        _ => (values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64).exp(),
    }
}
