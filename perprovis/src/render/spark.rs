//! A histogram in one line of text.

use perprovis_core::histogram::bucket_of;
use perprovis_core::statistics::Statistics;

use super::bar::level;

/// The durations of all calls from the shortest, at the left, to the longest, at the right, in at
/// most `columns`: how high a column is says how many calls it holds beside the fullest one. Columns
/// are equal steps of the histogram's buckets, so of the logarithm of the duration (below 128 ticks
/// of the duration itself); there are no more of them than buckets. Empty if there was no call.
pub(crate) fn spark(statistics: &Statistics, columns: usize) -> String {
    let (first, last) = (bucket_of(statistics.min.0), bucket_of(statistics.max.0));
    let buckets = statistics.histogram.buckets();
    if buckets.is_empty() || columns == 0 || last < first {
        return String::new();
    }
    let span = last - first + 1;
    let mut counts = vec![0u64; columns.min(span)];
    for &(bucket, count) in buckets {
        // In a report from a file nothing says that a bucket lies between the extremes.
        let at = (bucket as usize).clamp(first, last) - first;
        let column = &mut counts[at * columns.min(span) / span];
        *column = column.saturating_add(count);
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1) as f64;
    counts
        .into_iter()
        .map(|count| if count == 0 { ' ' } else { level(count as f64 / most) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use perprovis_core::histogram::Histogram;
    use perprovis_core::units::Ticks;

    fn of(durations: &[u64]) -> Statistics {
        let mut histogram = Histogram::default();
        durations.iter().for_each(|&ticks| histogram.record(Ticks(ticks)));
        let (min, max) = (durations.iter().min(), durations.iter().max());
        Statistics {
            min: Ticks(min.copied().unwrap_or(0)),
            max: Ticks(max.copied().unwrap_or(0)),
            histogram,
            ..Statistics::default()
        }
    }

    #[test]
    fn the_shortest_is_left_and_the_longest_right() {
        assert_eq!(spark(&of(&[]), 8), "");
        assert_eq!(spark(&of(&[5]), 8), "█");
        assert_eq!(spark(&of(&[5, 5, 6]), 8), "█▄", "no more columns than buckets");
        assert_eq!(spark(&of(&[10, 17]), 8), "█      █");
        let doubled = of(&[1 << 20, 1 << 21, 1 << 22, 1 << 24]);
        assert_eq!(spark(&doubled, 5), "███ █", "by powers of two");
        let mut tail = vec![1000; 1000];
        tail.push(1_000_000);
        assert_eq!(spark(&of(&tail), 8), "█      ▁", "a single call shows");
        assert_eq!(spark(&of(&[0, u64::MAX]), 3), "█ █");
        assert_eq!(spark(&of(&[1, 2]), 0), "");
    }

    #[test]
    fn a_histogram_beyond_its_extremes_stays_in_its_columns() {
        let mut statistics = of(&[1, 50, 5000]);
        (statistics.min, statistics.max) = (Ticks(40), Ticks(60));
        assert_eq!(spark(&statistics, 4).chars().count(), 4);
        (statistics.min, statistics.max) = (Ticks(60), Ticks(40));
        assert_eq!(spark(&statistics, 4), "");
    }
}
