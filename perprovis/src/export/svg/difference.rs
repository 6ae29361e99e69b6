//! What changed between two reports.

use std::collections::HashMap;
use std::io::{self, Write};

use inferno::flamegraph::Direction;

use crate::HumanTime;
use crate::report::Report;

use super::super::folded::for_each;
use super::{colours, draw, facts, options};

/// Profiled time up to which `inferno` can scale its colours without an overflow, about a year: it
/// multiplies a difference in nanoseconds by 150. More counts as so much.
const MAX_NANOS: u64 = i64::MAX as u64 / 300;

/// Draws `after` in the colours of its difference to `before`.
pub(super) fn write(before: &Report, after: &Report, writer: &mut dyn Write) -> io::Result<()> {
    let mut earlier: HashMap<String, u64> = HashMap::new();
    for_each(before, MAX_NANOS, |line| {
        *earlier.entry(line.stack.to_owned()).or_default() += line.nanos;
        Ok(())
    })?;
    let mut lines = Vec::new();
    let mut whole = 0;
    for_each(after, MAX_NANOS, |line| {
        // Also paths without time of their own: a line that ends in a frame is what gives it its
        // colour.
        let was = earlier.remove(line.stack).unwrap_or(0);
        lines.push(format!("{} {was} {}", line.stack, line.nanos));
        whole += line.nanos;
        Ok(())
    })?;
    if whole == 0 {
        lines.clear();
    }
    let (gone, paths) = earlier
        .values()
        .filter(|&&nanos| nanos > 0)
        .fold((0, 0), |(sum, paths), nanos| (sum + nanos, paths + 1));
    draw(lines, with_title(before, after, (gone, paths)), writer)
}

fn with_title<'o>(
    before: &Report,
    after: &Report,
    gone: (u64, usize),
) -> inferno::flamegraph::Options<'o> {
    let time = |report: &Report| report.clock.rate.nanos(report.tree.whole());
    let change = time(after) - time(before);
    let mut subtitle = format!(
        "{} · before {} ({}{})",
        facts(after),
        HumanTime::from_nanos(time(before)),
        if change < 0.0 { "−" } else { "+" },
        HumanTime::from_nanos(change.abs()),
    );
    if let (nanos, paths @ 1..) = gone {
        let nanos = HumanTime::from_nanos(nanos as f64);
        let paths = if paths == 1 { "1 path".to_owned() } else { format!("{paths} paths") };
        subtitle.push_str(&format!(" · gone: {nanos} on {paths}"));
    }
    let mut options = options(after, subtitle, Direction::Straight);
    options.stroke_color = colours::OUTLINE; // white frames on white
    "perprovis: red is slower, blue is faster".clone_into(&mut options.title);
    options
}
