//! Function names: look-up by what one would call a function, and the shortest such form that is
//! still unambiguous.
//!
//! A suffix begins after a `::` that is not inside generic arguments: `Engine<a::B>::step` has the
//! suffixes `step` and itself. In brackets only the last part of a type's path need be there.

use std::borrow::Cow;
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

/// What a name may be called instead, the shortest first, the name itself last: its suffixes, in
/// brackets without the paths of types, and `Type::method` for `<a::Type as b::Trait>::method`.
fn forms(name: &str) -> Vec<Cow<'_, str>> {
    let mut forms: Vec<Cow<'_, str>> = Vec::new();
    for suffix in suffixes(name) {
        let short = without_paths(suffix);
        if let Some(method) = method(&short) {
            forms.push(Cow::Owned(method));
        }
        let is_shorter = matches!(short, Cow::Owned(_));
        forms.push(short);
        if is_shorter {
            forms.push(Cow::Borrowed(suffix));
        }
    }
    forms
}

/// `Engine<a::B>::step` as `Engine<B>::step`: types in brackets by their last part.
fn without_paths(name: &str) -> Cow<'_, str> {
    let mut short = String::new();
    let mut depth = 0usize;
    let mut rest = name;
    while let Some(next) = rest.chars().next() {
        if depth > 0
            && let Some(after) = rest.strip_prefix("::")
            && !after.starts_with('<')
        {
            let word = short.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
            if word < short.len() {
                short.truncate(word);
                rest = after;
                continue;
            }
        }
        match next {
            '<' | '(' | '[' => depth += 1,
            '>' if short.ends_with('-') => {} // the arrow of a function type
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        short.push(next);
        rest = &rest[next.len_utf8()..];
    }
    if short.len() < name.len() { Cow::Owned(short) } else { Cow::Borrowed(name) }
}

/// `Type::method`, of `<Type as Trait>::method`.
fn method(name: &str) -> Option<String> {
    let (of_type, rest) = name.strip_prefix('<')?.split_once(" as ")?;
    let (_, method) = rest.rsplit_once(">::")?;
    let is_path = |c: char| c.is_alphanumeric() || c == '_';
    of_type.chars().all(is_path).then(|| format!("{of_type}::{method}"))
}

/// The position of the name that `wanted` means: the one that equals it, or else the only one that
/// may be called so.
pub(crate) fn find<'n>(names: impl Iterator<Item = &'n str>, wanted: &str) -> Option<usize> {
    // Cheap to ask of all names, where there are no types in brackets to differ in.
    let last = suffixes(wanted).next().filter(|last| !last.contains('<')).unwrap_or("");
    let mut found = None;
    let mut ambiguous = false;
    for (index, name) in names.enumerate() {
        if name == wanted {
            return Some(index);
        }
        if name.ends_with(last) && forms(name).iter().any(|form| form == wanted) {
            ambiguous |= found.is_some();
            found = Some(index);
        }
    }
    if ambiguous { None } else { found }
}

/// The shortest suffix of a name.
pub(crate) fn last_part(name: &str) -> &str {
    suffixes(name).next().unwrap_or(name)
}

/// Gives each of `items` the shortest form of its name.
pub(crate) fn shorten<T>(items: &mut [T], name: fn(&T) -> &String, set: fn(&mut T, String)) {
    let names: Vec<String> = items.iter().map(|item| name(item).clone()).collect();
    let shortener = Shortener::new(names.iter().map(String::as_str));
    for (item, name) in items.iter_mut().zip(&names) {
        set(item, shortener.shorten(name).into_owned());
    }
}

/// The indexes of `names` in the order of the names.
pub(super) fn by_name(names: &[Arc<str>]) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..names.len() as u32).collect();
    sorted.sort_unstable_by(|&left, &right| names[left as usize].cmp(&names[right as usize]));
    sorted
}

/// Shortens names as far as [`find`] still finds them.
pub(super) struct Shortener<'n> {
    uses: HashMap<Cow<'n, str>, u32>,
}

impl<'n> Shortener<'n> {
    /// A shortener for these names, each given once.
    pub(super) fn new(names: impl Iterator<Item = &'n str>) -> Shortener<'n> {
        let mut uses = HashMap::new();
        for form in names.flat_map(forms) {
            *uses.entry(form).or_insert(0) += 1;
        }
        Shortener { uses }
    }

    /// The shortest form of `name` that no other name has.
    pub(super) fn shorten<'s>(&self, name: &'s str) -> Cow<'s, str> {
        let mut forms = forms(name).into_iter();
        forms.find(|form| self.uses.get(form) == Some(&1)).unwrap_or(Cow::Borrowed(name))
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
            assert_eq!(find(names.iter().copied(), &short), Some(index), "{name} as {short}");
        }
        assert_eq!(shortener.shorten("c::d::lone"), "lone");
    }

    #[test]
    fn methods_of_traits_are_called_by_type_and_if_need_be_trait() {
        let names = [
            "<a::Disk as a::Store>::load",
            "<a::Memory as a::Store>::load",
            "<a::Memory as b::Cache<a::Key>>::load",
            "<&[u8] as a::Store>::load",
            "a::Table<a::Row>::insert",
            "a::Table<b::Row>::insert",
            "a::Table<a::Row>::scan::<a::Key>",
            "b::Table<a::X>::len",
            "c::Table<a::X>::len",
        ];
        let shortener = Shortener::new(names.iter().copied());
        let short = names.map(|name| shortener.shorten(name));
        let expected = [
            "Disk::load",
            "<Memory as Store>::load",
            "<Memory as Cache<Key>>::load",
            "<&[u8] as Store>::load",
            "Table<a::Row>::insert",
            "Table<b::Row>::insert",
            "scan::<Key>",
            "b::Table<X>::len",
            "c::Table<X>::len",
        ];
        assert_eq!(short, expected);
        for (index, short) in short.iter().enumerate() {
            assert_eq!(find(names.iter().copied(), short), Some(index), "{short}");
        }
        let find = |wanted| find(names.iter().copied(), wanted);
        assert_eq!(find("<Disk as Store>::load"), Some(0));
        assert_eq!(find("Memory::load"), None, "two traits");
        assert_eq!(find("scan::<a::Key>"), Some(6));
    }
}
