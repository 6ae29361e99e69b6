//! Something done at every interval, on a thread of its own.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A thread that ticks until this is dropped, which takes no longer than the tick under way.
#[derive(Debug)]
pub(crate) struct Ticker {
    stop: Arc<Stop>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Stop {
    asked: Mutex<bool>,
    changed: Condvar,
}

impl Ticker {
    /// Ticks for the first time when an interval has gone by. Intervals that a long tick misses are
    /// left out.
    pub(crate) fn start(
        interval: Duration,
        mut tick: impl FnMut() + Send + 'static,
    ) -> io::Result<Ticker> {
        let stop = Arc::new(Stop::default());
        let waits = Arc::clone(&stop);
        let thread = thread::Builder::new().name("perprovis export".to_owned());
        let thread = thread.spawn(move || {
            let mut next = Instant::now().checked_add(interval);
            while waits.until(next) {
                tick();
                next = next.and_then(|last| after(last, interval, Instant::now()));
            }
        })?;
        Ok(Ticker { stop, thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        *self.stop.asked.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join(); // its message was printed
        }
    }
}

impl Stop {
    /// Waits until then, for ever if that is beyond all time; false when asked to stop.
    fn until(&self, then: Option<Instant>) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        while !*asked {
            let left = match then {
                Some(then) => then.saturating_duration_since(Instant::now()),
                None => Duration::MAX,
            };
            if left.is_zero() {
                return true;
            }
            let woken = self.changed.wait_timeout(asked, left);
            asked = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        false
    }
}

/// The first tick that is still to come, on the grid of `last` and `interval`.
fn after(last: Instant, interval: Duration, now: Instant) -> Option<Instant> {
    let late = now.saturating_duration_since(last).as_nanos() / interval.as_nanos().max(1);
    let intervals = u32::try_from(late + 1).unwrap_or(u32::MAX);
    last.checked_add(interval.checked_mul(intervals)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn it_ticks_until_it_is_dropped() {
        let (sender, ticks) = mpsc::channel();
        let ticker =
            Ticker::start(Duration::from_millis(1), move || sender.send(()).unwrap()).unwrap();
        ticks.iter().take(3).for_each(drop);
        drop(ticker);
        assert!(ticks.into_iter().count() < usize::MAX, "the sender is gone with the thread");
    }

    #[test]
    fn stopping_does_not_wait_for_the_interval() {
        for interval in [Duration::from_secs(1 << 20), Duration::MAX] {
            drop(Ticker::start(interval, || unreachable!("too early")).unwrap());
        }
    }

    #[test]
    fn missed_intervals_are_left_out_and_the_grid_stays() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        for (millis, next) in [(0, 1), (999, 1), (1_000, 2), (3_500, 4)] {
            let now = start + Duration::from_millis(millis);
            assert_eq!(after(start, second, now), Some(start + next * second), "{millis}");
        }
        assert_eq!(after(start, Duration::MAX, start), None);
    }
}
