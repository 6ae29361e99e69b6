//! Log-linear histogram of durations in ticks: bucket arithmetic, merge, quantile.
//!
//! Values below 128 have a bucket each; every octave above is cut into 64 buckets of equal width
//! (the layout of G. Tene's *HdrHistogram*, with 6 bits of precision). A bucket is at most 1/64
//! of its lower bound wide and is represented by its middle, so a quantile is off by at most
//! 1/128 = 0.78 % of the true value, over the whole range of `u64`.

use crate::units::Ticks;

/// Bits behind the leading one that tell buckets of an octave apart.
const PRECISION: u32 = 6;
/// Buckets of an octave.
pub const OCTAVE_LEN: usize = 1 << PRECISION;
/// By how many bits a value can be shifted until seven are left: see [`place_of`].
pub const SHIFTS: usize = 64 - PRECISION as usize;
/// Buckets that cover every `u64`.
pub const BUCKETS: usize = (SHIFTS + 1) * OCTAVE_LEN;

/// The value's top seven bits, and by how much it was shifted to get them: below 128 for a shift of
/// zero, in 64..128 for every other.
#[must_use]
#[inline(always)]
pub const fn place_of(value: u64) -> (usize, usize) {
    let magnitude = (value | (OCTAVE_LEN as u64 * 2 - 1)).ilog2(); // in 6..=63
    let shift = magnitude - PRECISION;
    (shift as usize, (value >> shift) as usize)
}

/// The bucket of a value.
#[must_use]
#[inline]
pub const fn bucket_of(value: u64) -> usize {
    let (shift, top) = place_of(value);
    shift * OCTAVE_LEN + top
}

/// The smallest value of a bucket and the largest.
///
/// # Panics
///
/// If there is no such bucket.
#[must_use]
pub const fn bucket_bounds(bucket: usize) -> (u64, u64) {
    assert!(bucket < BUCKETS, "no such bucket");
    if bucket < 2 * OCTAVE_LEN {
        return (bucket as u64, bucket as u64);
    }
    let shift = bucket / OCTAVE_LEN - 1;
    let low = ((bucket % OCTAVE_LEN + OCTAVE_LEN) as u64) << shift;
    (low, low + ((1 << shift) - 1))
}

/// Counts per bucket, sparse and plain: what a snapshot or a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    buckets: Vec<(u32, u64)>, // ascending by bucket, counts above zero
}

