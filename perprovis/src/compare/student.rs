//! Student's distribution: how far two means may lie from each other by chance.

/// Half the width of the interval for the difference of two means, which is missed in at most `error` of
/// all cases: that of Welch, or with a pooled variance if one side has but one value. Infinite if both have.
pub(super) fn half_width(left: &[f64], right: &[f64], error: f64) -> f64 {
    let (left_count, right_count) = (left.len() as f64, right.len() as f64);
    let (left_squares, right_squares) = (squares(left), squares(right));
    if left.len() < 2 || right.len() < 2 {
        let freedom = left_count + right_count - 2.0;
        if freedom < 1.0 {
            return f64::INFINITY;
        }
        let variance = (left_squares + right_squares) / freedom;
        return quantile(error, freedom)
            * (variance * (1.0 / left_count + 1.0 / right_count)).sqrt();
    }
    let left_part = left_squares / (left_count - 1.0) / left_count;
    let right_part = right_squares / (right_count - 1.0) / right_count;
    let variance = left_part + right_part;
    if variance == 0.0 {
        return 0.0;
    }
    let freedom = variance * variance
        / (left_part * left_part / (left_count - 1.0)
            + right_part * right_part / (right_count - 1.0));
    quantile(error, freedom) * variance.sqrt()
}

/// The deviation within both sides, together.
pub(super) fn deviation(left: &[f64], right: &[f64]) -> f64 {
    let freedom = (left.len() + right.len()).saturating_sub(2).max(1) as f64;
    ((squares(left) + squares(right)) / freedom).sqrt()
}

/// The sum of the squared distances from the mean.
fn squares(values: &[f64]) -> f64 {
    let mean = super::change::mean(values);
    values.iter().map(|value| (value - mean) * (value - mean)).sum()
}

/// The value that Student's t with so many degrees of freedom (at least one) exceeds, to either side,
/// with this probability: G. W. Hill, *Algorithm 396: Student's t-quantiles*, 1970.
pub(super) fn quantile(both_tails: f64, freedom: f64) -> f64 {
    use std::f64::consts::{FRAC_PI_2, PI};
    let freedom = freedom.max(1.0);
    if freedom < 1.0 + 1e-9 {
        return 1.0 / (both_tails * FRAC_PI_2).tan();
    }
    if (freedom - 2.0).abs() < 1e-9 {
        return (2.0 / (both_tails * (2.0 - both_tails)) - 2.0).sqrt();
    }
    let a = 1.0 / (freedom - 0.5);
    let b = 48.0 / (a * a);
    let mut c = ((20700.0 * a / b - 98.0) * a - 16.0) * a + 96.36;
    let d = ((94.5 / (b + c) - 3.0) / b + 1.0) * (a * PI / 2.0).sqrt() * freedom;
    let mut y = (d * both_tails).powf(2.0 / freedom);
    if y > 0.05 + a {
        let x = normal_quantile(both_tails / 2.0);
        y = x * x;
        if freedom < 5.0 {
            c += 0.3 * (freedom - 4.5) * (x + 0.6);
        }
        c += (((0.05 * d * x - 5.0) * x - 7.0) * x - 2.0) * x + b;
        y = (((((0.4 * y + 6.3) * y + 36.0) * y + 94.5) / c - y - 3.0) / b + 1.0) * x;
        y = (a * y * y).exp_m1();
    } else {
        let first =
            1.0 / (((freedom + 6.0) / (freedom * y) - 0.089 * d - 0.822) * (freedom + 2.0) * 3.0);
        y = ((first + 0.5 / (freedom + 4.0)) * y - 1.0) * (freedom + 1.0) / (freedom + 2.0)
            + 1.0 / y;
    }
    (freedom * y).sqrt()
}

/// The value that a normal variable stays below with this probability, below one half: M. Abramowitz and
/// I. A. Stegun, *Handbook of Mathematical Functions*, 1964, 26.2.23. Off by at most 4.5e-4.
pub(super) fn normal_quantile(below: f64) -> f64 {
    let t = (-2.0 * below.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let under = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    above / under - t
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (both_tails, freedom, expected) in [
            (0.05, 1.0, 12.706),
            (0.05, 2.0, 4.303),
            (0.05, 3.0, 3.182),
            (0.01, 3.0, 5.841),
            (0.05, 4.0, 2.776),
            (0.002, 4.0, 7.173),
            (0.05, 10.0, 2.228),
            (0.001, 10.0, 4.587),
            (0.01, 18.0, 2.878),
            (0.05, 120.0, 1.980),
            (0.5, 5.0, 0.727),
        ] {
            let found = quantile(both_tails, freedom);
            assert!((found / expected - 1.0).abs() < 2e-3, "{both_tails} {freedom}: {found}");
        }
        assert!((normal_quantile(0.025) + 1.95996).abs() < 1e-3);
    }

    #[test]
    fn widths_are_those_worked_out_by_hand() {
        let width = half_width(&[1.0, 3.0], &[10.0, 14.0], 0.05);
        // Variances 2 / 2 and 8 / 2: 5 in all, with 25 / (1 + 16) degrees of freedom.
        assert!((width / (quantile(0.05, 25.0 / 17.0) * 5f64.sqrt()) - 1.0).abs() < 1e-12);
        let pooled = half_width(&[1.0], &[10.0, 14.0], 0.05);
        assert!((pooled / (12.706 * 12f64.sqrt()) - 1.0).abs() < 1e-3, "{pooled}");
        assert_eq!(half_width(&[1.0], &[2.0], 0.05), f64::INFINITY);
        assert_eq!(half_width(&[1.0, 1.0], &[2.0, 2.0], 0.05), 0.0);
    }
}
