//! The list of the slowest calls.
//!
//! The slowest calls of all are mostly one call and all its callers, or many calls of one
//! function. So a call that consists of one call below it makes way for that one, which takes
//! over its metadata; and of each function only the slowest few are listed.

use std::cmp::Reverse;
use std::collections::HashMap;

use perprovis_core::units::Ticks;

use crate::report::{FunctionCall, ThreadId};

use super::super::label::visible;
use super::super::line::Line;
use super::super::table::{Cell, Column, KEEP, Kind, Table};
use super::{LIST_ROWS, View, quantity};

/// Calls of one function listed at most.
const PER_FUNCTION: usize = 3;
/// A call makes way for one below that takes so many percent of its time.
const EXPLAINED: u128 = 90;
/// Calls looked at: enough to fill the list whatever is left out.
const CANDIDATES: usize = 1000;

struct Listed<'r> {
    call: &'r FunctionCall,
    callers: Vec<&'r FunctionCall>, // that made way for it
}

impl View<'_> {
    pub(super) fn slowest(&self) -> Vec<Line> {
        let mut left_out = false;
        let listed = self.pick(&mut left_out);
        let mut table = Table::new(vec![
            Column { title: "slowest calls", kind: Kind::Name(20), keep: KEEP },
            Column { title: "took", kind: Kind::Number, keep: KEEP },
            Column { title: "began at", kind: Kind::Number, keep: 4 },
            Column { title: "thread", kind: Kind::Name(10), keep: 2 },
            Column { title: "called by", kind: Kind::Name(16), keep: 1 },
            Column { title: "with", kind: Kind::Pairs, keep: 3 },
        ]);
        let rate = self.report.clock.rate;
        for Listed { call, callers } in &listed {
            let caller = call.call_stack.len().checked_sub(2).map(|at| &call.call_stack[at]);
            let panicked = if call.panicked { " (panicked)" } else { "" };
            let mut pairs: Vec<String> = Vec::new();
            for (key, value) in [*call].iter().chain(callers).flat_map(|call| call.metadata.iter())
            {
                let pair = visible(&format!("{key}={value}"));
                if !pairs.contains(&pair) {
                    pairs.push(pair);
                }
            }
            table.row(vec![
                format!("{}{panicked}", self.short(&call.name)).into(),
                quantity::time(rate.nanos(call.duration_ticks)).into(),
                quantity::time(rate.nanos(call.start_ticks)).into(),
                self.thread(call.thread_id).into(),
                caller.map_or_else(|| "-".to_owned(), |caller| self.short(caller)).into(),
                Cell::Pairs(pairs),
            ]);
        }
        if listed.is_empty() {
            return Vec::new();
        }
        let mut lines = table.lines(self.options.columns());
        if left_out {
            let note = format!(
                "At most {PER_FUNCTION} calls of a function; none that is {EXPLAINED}% or more one \
                 call below it."
            );
            lines.extend(self.explanation(&note));
        }
        lines
    }

    /// The calls to list; whether one was left out that is slower than one of them.
    fn pick(&self, left_out: &mut bool) -> Vec<Listed<'_>> {
        let kept = self.report.functions.iter().flat_map(|function| function.slowest.iter());
        let mut calls: Vec<&FunctionCall> = kept.collect();
        let place = |call: &&FunctionCall| {
            (Reverse(call.duration_ticks), call.start_ticks, call.thread_id, call.function)
        };
        if calls.len() > CANDIDATES {
            calls.select_nth_unstable_by_key(CANDIDATES, place);
            calls.truncate(CANDIDATES);
        }
        calls.sort_by_key(place);
        let explained = explanations(&calls);
        let mut callers: HashMap<usize, Vec<&FunctionCall>> = HashMap::new();
        for (index, &call) in calls.iter().enumerate() {
            let mut last = index;
            while let Some(below) = explained[last] {
                last = below;
            }
            if last != index {
                callers.entry(last).or_default().push(call);
            }
        }
        let mut listed = Vec::new();
        let mut of_function: HashMap<u32, usize> = HashMap::new();
        let rows = LIST_ROWS.min(self.options.top);
        for (index, &call) in calls.iter().enumerate() {
            if listed.len() == rows {
                break;
            }
            let count = of_function.entry(call.function).or_default();
            if explained[index].is_some() || *count == PER_FUNCTION {
                *left_out = true;
                continue;
            }
            *count += 1;
            listed.push(Listed { call, callers: callers.remove(&index).unwrap_or_default() });
        }
        listed
    }
}

/// For each call the one directly below it, if any, that takes nearly all of its time.
fn explanations(calls: &[&FunctionCall]) -> Vec<Option<usize>> {
    // Async calls overlap, so several calls of a path can contain one below: by thread and path.
    let mut below: HashMap<(ThreadId, &[_]), Vec<usize>> = HashMap::new();
    for (index, call) in calls.iter().enumerate() {
        if let (Some(_), Some((_, callers))) = (call.path, call.call_stack.split_last()) {
            below.entry((call.thread_id, callers)).or_default().push(index);
        }
    }
    let explains = |call: &FunctionCall, child: &FunctionCall| {
        let end = |call: &FunctionCall| call.start_ticks + call.duration_ticks;
        let Ticks(whole) = call.duration_ticks;
        call.start_ticks <= child.start_ticks
            && end(child) <= end(call)
            && u128::from(child.duration_ticks.0) * 100 >= u128::from(whole) * EXPLAINED
    };
    let explanation = |call: &&FunctionCall| {
        call.path?;
        let children = below.get(&(call.thread_id, &call.call_stack[..]))?;
        children.iter().copied().find(|&child| explains(call, calls[child]))
    };
    calls.iter().map(explanation).collect()
}
