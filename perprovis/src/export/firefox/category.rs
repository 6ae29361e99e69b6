//! Categories: the modules that the time was spent in, so that each has a colour.

use std::cmp::Reverse;
use std::collections::HashMap;

use fxprof_processed_profile::{CategoryColor, CategoryHandle, Profile};

use crate::report::Report;

/// The colours that tell modules apart, the most time first. Grey is for everything else.
const COLORS: [CategoryColor; 10] = [
    CategoryColor::Blue,
    CategoryColor::Orange,
    CategoryColor::Green,
    CategoryColor::Purple,
    CategoryColor::Yellow,
    CategoryColor::LightBlue,
    CategoryColor::Magenta,
    CategoryColor::LightGreen,
    CategoryColor::Brown,
    CategoryColor::Red,
];

/// The category of each module that has one of its own.
pub(super) struct Categories<'r>(HashMap<&'r str, CategoryHandle>);

impl<'r> Categories<'r> {
    /// Those of the modules with the most self time.
    pub(super) fn new(report: &'r Report, profile: &mut Profile) -> Categories<'r> {
        let mut times = HashMap::new();
        for function in &report.functions {
            if let Some(module) = module_of(&function.name) {
                *times.entry(module).or_default() += function.tree_self_time;
            }
        }
        let mut modules: Vec<(&str, perprovis_core::units::Ticks)> = times.into_iter().collect();
        modules.sort_by_key(|&(module, time)| (Reverse(time), module));
        let categories = modules.into_iter().zip(COLORS).map(|((module, _), color)| {
            // Some names are known to the profiler, which takes `Idle` for no work; none has a `::`.
            (module, profile.add_category(&format!("{module}::"), color))
        });
        Categories(categories.collect())
    }

    /// The category of a function.
    pub(super) fn of(&self, name: &str) -> CategoryHandle {
        let found = module_of(name).and_then(|module| self.0.get(module));
        found.copied().unwrap_or(CategoryHandle::OTHER)
    }
}

/// The crate and its module or type that a function is in, as far as its name says: the first two
/// parts of the name but not the last one. None for a name of one part, which is that of a block.
fn module_of(name: &str) -> Option<&str> {
    let mut ends = parts_end(name);
    let first = ends.next()?;
    Some(&name[..ends.next().unwrap_or(first)])
}

/// Where each `::` begins that is not inside of angle brackets.
fn parts_end(name: &str) -> impl Iterator<Item = usize> + '_ {
    let (mut depth, mut last) = (0usize, 0u8);
    let mut skipped = false;
    name.bytes().enumerate().filter_map(move |(at, byte)| {
        let arrow = last == b'-';
        let pair = byte == b':' && last == b':' && !skipped;
        skipped = pair; // a third colon is not the second of a pair
        last = byte;
        match byte {
            b'<' => depth += 1,
            b'>' if !arrow => depth = depth.saturating_sub(1),
            _ => {}
        }
        (pair && depth == 0).then(|| at - 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_the_beginning_of_a_name() {
        for (name, module) in [
            ("shop::main", Some("shop")),
            ("shop::db::Pool<_>::query", Some("shop::db")),
            ("shop::Server<a::B>::handle", Some("shop::Server<a::B>")),
            ("<a::T as b::U>::f", Some("<a::T as b::U>")),
            ("<fn(a::A) -> b::B as c::C>::f", Some("<fn(a::A) -> b::B as c::C>")),
            ("block", None),
            ("", None),
            ("::", Some("")),
            (":::", Some("")),
            ("漢::字::x", Some("漢::字")),
            (">>a::b", Some(">>a")),
            ("<<a::b", None),
        ] {
            assert_eq!(module_of(name), module, "{name}");
        }
    }
}
