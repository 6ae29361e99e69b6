//! The calls of a thread as bars that nest, which is what timelines in other programs want.
//!
//! The log has calls of all threads by start. Where several start at once, and a coarse clock makes
//! that common, a caller may stand behind its callee, and scopes that are still open are not in it.
//! [`Bars::in_order`] puts all of that in the order in which it began, callers first. A [`Lane`] then keeps
//! the bars that are open at one moment of one thread, each inside the one before.
//!
//! Not every call fits: guards closed out of their order overlap, and so do async calls, which last
//! from their first poll to completion while their thread does something else. The one who draws puts
//! these aside. Where a caller is missing (a limit, or an async function, of which polls are not in
//! the log) its callees are simply not inside it: bars nest by time, not by path.
//!
//! In a [compensated](Report::compensated) report calls are shorter but begin where they began; there
//! a callee may stand behind the end of its caller.

use std::cmp::Reverse;
use std::collections::HashSet;

use perprovis_core::snapshot::Call;
use perprovis_core::units::{TickRate, Ticks};

use crate::report::{OpenScope, Report, ThreadId};

/// A completed call, or a scope that is open still.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar<'r> {
    pub(super) thread: ThreadId,
    pub(super) function: u32,
    pub(super) path: Option<u32>, // none if a limit kept the call out of the tree
    pub(super) start: Ticks,
    pub(super) end: Ticks, // behind everything if it is open
    /// The call; none if it is open.
    pub(super) call: Option<&'r Call>,
    depth: u32, // of its path; larger than any if there is none
}

impl Bar<'_> {
    /// Whether it is an async call: those overlap. A poll that is open now is not one, it holds its
    /// thread.
    pub(super) fn is_async(&self, report: &Report) -> bool {
        self.call.is_some() && is_async(report, self.function)
    }
}

/// Whether calls of this function are async. The log does not say it of a single call: where functions
/// of both kinds share a name, all of its calls are taken for async.
pub(super) fn is_async(report: &Report, function: u32) -> bool {
    report.functions[function as usize].polls > 0
}

/// Makes bars of the calls of a report.
#[derive(Debug)]
pub(super) struct Bars<'r> {
    report: &'r Report,
    depths: Vec<u32>, // of each path, 0 for what nothing called
}

impl<'r> Bars<'r> {
    pub(super) fn new(report: &'r Report) -> Bars<'r> {
        let mut depths: Vec<u32> = Vec::with_capacity(report.paths.len());
        for path in &report.paths {
            depths.push(path.parent.map_or(0, |parent| depths[parent as usize] + 1));
        }
        Bars { report, depths }
    }

    fn of_call(&self, call: &'r Call) -> Bar<'r> {
        Bar {
            thread: ThreadId(call.thread),
            function: call.function,
            path: call.path,
            start: call.start,
            end: call.start + call.duration,
            call: Some(call),
            depth: call.path.map_or(u32::MAX, |path| self.depths[path as usize]),
        }
    }

    fn of_scope(&self, scope: &OpenScope) -> Bar<'r> {
        Bar {
            thread: scope.thread_id,
            function: self.report.paths[scope.path as usize].function,
            path: Some(scope.path),
            start: scope.since_ticks,
            end: Ticks(u64::MAX),
            call: None,
            depth: self.depths[scope.path as usize],
        }
    }

    /// These calls, sorted by start, and these open scopes by their start; what starts at once from the
    /// outermost inwards. Keeps as many of them as start at once.
    pub(super) fn in_order<'b>(
        &'b self,
        calls: impl Iterator<Item = &'r Call> + 'b,
        open: impl Iterator<Item = &'b OpenScope>,
    ) -> impl Iterator<Item = Bar<'r>> + 'b {
        let mut open: Vec<Bar<'r>> = open.map(|scope| self.of_scope(scope)).collect();
        open.sort_by_key(|bar| Reverse(bar.start)); // the next one last
        let mut calls = calls.map(|call| self.of_call(call)).peekable();
        let mut group: Vec<Bar<'r>> = Vec::new(); // what starts at once, the next one last
        std::iter::from_fn(move || {
            if group.is_empty() {
                let first_open = open.last().map(|bar| bar.start);
                let start =
                    calls.peek().map(|bar| bar.start).into_iter().chain(first_open).min()?;
                while let Some(call) = calls.next_if(|bar| bar.start == start) {
                    group.push(call);
                }
                let completed = if first_open == Some(start) {
                    completed_since(&group, self.report)
                } else {
                    HashSet::new()
                };
                while let Some(scope) = open.pop_if(|bar| bar.start == start) {
                    if !completed.contains(&(scope.thread, scope.path)) {
                        group.push(scope);
                    }
                }
                if group.len() > 1 {
                    sort(&mut group);
                }
            }
            group.pop()
        })
    }
}

