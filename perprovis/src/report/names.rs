//! Function names: look-up by suffix, and the shortest suffix that is still unambiguous.
//!
//! A suffix begins after a `::` that is not inside generic arguments: `Engine<a::B>::step` has the
//! suffixes `step` and itself.

use std::collections::HashMap;
use std::sync::Arc;

/// Suffixes of a name that are looked at. More would make the cost of a name grow with the square
/// of its length, and nobody types that many segments.
const MAX_SUFFIXES: usize = 24;

/// The suffixes of a name, the shortest first, the name itself last.
pub(super) fn suffixes(name: &str) -> impl Iterator<Item = &str> {
    let mut starts = Vec::new();
    let mut depth = 0usize;
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'<' | b'(' | b'[' => depth += 1,
            b'>' if at > 0 && bytes[at - 1] == b'-' => {} // the arrow of a function type
            b'>' | b')' | b']' => depth = depth.saturating_sub(1),
            b':' if depth == 0 && bytes.get(at + 1) == Some(&b':') => {
                // A turbofish, `parse::<u8>`, belongs to the segment before it.
                if at > 0 && at + 2 < bytes.len() && bytes[at + 2] != b'<' {
                    starts.push(at + 2);
                }
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    // Both bytes of `::` are ASCII, so every start is a character boundary.
    let near = starts.into_iter().rev().take(MAX_SUFFIXES).map(|start| &name[start..]);
    near.chain(std::iter::once(name))
}

/// The position of the name that `wanted` means: the one that equals it, or else the only one of
/// which it is a suffix.
pub(super) fn find<'n>(names: impl Iterator<Item = &'n str>, wanted: &str) -> Option<usize> {
    let mut found = None;
    let mut ambiguous = false;
    for (index, name) in names.enumerate() {
        if name == wanted {
            return Some(index);
        }
        if name.ends_with(wanted) && suffixes(name).any(|suffix| suffix == wanted) {
            ambiguous |= found.is_some();
            found = Some(index);
        }
    }
    if ambiguous { None } else { found }
}

/// The indexes of `names` in the order of the names.
pub(super) fn by_name(names: &[Arc<str>]) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..names.len() as u32).collect();
    sorted.sort_unstable_by(|&left, &right| names[left as usize].cmp(&names[right as usize]));
    sorted
}

/// Shortens names as far as [`find`] still finds them.
pub(super) struct Shortener<'n> {
    uses: HashMap<&'n str, u32>,
}

impl<'n> Shortener<'n> {
    /// A shortener for these names, each given once.
    pub(super) fn new(names: impl Iterator<Item = &'n str>) -> Shortener<'n> {
        let mut uses = HashMap::new();
        for suffix in names.flat_map(suffixes) {
            *uses.entry(suffix).or_insert(0) += 1;
        }
        Shortener { uses }
    }

    /// The shortest suffix of `name` that no other name has.
    pub(super) fn shorten<'s>(&self, name: &'s str) -> &'s str {
        suffixes(name).find(|suffix| self.uses.get(suffix) == Some(&1)).unwrap_or(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_arguments_are_kept_whole() {
        let all: Vec<&str> = suffixes("app::Engine<std::vec::Vec<u8>>::step").collect();
        assert_eq!(
            all,
            ["step", "Engine<std::vec::Vec<u8>>::step", "app::Engine<std::vec::Vec<u8>>::step"]
        );
        assert_eq!(suffixes("a::parse::<u8>").next(), Some("parse::<u8>"));
        assert_eq!(suffixes("<a::B as c::D>::run").next(), Some("run"));
        assert_eq!(suffixes("apply<fn() -> a::B>::run").next(), Some("run"));
    }

    #[test]
    fn look_up_takes_names_and_unambiguous_suffixes() {
        let names = ["a::step", "b::step", "b::other", "other"];
        let find = |wanted| find(names.iter().copied(), wanted);
        assert_eq!(find("a::step"), Some(0));
        assert_eq!(find("step"), None);
        assert_eq!(find("other"), Some(3), "a full name wins over a suffix");
        assert_eq!(find("ther"), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn shortened_names_are_found_again() {
        let names = ["a::step", "b::step", "b::other", "other", "c::d::lone", "", "::", "x::"];
        let shortener = Shortener::new(names.iter().copied());
        for (index, name) in names.iter().enumerate() {
            let short = shortener.shorten(name);
            assert_eq!(find(names.iter().copied(), short), Some(index), "{name} as {short}");
        }
        assert_eq!(shortener.shorten("c::d::lone"), "lone");
    }
}
