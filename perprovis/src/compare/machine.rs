//! How fast the machine was in each run.

use super::Comparison;
use super::change::Change;

/// The runs of both sides, by what is common to all functions.
pub(super) struct Machine {
    /// The logarithm of how slow each run was; base, then new.
    pub(super) speeds: Option<(Vec<f64>, Vec<f64>)>,
    /// How much slower the new side was.
    pub(super) change: Change,
}

impl Machine {
    /// Of the logarithms of the times of functions: each row is a function in all runs, `base` of them first.
    pub(super) fn of(rows: &[Vec<f64>], base: usize, error: f64) -> Machine {
        let runs = rows.first().map_or(0, Vec::len);
        let (few, one) = (rows.len() < Comparison::MACHINE_FUNCTIONS, base < 2 || runs < base + 2);
        if few || one {
            return Machine { speeds: None, change: Change::NONE };
        }
        let centres: Vec<f64> = rows.iter().map(|row| median(row.clone())).collect();
        let off =
            |run: usize| rows.iter().zip(&centres).map(move |(row, centre)| row[run] - centre);
        let mut speeds: Vec<f64> = (0..runs).map(|run| median(off(run).collect())).collect();
        let new = speeds.split_off(base);
        let change = Change::of_logs(&speeds, &new, error, 0.0);
        Machine { speeds: Some((speeds, new)), change }
    }

    /// Whether the sides do not differ in it.
    pub(super) fn is_noise(&self) -> bool {
        self.speeds.is_some() && !self.change.is_more() && !self.change.is_less()
    }
}

/// The middle value, or the mean of the two in the middle; zero of nothing.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let count = values.len();
    if count == 0 {
        return 0.0;
    }
    (values[(count - 1) / 2] + values[count / 2]) / 2.0
}
