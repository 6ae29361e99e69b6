//! The samples of a thread: which stack ran from when on, and what it weighs.

use std::cell::Cell;

use perprovis_core::units::{TickRate, Ticks};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::export::lanes;
use crate::report::Report;

use super::track::Track;

/// What lasts longer than this part of the run has a second sample at its end. The profiler draws the
/// activity of a thread as if a sample reached from half-way to the one before to half-way to the one
/// after, so that a short call behind a long pause would look long. Anything shorter than this is
/// below a pixel.
const WIDE: u64 = 4096;

/// The samples of `track`.
pub(super) struct Samples<'r> {
    report: &'r Report,
    track: &'r Track<'r>,
    unlogged: Vec<Ticks>, // of each stack: self time that the log has no call for
}

/// A stack that runs, or none, from one moment to another.
#[derive(Clone, Copy)]
struct Segment {
    start: Ticks,
    end: Ticks,
    stack: Option<u32>,
}

/// From a moment on, until the next sample.
struct Sample {
    since_last: u128, // nanoseconds
    stack: Option<u32>,
    picos: u128, // self time
}

impl<'r> Samples<'r> {
    pub(super) fn new(report: &'r Report, track: &'r Track<'r>) -> Samples<'r> {
        let mut unlogged: Vec<Ticks> = track.stacks.iter().map(|stack| stack.time).collect();
        let samples = Samples { report, track, unlogged: vec![] };
        let Ok(()) = samples.segments(|segment| -> Result<(), std::convert::Infallible> {
            if let Some(stack) = segment.stack {
                let left = &mut unlogged[stack as usize];
                *left = left.since(segment.end.since(segment.start));
            }
            Ok(())
        });
        Samples { unlogged, ..samples }
    }

    /// What ran when, without gaps from the start on, no two of the same stack behind each other.
    fn segments<E>(&self, mut take: impl FnMut(Segment) -> Result<(), E>) -> Result<(), E> {
        let mut pending = Segment { start: Ticks::ZERO, end: Ticks::ZERO, stack: None };
        self.raw_segments(|segment| {
            if segment.stack == pending.stack {
                pending.end = segment.end;
                return Ok(());
            }
            let ready = std::mem::replace(&mut pending, segment);
            if ready.end > ready.start { take(ready) } else { Ok(()) }
        })?;
        if pending.end > pending.start { take(pending) } else { Ok(()) }
    }

    fn raw_segments<E>(&self, mut take: impl FnMut(Segment) -> Result<(), E>) -> Result<(), E> {
        let mut running: Vec<(Ticks, u32)> = Vec::new(); // until when which stack, the innermost last
        let mut now = Ticks::ZERO;
        let mut run_until = |end: Ticks, stack| {
            let start = now;
            now = now.max(end);
            if now > start { take(Segment { start, end, stack }) } else { Ok(()) }
        };
        for bar in self.track.bars(self.report).filter(|bar| !bar.is_async(self.report)) {
            while let Some((end, stack)) = running.pop_if(|(end, _)| *end <= bar.start) {
                run_until(end, Some(stack))?;
            }
            let around = running.last().map(|&(_, stack)| stack);
            if let Some(stack) = self.track.stack_of(&bar, around) {
                run_until(bar.start, around)?;
                let is_open = bar.call.is_none();
                let end = if is_open { self.report.end_of(bar.thread) } else { bar.end };
                running.push((end, stack));
            }
        }
        while let Some((end, stack)) = running.pop() {
            run_until(end, Some(stack))?;
        }
        Ok(())
    }

    fn each<E>(&self, mut take: impl FnMut(Sample) -> Result<(), E>) -> Result<(), E> {
        let rate = self.report.clock.rate;
        let mut last = 0;
        let mut sample = |moment, stack, picos| {
            let nanos = lanes::nanos(rate, moment);
            let since_last = nanos - last;
            last = nanos;
            take(Sample { since_last, stack, picos })
        };
        let mut spent: Vec<Ticks> = vec![Ticks::ZERO; self.unlogged.len()];
        let mut weigh = |stack: u32, ticks: Ticks| {
            let (spent, whole) =
                (&mut spent[stack as usize], self.track.stacks[stack as usize].time);
            let before = *spent;
            *spent = (before + ticks).min(whole);
            // The difference of two rounded sums, so that what a stack weighs is rounded once.
            picos(rate, *spent) - picos(rate, before)
        };
        for (stack, &ticks) in (0..).zip(&self.unlogged) {
            if ticks > Ticks::ZERO {
                sample(Ticks::ZERO, Some(stack), weigh(stack, ticks))?;
            }
        }
        sample(Ticks::ZERO, None, 0)?; // ends it where it began
        let wide = Ticks((self.report.clock.run_ticks.0 / WIDE).max(1));
        let mut last = Segment { start: Ticks::ZERO, end: Ticks::ZERO, stack: None };
        self.segments(|segment| {
            let Segment { start, end, stack } = segment;
            let took = end.since(start);
            sample(start, stack, stack.map_or(0, |stack| weigh(stack, took)))?;
            if took > wide {
                sample(end, stack, 0)?;
            }
            last = segment;
            Ok(())
        })?;
        sample(last.end, None, 0)
    }
}

impl Serialize for Samples<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let length = Cell::new(0u64);
        let mut map = serializer.serialize_map(Some(5))?;
        let stack = |sample: &Sample| {
            length.set(length.get() + 1);
            sample.stack
        };
        map.serialize_entry("stack", &Column(self, stack))?;
        map.serialize_entry(
            "timeDeltas",
            &Column(self, |sample: &Sample| sample.since_last as f64 / 1e6),
        )?;
        map.serialize_entry("weight", &Column(self, |sample: &Sample| sample.picos as f64 / 1e9))?;
        map.serialize_entry("weightType", "tracing-ms")?;
        map.serialize_entry("length", &length.get())?;
        map.end()
    }
}

struct Column<'s, 'r, F>(&'s Samples<'r>, F);

impl<T: Serialize, F: Fn(&Sample) -> T> Serialize for Column<'_, '_, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut column = serializer.serialize_seq(None)?;
        self.0.each(|sample| column.serialize_element(&(self.1)(&sample)))?;
        column.end()
    }
}

/// Self time in picoseconds: a tick of a fast counter is a fraction of a nanosecond.
fn picos(rate: TickRate, ticks: Ticks) -> u128 {
    if rate == TickRate::NANOSECOND {
        return u128::from(ticks.0) * 1000;
    }
    (rate.nanos(ticks) * 1000.0).round() as u128
}
