//! From time to columns.

use perprovis_core::units::Ticks;

use crate::report::{FunctionCall, Report};

use super::super::label::{pad_right, width};
use super::super::line::Line;
use super::super::quantity;
use super::super::style::Style;
use super::thread_name;

/// Columns between two labels of the scale, at least.
const TICK_COLUMNS: f64 = 12.0;
/// Columns before a lane, at least where a quarter of the width allows, and at most.
const LANE_NAME: (usize, usize) = (8, 20);

/// A scale that maps a span of time to the columns of a lane.
pub(super) struct Scale {
    pub(super) first: f64, // of the first call shown, in ns since the start
    pub(super) last: f64,
    pub(super) cells: usize,      // columns of a lane
    pub(super) lane_name: usize,  // columns of its name
    pub(super) is_relative: bool, // labels count from `origin`
    origin: f64,                  // of column 0
    per_column: f64,              // > 0
    step: f64,                    // of the labels
    nanos_per_tick: f64,
}

impl Scale {
    /// A scale that holds these calls; `None` if there are none.
    pub(super) fn new(report: &Report, calls: &[&FunctionCall], columns: usize) -> Option<Scale> {
        let rate = report.clock.rate;
        let end = |call: &&FunctionCall| call.start_ticks + call.duration_ticks;
        let first = rate.nanos(calls.iter().map(|call| call.start_ticks).min()?);
        let last = rate.nanos(calls.iter().map(end).max()?);
        // Of no length at all is drawn as one tick.
        let last = last.max(first + rate.nanos_per_tick());
        // From zero, unless that would squeeze everything into the right half.
        let is_relative = first > (last - first);
        let origin = if is_relative { first } else { 0.0 };
        let mut threads: Vec<_> = calls.iter().map(|call| call.thread_id).collect();
        threads.sort_unstable();
        threads.dedup();
        let names = threads.iter().map(|&thread| width(&thread_name(report, thread))).max();
        let lane_name = names.unwrap_or(0).clamp(LANE_NAME.0, LANE_NAME.1).min(columns / 4);
        let cells = columns - lane_name - 1;
        let per_column = (last - origin) / cells as f64;
        let step = round_up(per_column * TICK_COLUMNS);
        let nanos_per_tick = rate.nanos_per_tick();
        Some(Scale {
            first,
            last,
            cells,
            lane_name,
            is_relative,
            origin,
            per_column,
            step,
            nanos_per_tick,
        })
    }

    /// Where a time lies, in columns from the left end, whole and parts, within the lane.
    pub(super) fn place(&self, ticks: Ticks) -> f64 {
        let nanos = ticks.0 as f64 * self.nanos_per_tick - self.origin;
        (nanos / self.per_column).clamp(0.0, self.cells as f64)
    }

    /// The column in which a time lies.
    pub(super) fn column(&self, ticks: Ticks) -> usize {
        (self.place(ticks) as usize).min(self.cells - 1)
    }

    /// Labels, and below them the marks they stand at.
    pub(super) fn lines(&self) -> Vec<Line> {
        let (mut labels, mut marks) = (String::new(), String::new());
        for index in 0..self.cells {
            let time = index as f64 * self.step;
            let at = (time / self.per_column).round() as usize;
            if at >= self.cells {
                break;
            }
            let label = self.label(time);
            if at + width(&label) > self.cells || (index > 0 && at <= width(&labels)) {
                continue;
            }
            labels = pad_right(&labels, at) + &label;
            marks.extend(std::iter::repeat_n('─', at - width(&marks)));
            marks.push('┬');
        }
        marks.extend(std::iter::repeat_n('─', self.cells - width(&marks)));
        let indent = " ".repeat(self.lane_name + 1);
        [labels, marks].map(|line| Line::of(Style::Faint, format!("{indent}{line}"))).into()
    }

    /// A round time without the digits that a round time does not have.
    fn label(&self, nanos: f64) -> String {
        let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")];
        let unit = units.iter().find(|(length, _)| self.step * 10.0 > *length);
        let (length, unit) = unit.unwrap_or(&units[3]);
        let decimals = (length / self.step).log10().ceil().max(0.0) as usize;
        let sign = if self.is_relative { "+" } else { "" };
        if nanos == 0.0 {
            return format!("{sign}0");
        }
        if nanos >= 1e6 * 1e9 {
            return format!("{sign}{}", quantity::time(nanos)); // no longer short in seconds
        }
        format!("{sign}{:.*} {unit}", decimals.min(3), nanos / length)
    }
}

/// The next 1, 2 or 5 times a power of ten.
fn round_up(nanos: f64) -> f64 {
    let power = 10f64.powf(nanos.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .iter()
        .map(|step| step * power)
        .find(|&step| step >= nanos)
        .unwrap_or(nanos)
}
