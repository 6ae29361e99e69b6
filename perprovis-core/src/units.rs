//! Newtypes for clock ticks and their length.
//!
//! Everything is recorded in ticks, because a conversion per call would cost more than the call's
//! bookkeeping. Only a report turns ticks into nanoseconds, with the rate measured by then.

use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::time::Duration;

/// A number of clock ticks: a duration, or a point in time since the clock's own zero.
///
/// Additions and subtractions saturate: a clock that steps backwards gives zero, never a wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticks(pub u64);

impl Ticks {
    /// No time at all.
    pub const ZERO: Ticks = Ticks(0);

    /// The ticks from `earlier` to `self`, zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Ticks) -> Ticks {
        Ticks(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Ticks {
    type Output = Ticks;

    fn add(self, other: Ticks) -> Ticks {
        Ticks(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Ticks {
    fn add_assign(&mut self, other: Ticks) {
        *self = *self + other;
    }
}

impl Sum for Ticks {
    fn sum<I: Iterator<Item = Ticks>>(ticks: I) -> Ticks {
        ticks.fold(Ticks::ZERO, Add::add)
    }
}

/// How long a tick is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TickRate {
    nanos_per_tick: f64, // finite and > 0
}

impl TickRate {
    /// One tick is one nanosecond: the operating system's clock and the manual clock.
    pub const NANOSECOND: TickRate = TickRate { nanos_per_tick: 1.0 };

    /// A rate of `nanos_per_tick`, or `None` unless that is a finite number above zero.
    #[must_use]
    pub fn new(nanos_per_tick: f64) -> Option<TickRate> {
        (nanos_per_tick.is_finite() && nanos_per_tick > 0.0).then_some(TickRate { nanos_per_tick })
    }

    /// The length of one tick in nanoseconds.
    #[must_use]
    pub const fn nanos_per_tick(self) -> f64 {
        self.nanos_per_tick
    }

    /// `ticks` in nanoseconds, with a relative error of at most 2^-53.
    #[must_use]
    pub fn nanos(self, ticks: Ticks) -> f64 {
        ticks.0 as f64 * self.nanos_per_tick
    }

    /// `ticks` as a [`Duration`], rounded to the nearest nanosecond and exact where a tick is one.
    /// Saturates at [`Duration::MAX`].
    #[must_use]
    pub fn duration(self, ticks: Ticks) -> Duration {
        if self == TickRate::NANOSECOND {
            return Duration::from_nanos(ticks.0);
        }
        nanos_to_duration(self.nanos(ticks))
    }
}

/// A number of nanoseconds as a [`Duration`], rounded to the nearest; negative and NaN give zero,
/// what does not fit gives [`Duration::MAX`].
#[must_use]
pub fn nanos_to_duration(nanos: f64) -> Duration {
    if nanos < u64::MAX as f64 {
        Duration::from_nanos(nanos.round() as u64) // `as` saturates at zero and turns NaN into zero
    } else {
        Duration::try_from_secs_f64(nanos / 1e9).unwrap_or(if nanos.is_nan() {
            Duration::ZERO
        } else {
            Duration::MAX
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subtraction_of_a_later_time_is_zero() {
        assert_eq!(Ticks(3).since(Ticks(5)), Ticks::ZERO);
        assert_eq!(Ticks(5).since(Ticks(3)), Ticks(2));
    }

    #[test]
    fn durations_are_rounded_to_the_nearest_nanosecond() {
        let rate = TickRate::new(0.4).unwrap();
        assert_eq!(rate.duration(Ticks(1)), Duration::ZERO);
        assert_eq!(rate.duration(Ticks(2)), Duration::from_nanos(1));
        assert_eq!(rate.duration(Ticks(10)), Duration::from_nanos(4));
    }

    #[test]
    fn a_nanosecond_tick_is_exact_at_any_size() {
        assert_eq!(TickRate::NANOSECOND.duration(Ticks(u64::MAX)), Duration::from_nanos(u64::MAX));
    }

    #[test]
    fn rates_that_are_no_length_are_refused() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(TickRate::new(bad), None);
        }
    }
}
