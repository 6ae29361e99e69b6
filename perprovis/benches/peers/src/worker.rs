//! One sample: one peer, one workload, one process.

use std::{fmt, str::FromStr, thread, time::Duration};

use cpu_time::{ProcessTime, ThreadTime};

use crate::{clock::Clock, peers::Recording, workload::Workload};

/// Batches before the clocks start: first uses, thread-locals, code pages.
const WARM_UP_BATCHES: u64 = 1;

/// What a worker prints and its parent reads, as four words; the last one is `-` if it cannot be known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Per call, by `Clock::Process`.
    process_ns: f64,
    /// Per call, by `Clock::CallingThreads`.
    calling_ns: f64,
    /// Calls made since recording began.
    made: u64,
    /// Calls that the peer says it has recorded.
    recorded: Option<u64>,
}

impl Sample {
    pub(crate) fn ns_per_call(&self, clock: Clock) -> f64 {
        match clock {
            Clock::Process => self.process_ns,
            Clock::CallingThreads => self.calling_ns,
        }
    }

    /// The part of the calls made that was recorded; `None` if the peer cannot be asked.
    pub(crate) fn recorded_share(&self) -> Option<f64> {
        Some(self.recorded? as f64 / self.made as f64)
    }
}

/// Takes a sample of `batches` batches on each thread.
pub(crate) fn run<R: Recording>(batch: fn(), workload: Workload, batches: u64) -> Sample {
    let mut recording = R::start();
    for _ in 0..WARM_UP_BATCHES {
        R::frame(batch);
    }

    let process_clock = ProcessTime::now();
    let calling_time = on_threads(workload.thread_count(), || {
        let thread_clock = ThreadTime::now();
        for _ in 0..batches {
            R::frame(batch);
        }
        thread_clock.elapsed()
    });
    recording.settle();
    let process_time = process_clock.elapsed();

    let calls = batches * workload.thread_count() * workload.calls_per_batch();
    let per_call = |time: Duration| time.as_secs_f64() * 1e9 / calls as f64;
    Sample {
        process_ns: per_call(process_time),
        calling_ns: per_call(calling_time),
        made: calls + WARM_UP_BATCHES * workload.calls_per_batch(),
        recorded: recording.recorded(),
    }
}

/// Runs `work` on that many threads at once and adds up what it returns.
fn on_threads(count: u64, work: impl Fn() -> Duration + Sync) -> Duration {
    if count == 1 {
        return work();
    }
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(&work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a workload does not panic")).sum()
    })
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} ", self.process_ns, self.calling_ns, self.made)?;
        match self.recorded {
            Some(count) => write!(f, "{count}"),
            None => f.write_str("-"),
        }
    }
}

impl FromStr for Sample {
    type Err = String;

    fn from_str(line: &str) -> Result<Sample, String> {
        let not_a_sample = || format!("not a sample: `{line}`");
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[process_ns, calling_ns, made, recorded] = words.as_slice() else {
            return Err(not_a_sample());
        };
        Ok(Sample {
            process_ns: process_ns.parse().map_err(|_| not_a_sample())?,
            calling_ns: calling_ns.parse().map_err(|_| not_a_sample())?,
            made: made.parse().map_err(|_| not_a_sample())?,
            recorded: recorded.parse().ok(),
        })
    }
}
