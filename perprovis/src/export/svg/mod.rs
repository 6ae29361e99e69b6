//! Flame graphs as SVG, to zoom and search in a browser.
//!
//! The pictures are those of Brendan Gregg's *Flame Graphs*
//! (<https://www.brendangregg.com/flamegraphs.html>), drawn by the library `inferno` as SVG 1.1
//! (<https://www.w3.org/TR/SVG11/>), with its script for zoom (a click) and search (Ctrl-F, regular
//! expressions). The width of a frame is time in profiled code, that of all threads added up: an async
//! function counts its busy time, an open scope its time so far. The whole width is the profiled time.
//!
//! - Frames stand by total time, the largest left, not by name: then `main` and `main::{closure}`
//!   cannot come to lie between each other's callees, as they do in sorted text.
//! - Names are full and as in the folded format, but for semicolons, which stay. What does not fit is
//!   cut at the left, since the end of a path tells more.
//! - Of more than 20,000 frames the widest are drawn. The time of the others is still in the frames below
//!   them.
//! - Times in the tooltips are for people; whole nanoseconds stand in `fg:w` of each frame.
//!
//! Not streamed: `inferno` needs all stacks at once, and so does the difference of two reports. Beside
//! the report a picture takes the text of its folded form and its own.

mod colours;
mod difference;
mod page;

use std::io::{self, Write};
use std::path::Path;

use inferno::flamegraph::color::PaletteMap;
use inferno::flamegraph::{self, Direction, Options};

use crate::report::Report;
use crate::{Error, HumanCount, HumanTime};

use super::{file, folded};

/// Frames in a picture, about 5 MB: more make zooming slow. Each row of pixels shows a few hundred.
const MAX_FRAMES: usize = 20_000;
/// Pixels from a frame to the one above: room for text of 12 pixels.
const FRAME_HEIGHT: usize = 18;

/// Writes `report` with callers below.
pub(super) fn write(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    flame_graph(report, Direction::Straight, writer)
}

/// Writes `report` with callers above.
pub(super) fn write_icicle(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    flame_graph(report, Direction::Inverted, writer)
}

impl Report {
    /// Draws what changed since `before`: the flame graph of this report, in which a call path whose own
    /// time grew is red, one whose own time fell is blue, the stronger the more nanoseconds it is; what
    /// did not change is white.
    ///
    /// Times are compared as they are, not scaled to each other: if the program did twice the
    /// work, all is red. Paths that only `before` has have no width here; the subtitle says how much
    /// time they took, and `before.write_svg_difference(&after, …)` shows them (in blue what is slower
    /// now). A frame's tooltip tells its time and share, and the change of its own time as a share of
    /// the whole.
    ///
    /// Not available without the feature `svg`.
    ///
    /// # Errors
    ///
    /// [`Error::Write`] if the writer fails.
    pub fn write_svg_difference(
        &self,
        before: &Report,
        mut writer: impl Write,
    ) -> Result<(), Error> {
        let written = difference::write(before, self, &mut writer).and_then(|()| writer.flush());
        written.map_err(|source| Error::Write { source })
    }

    /// [Draws what changed](Report::write_svg_difference) since `before` into a file. An existing file is
    /// replaced in one step, and stays as it is if anything fails.
    ///
    /// # Errors
    ///
    /// [`Error::WriteFile`] if the file cannot be written.
    pub fn export_svg_difference(
        &self,
        before: &Report,
        path: impl AsRef<Path>,
    ) -> Result<(), Error> {
        file::replace(path.as_ref(), |writer| self.write_svg_difference(before, writer))
    }
}

fn flame_graph(report: &Report, direction: Direction, writer: &mut dyn Write) -> io::Result<()> {
    let mut lines = Vec::new();
    folded::for_each(report, u64::MAX, |line| {
        if line.nanos > 0 {
            lines.push(format!("{} {}", line.stack, line.nanos));
        }
        Ok(())
    })?;
    let mut colours = colours::of(report);
    let mut options = options(report, facts(report), direction);
    options.palette_map = Some(&mut colours);
    draw(lines, options, writer)
}

/// Who drew it, of what.
fn facts(report: &Report) -> String {
    let calls = report.functions.iter().map(|function| function.call_count);
    let calls = calls.fold(0, u64::saturating_add);
    let threads = (report.threads.len() as u64).saturating_add(report.exited_threads);
    let counted = |number, one: &str, many: &str| {
        format!("{} {}", HumanCount(number), if number == 1 { one } else { many })
    };
    let time = |ticks| HumanTime::from_nanos(report.clock.rate.nanos(ticks));
    format!(
        "{} in profiled code · run time {} · {} · {}",
        time(report.tree.whole()),
        time(report.clock.run_ticks),
        counted(calls, "call", "calls"),
        counted(threads, "thread", "threads"),
    )
}

fn options<'o>(report: &Report, subtitle: String, direction: Direction) -> Options<'o> {
    let mut options = Options::default();
    "perprovis flame graph".clone_into(&mut options.title);
    options.subtitle = Some(subtitle);
    options.direction = direction;
    page::UNIT.clone_into(&mut options.count_name);
    options.name_type.clear();
    options.frame_height = FRAME_HEIGHT;
    options.min_width = narrowest(report);
    options.bgcolors = Some(colours::BACKGROUND);
    // Takes the lines from the last to the first, and as they are: sorted, they would not be in the
    // order of the tree.
    options.flame_chart = true;
    options
}

/// The narrowest frame to draw, in percent of the picture.
fn narrowest(report: &Report) -> f64 {
    let percent_per_nano = 100.0 / report.tree.rate().nanos(report.tree.whole()).max(1.0);
    let mut shares: Vec<f64> = report.tree.iter().map(|node| node.share()).collect();
    if shares.len() <= MAX_FRAMES {
        return 0.5 * percent_per_nano; // all but those of no width
    }
    let (_, too_narrow, _) =
        shares.select_nth_unstable_by(MAX_FRAMES, |left, right| right.total_cmp(left));
    // Frames are up to a nanosecond wider than that, and those of the same width go as well.
    *too_narrow * 100.0 + 1.5 * percent_per_nano
}

/// Draws stacks that stand in the order of the picture.
fn draw(
    mut lines: Vec<String>,
    mut options: Options<'_>,
    writer: &mut dyn Write,
) -> io::Result<()> {
    if lines.is_empty() {
        return page::write_empty(writer);
    }
    lines.reverse();
    let mut picture = Vec::new();
    flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), &mut picture)?;
    drop(lines);
    page::write(&picture, writer)
}

/// The colours of frames.
type Colours = PaletteMap;

#[cfg(test)]
mod tests;