/// The outermost last. Equal ones: the later one in the log first, which completed later.
fn sort(group: &mut [Bar<'_>]) {
    group.reverse();
    group.sort_by_key(|bar| (bar.end, Reverse(bar.depth)));
}

/// Those of the calls that may be listed as open scopes too: the log is read last, and has calls that
/// completed since the report was begun.
fn completed_since(calls: &[Bar<'_>], report: &Report) -> HashSet<(ThreadId, Option<u32>)> {
    let completed = calls.iter().filter(|bar| bar.end >= report.end_of(bar.thread));
    completed.map(|bar| (bar.thread, bar.path)).collect()
}

/// The bars open at one moment of one thread, each inside the one before.
#[derive(Debug, Default)]
pub(super) struct Lane<'r> {
    open: Vec<Bar<'r>>,
}

impl<'r> Lane<'r> {
    /// Takes off the innermost bar if it ends before `next` begins. Ask until there is none.
    pub(super) fn end_before(&mut self, next: &Bar<'_>) -> Option<Bar<'r>> {
        self.open.pop_if(|innermost| {
            // What took no time at the very end of its caller is inside of it still.
            let is_at_end = next.start == next.end && next.depth > innermost.depth;
            innermost.end < next.start || innermost.end == next.start && !is_at_end
        })
    }

    /// Puts `bar` inside the innermost one, if it is not open for longer than that.
    pub(super) fn begin(&mut self, bar: Bar<'r>) -> bool {
        let fits = self.open.last().is_none_or(|around| bar.end <= around.end);
        if fits {
            self.open.push(bar);
        }
        fits
    }

    /// The bars, from the outermost inwards.
    pub(super) fn bars(&self) -> impl DoubleEndedIterator<Item = &Bar<'r>> {
        self.open.iter()
    }

    /// The innermost bar.
    pub(super) fn innermost(&self) -> Option<&Bar<'r>> {
        self.open.last()
    }

    /// Takes off the innermost bar.
    pub(super) fn end(&mut self) -> Option<Bar<'r>> {
        self.open.pop()
    }
}

/// A moment in whole nanoseconds. Rounding keeps the order, so that what nests in ticks still does.
pub(super) fn nanos(rate: TickRate, moment: Ticks) -> u128 {
    rate.duration(moment).as_nanos()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::sample::Sample;
    use crate::report::tests::any_report;

    /// `function start end`, indented as it nests in its thread; what does not behind a `!`.
    fn drawn(report: &Report) -> Vec<String> {
        let mut lane = Lane::default();
        let mut lines = Vec::new();
        let bars = Bars::new(report);
        for bar in bars.in_order(report.log.plain().iter(), report.open.iter()) {
            while lane.end_before(&bar).is_some() {}
            let name = &report.functions[bar.function as usize].name;
            let depth = lane.open.len();
            let mark = if lane.begin(bar) { "" } else { "!" };
            let end = bar.call.map_or("open".to_owned(), |_| bar.end.0.to_string());
            lines.push(format!("{}{mark}{name} {} {end}", "  ".repeat(depth), bar.start.0));
        }
        lines
    }

    #[test]
    fn what_begins_at_once_begins_with_the_outermost() {
        let mut sample = Sample::new(0);
        sample.call(1, &["main", "f", "g"], 5, 10);
        sample.call(1, &["main", "f"], 5, 10);
        sample.call(1, &["main", "h"], 15, 3);
        sample.open(1, &["main", "i"], 18);
        sample.open(1, &["main"], 5);
        let expected = ["main 5 open", "  f 5 15", "    g 5 15", "  h 15 18", "  i 18 open"];
        assert_eq!(drawn(&sample.report()), expected);
    }

    #[test]
    fn what_takes_no_time_is_inside_of_what_called_it() {
        let mut sample = Sample::new(0);
        sample.call(1, &["f", "g"], 0, 0);
        sample.call(1, &["f", "g"], 7, 0);
        sample.call(1, &["f", "g"], 10, 0);
        sample.call(1, &["f", "g", "h"], 10, 0);
        sample.call(1, &["f"], 0, 10);
        sample.call(1, &["f"], 10, 0);
        let expected = ["f 0 10", "  g 0 0", "  g 7 7", "  g 10 10", "    h 10 10", "f 10 10"];
        let drawn = drawn(&sample.report());
        assert_eq!(drawn.len(), expected.len());
        for line in &expected[..4] {
            assert!(drawn.iter().any(|drawn| drawn == line), "{line} in {drawn:?}");
        }
    }

    #[test]
    fn what_overlaps_does_not_fit() {
        let mut sample = Sample::new(0);
        sample.call(1, &["a"], 0, 50);
        sample.call(1, &["a", "late"], 10, 90);
        sample.call(1, &["a", "b"], 20, 10);
        sample.call(1, &["c"], 60, 10);
        let expected = ["a 0 50", "  !late 10 100", "  b 20 30", "c 60 70"];
        assert_eq!(drawn(&sample.report()), expected);
    }

    #[test]
    fn a_scope_that_completed_while_the_report_was_taken_is_there_once() {
        let mut sample = Sample::new(0);
        sample.call(1, &["f"], 10, 0); // another one, long completed
        sample.call(1, &["f"], 10, 90);
        sample.open(1, &["f"], 10);
        sample.snapshot.clock.now = Ticks(80);
        assert_eq!(drawn(&sample.report()), ["f 10 100", "  f 10 10"]);
    }

    proptest! {
        #[test]
        fn everything_is_there_in_order(report in any_report()) {
            let bars = Bars::new(&report);
            let bars: Vec<Bar<'_>> =
                bars.in_order(report.log.plain().iter(), report.open.iter()).collect();
            prop_assert!(bars.is_sorted_by_key(|bar| bar.start));
            let calls = bars.iter().filter(|bar| bar.call.is_some()).count();
            prop_assert_eq!(calls, report.log.plain().len());
            prop_assert!(bars.len() <= calls + report.open.len());
        }
    }
}