impl Histogram {
    /// A histogram of these `(bucket, count)` pairs, in any order, repeated ones added up.
    ///
    /// # Panics
    ///
    /// If a bucket is not below [`BUCKETS`].
    #[must_use]
    pub fn from_buckets(pairs: impl IntoIterator<Item = (u32, u64)>) -> Histogram {
        let mut buckets: Vec<(u32, u64)> =
            pairs.into_iter().filter(|&(_, count)| count > 0).collect();
        if !buckets.is_sorted_by(|left, right| left.0 < right.0) {
            buckets.sort_unstable_by_key(|&(bucket, _)| bucket);
        }
        buckets.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 = kept.1.saturating_add(later.1);
            }
            same
        });
        if let Some(&(last, _)) = buckets.last() {
            assert!((last as usize) < BUCKETS, "no such bucket");
        }
        Histogram { buckets }
    }

    /// A histogram of pairs as it keeps them: ascending by bucket, counts above zero.
    #[cfg(feature = "record")]
    pub(crate) fn from_ascending(buckets: Vec<(u32, u64)>) -> Histogram {
        debug_assert!(buckets.is_sorted_by(|left, right| left.0 < right.0));
        Histogram { buckets }
    }

    /// The buckets that hold something, ascending: `(bucket, count)`.
    #[must_use]
    pub fn buckets(&self) -> &[(u32, u64)] {
        &self.buckets
    }

    /// How many values are in it.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().fold(0, |sum, &(_, count)| sum.saturating_add(count))
    }

    /// Adds one value.
    pub fn record(&mut self, value: Ticks) {
        let bucket = bucket_of(value.0) as u32;
        match self.buckets.binary_search_by_key(&bucket, |&(bucket, _)| bucket) {
            Ok(at) => self.buckets[at].1 = self.buckets[at].1.saturating_add(1),
            Err(at) => self.buckets.insert(at, (bucket, 1)),
        }
    }

    /// Adds all of `other`: the result is the histogram of both sets of values together.
    pub fn merge(&mut self, other: &Histogram) {
        if self.buckets.is_empty() {
            self.buckets.clone_from(&other.buckets);
            return;
        }
        let mut new = Vec::new(); // pairs of buckets that are not here yet, and before which they go
        let mut at = 0;
        for &(bucket, count) in &other.buckets {
            at += self.below(at, bucket);
            match self.buckets.get_mut(at) {
                Some((known, sum)) if *known == bucket => *sum = sum.saturating_add(count),
                _ => new.push((at, (bucket, count))),
            }
        }
        // From behind, so that each pair moves once, straight to its place.
        let mut end = self.buckets.len();
        self.buckets.resize(end + new.len(), (0, 0));
        for (before, &(at, pair)) in new.iter().enumerate().rev() {
            self.buckets.copy_within(at..end, at + before + 1);
            self.buckets[at + before] = pair;
            end = at;
        }
    }

    /// How many pairs from the one at `from` on are of lower buckets. In steps that double (exponential search),
    /// as the next bucket is mostly near, and what is near is in the cache.
    fn below(&self, from: usize, bucket: u32) -> usize {
        let pairs = &self.buckets[from..];
        let is_below = |&(known, _): &(u32, u64)| known < bucket;
        let mut end = 1;
        while pairs.get(end).is_some_and(is_below) {
            end *= 2;
        }
        let begin = end / 2; // all before it are below
        begin + pairs[begin..end.min(pairs.len())].partition_point(is_below)
    }

    /// The value of rank `ceil(fraction * count)` (nearest rank, at least the first), as the
    /// middle of its bucket: at most 0.78 % off. Zero if the histogram is empty; `fraction` is
    /// clamped to 0..=1.
    #[must_use]
    pub fn quantile(&self, fraction: f64) -> f64 {
        // A whole rank such as 7 of 100 is a little more in binary: 7.000000000000001 is not the 8th.
        let exact = fraction.clamp(0.0, 1.0) * self.count() as f64 * (1.0 - 1e-14);
        let rank = exact.ceil().max(1.0);
        let mut seen = 0.0;
        for &(bucket, count) in &self.buckets {
            seen += count as f64;
            if seen >= rank {
                let (low, high) = bucket_bounds(bucket as usize);
                return low as f64 + (high - low) as f64 / 2.0;
            }
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_values_have_a_bucket_each() {
        for value in 0..128 {
            assert_eq!(bucket_of(value), value as usize);
            assert_eq!(bucket_bounds(value as usize), (value, value));
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn buckets_cover_every_value_without_gap() {
        let mut next = 0u128;
        for bucket in 0..BUCKETS {
            let (low, high) = bucket_bounds(bucket);
            assert_eq!(u128::from(low), next, "bucket {bucket}");
            assert_eq!(bucket_of(low), bucket);
            assert_eq!(bucket_of(high), bucket);
            next = u128::from(high) + 1;
        }
        assert_eq!(next, 1 << 64);
    }

    #[test]
    fn an_empty_histogram_has_quantile_zero() {
        assert_eq!(Histogram::default().quantile(0.5), 0.0);
    }

    #[test]
    fn a_whole_rank_is_not_the_one_above() {
        let mut histogram = Histogram::default();
        (1..=100).for_each(|value| histogram.record(Ticks(value)));
        for percent in 1..=100 {
            assert_eq!(histogram.quantile(f64::from(percent) / 100.0), f64::from(percent));
        }
    }

    proptest! {
        #[test]
        fn the_middle_of_a_bucket_is_within_one_percent(value in 1u64..) {
            let (low, high) = bucket_bounds(bucket_of(value));
            let middle = low as f64 + (high - low) as f64 / 2.0;
            prop_assert!((middle - value as f64).abs() <= value as f64 / 128.0);
        }

        #[test]
        fn quantiles_are_within_one_percent_of_the_sorted_list(
            mut values in prop::collection::vec(1u64..1 << 45, 1..200),
            fraction in 0.0f64..=1.0,
        ) {
            let mut histogram = Histogram::default();
            values.iter().for_each(|&value| histogram.record(Ticks(value)));
            values.sort_unstable();
            let rank = ((fraction * values.len() as f64).ceil() as usize).max(1);
            let truth = values[rank - 1] as f64;
            prop_assert!((histogram.quantile(fraction) - truth).abs() <= truth / 100.0);
        }

        #[test]
        fn merging_is_recording_both(
            left in prop::collection::vec(any::<u64>(), 0..50),
            right in prop::collection::vec(any::<u64>(), 0..50),
        ) {
            let of = |values: &[u64]| {
                let mut histogram = Histogram::default();
                values.iter().for_each(|&value| histogram.record(Ticks(value)));
                histogram
            };
            let mut merged = of(&left);
            merged.merge(&of(&right));
            prop_assert_eq!(merged, of(&[left, right].concat()));
        }
    }
}
