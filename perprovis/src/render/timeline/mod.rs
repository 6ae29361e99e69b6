//! The latest calls on a time scale: a lane per thread, nested calls below their callers.
//!
//! A call of two columns or more is `├name──┤`, one that is running still `├name──▶`. Shorter ones
//! are no lines, or a busy program would be a wall of them: they show as how full of them a column
//! is, `▁▂▃▄▅▆▇█`. The deepest rows of a lane are folded into one such row.

mod lane;
mod scale;

use std::collections::BTreeMap;

use perprovis_core::units::Ticks;

use crate::report::{FunctionCall, Report, ThreadId};

use self::lane::{Bar, Lane};
use self::scale::Scale;
use super::bar::FROM_BELOW;
use super::label::{fit, visible};
use super::line::Line;
use super::quantity::{self, counted};
use super::style::Style;
use super::{EMPTY, TextOptions, lines_to_text, wrap, wrap_styled};

/// Rows of all lanes together, about: a screen; and of a lane, at least and at most.
const ALL_ROWS: usize = 30;
const ROWS: (usize, usize) = (2, 5);
/// Lanes drawn; those of the threads with the most calls come first.
const LANES: usize = 32;

/// The timeline.
pub(super) fn render(report: &Report, limit: usize, options: TextOptions) -> String {
    let columns = options.columns();
    if report.log.plain().is_empty() {
        let reason = if report.is_empty() {
            EMPTY
        } else {
            "No call is in the log: none has completed, or the log is off (`calls_per_thread`)."
        };
        return lines_to_text(&wrap(reason, columns), options);
    }
    let latest = latest(report.calls(), limit);
    let Some(scale) = Scale::new(report, &latest, columns) else {
        return lines_to_text(&wrap("A timeline of 0 calls: ask for more.", columns), options);
    };
    let mut lines = title(report, &latest, &scale, columns);
    lines.extend(scale.lines());
    let mut lanes = lanes(report, &latest);
    let left_out = keep_busiest(&mut lanes);
    let most = (ALL_ROWS / lanes.len()).clamp(ROWS.0, ROWS.1);
    let (mut short, mut hidden, mut is_folded) = (0, 0, false);
    for (thread, bars) in lanes {
        let lane = Lane::draw(&bars, most, &scale, report);
        (short, hidden) = (short + lane.short as u64, hidden + lane.hidden as u64);
        is_folded |= lane.folded.is_some();
        for (index, row) in lane.rows.into_iter().enumerate() {
            let (style, name) = match lane.folded {
                Some(folded) if index + 1 == most => (Style::Faint, format!("+{folded} rows")),
                _ if index == 0 => (Style::Strong, thread_name(report, thread)),
                _ => (Style::Plain, String::new()),
            };
            let name = Line::of(style, fit(&name, scale.lane_name));
            let mut line = name.pad_right(scale.lane_name + 1);
            line.append(row);
            lines.push(line.trim_end());
        }
    }
    let mut note = |text: String| lines.extend(wrap_styled(&[(Style::Faint, &text)], columns));
    if short > 0 {
        let calls = counted(short, "call", "calls");
        let hidden = match hidden {
            0 => String::new(),
            hidden => format!(", {} behind bar ends", quantity::count(hidden)),
        };
        note(format!(
            "{FROM_BELOW} how full a column is of calls too short for a bar ({calls}{hidden})"
        ));
    }
    if is_folded {
        note(
            "+ rows are folded into one: how full a column is of deeper or overlapping calls"
                .into(),
        );
    }
    if left_out > 0 {
        note(format!("… {} with fewer calls", counted(left_out, "more thread", "more threads")));
    }
    lines_to_text(&lines, options)
}

type Lanes<'r> = BTreeMap<ThreadId, Vec<Bar<'r>>>;

/// The bars of each thread that made one of these calls, by start.
fn lanes<'r>(report: &'r Report, calls: &[&'r FunctionCall]) -> Lanes<'r> {
    let mut lanes = Lanes::new();
    for call in calls {
        lanes.entry(call.thread_id).or_default().push(Bar {
            name: &call.name,
            function: call.function,
            depth: call.call_stack.len(),
            start: call.start_ticks,
            end: call.start_ticks + call.duration_ticks,
            is_open: false,
        });
    }
    for scope in &report.open {
        if let Some(bars) = lanes.get_mut(&scope.thread_id) {
            bars.push(Bar {
                name: &scope.name,
                function: report.paths[scope.path as usize].function,
                depth: scope.call_stack.len(),
                start: scope.since_ticks,
                end: Ticks(u64::MAX),
                is_open: true,
            });
        }
    }
    lanes.values_mut().for_each(|bars| bars.sort_by_key(|bar| bar.start));
    lanes
}

/// Leaves the lanes with the most bars; how many went.
fn keep_busiest(lanes: &mut Lanes<'_>) -> u64 {
    let mut by_bars: Vec<(usize, ThreadId)> =
        lanes.iter().map(|(&thread, bars)| (bars.len(), thread)).collect();
    by_bars.sort_by_key(|&(bars, thread)| (std::cmp::Reverse(bars), thread));
    let left_out = by_bars.split_off(by_bars.len().min(LANES));
    left_out.iter().for_each(|(_, thread)| drop(lanes.remove(thread)));
    left_out.len() as u64
}

/// The calls that began last, oldest first.
fn latest(calls: &[FunctionCall], limit: usize) -> Vec<&FunctionCall> {
    calls[calls.len() - calls.len().min(limit)..].iter().collect()
}

fn title(report: &Report, latest: &[&FunctionCall], scale: &Scale, columns: usize) -> Vec<Line> {
    let all = (report.log.plain().len() as u64).saturating_add(report.dropped.log_calls);
    let shown = quantity::count(latest.len() as u64);
    let which = if latest.len() as u64 == all {
        counted(all, "call", "calls")
    } else {
        format!("the latest {shown} of {}", counted(all, "call", "calls"))
    };
    let from = quantity::time(scale.first);
    let length = quantity::time(scale.last - scale.first);
    let mut title = format!("{which}, {length} from {from} after the start");
    if scale.is_relative {
        title.push_str(" (+0)");
    }
    if report.dropped.log_calls > 0 {
        let dropped = counted(report.dropped.log_calls, "call", "calls");
        title.push_str(&format!("; {dropped} no longer in the log"));
    }
    wrap_styled(&[(Style::Strong, "Timeline:"), (Style::Plain, &title)], columns)
}

fn thread_name(report: &Report, thread: ThreadId) -> String {
    let info = report.threads.iter().find(|info| info.id == thread);
    match info.and_then(|info| info.name.as_deref()) {
        Some(_) => visible(&report.numbered_thread(thread)),
        None => visible(&report.thread_name(thread)),
    }
}
