//! One static per instrumented place: its identity, its name, and whether a filter keeps it out.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::filter::Filter;
use crate::recorder::OFF;

/// An instrumented place. Its address is its identity.
#[derive(Debug)]
pub struct Callsite {
    name: Name,
    /// What was decided last: the token of the session that leaves this place out, or, marked by
    /// [`ADMITTED`], of the one that records it. At first the token of recorders that are off: so
    /// one comparison says that a call is not recorded, whether for the one reason or the other.
    ///
    /// Relaxed everywhere: what a session leaves out never changes, and no two have the same token,
    /// so every value that was ever stored is true for ever.
    decided: AtomicU64,
}

/// No token is that large.
const ADMITTED: u64 = 1 << 63;

#[derive(Debug)]
enum Name {
    Given(&'static str),
    /// Yields the type name of an item nested in the function's body, which carries the
    /// function's full path. Asked for when a thread first meets the callsite, never per call.
    Derived(fn() -> &'static str),
}

impl Callsite {
    /// A place that is called `name`.
    #[must_use]
    pub const fn named(name: &'static str) -> Callsite {
        Callsite::new(Name::Given(name))
    }

    /// A place that is named after the type `T`, or after the function that `T` is an item of.
    #[must_use]
    pub const fn of<T>() -> Callsite {
        Callsite::new(Name::Derived(std::any::type_name::<T>))
    }

    const fn new(name: Name) -> Callsite {
        Callsite { name, decided: AtomicU64::new(OFF) }
    }

    /// Whether a recorder with this token is known not to record this place: because it is off, or
    /// by its filter.
    #[inline(always)]
    pub(crate) fn is_left_out(&self, token: u64) -> bool {
        self.decided.load(Ordering::Relaxed) == token
    }

    /// Whether the session with this token is known to record this place, by its filter.
    pub(crate) fn is_admitted(&self, token: u64) -> bool {
        self.decided.load(Ordering::Relaxed) == token | ADMITTED
    }

    /// Whether the session with this token records this place, as its filter says.
    pub(crate) fn decide(&self, token: u64, filter: &Filter) -> bool {
        let records = filter.records(&self.name());
        self.decided.store(if records { token | ADMITTED } else { token }, Ordering::Relaxed);
        records
    }

    /// Forgets what was decided, so that a recorder that is off is told by one comparison again.
    pub(crate) fn forget(&self) {
        if self.decided.load(Ordering::Relaxed) != OFF {
            self.decided.store(OFF, Ordering::Relaxed);
        }
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        match self.name {
            Name::Given(name) => Cow::Borrowed(name),
            Name::Derived(marker) => display_name(marker()),
        }
    }
}

const CLOSURE: &str = "::{{closure}}";

/// The path of a function, from the type name of the marker item nested in its body.
fn display_name(raw: &'static str) -> Cow<'static, str> {
    let path = raw.strip_suffix("::__PerprovisHere").unwrap_or(raw);
    // The body of an `async fn` is a closure, and one more if it is profiled: a function in it keeps its
    // name. What is profiled has a name, so a closure is never the last part.
    let path = path.strip_suffix(CLOSURE).unwrap_or(path);
    if path.contains(CLOSURE) {
        return Cow::Owned(beside_its_type(&path.replace(CLOSURE, "")).into_owned());
    }
    beside_its_type(path)
}

/// `path`, of a function in an impl that is not beside its type, as if it were.
fn beside_its_type(path: &str) -> Cow<'_, str> {
    // An impl away from its type reads `a::<impl a::Trait for a::Type>::f`, one beside it
    // `<a::Type as a::Trait>::f` or `a::Type::f`. All become the latter; the innermost impl counts.
    let mut found = None;
    let mut from = 0;
    while let Some(start) = path[from..].find("<impl ").map(|at| from + at) {
        let Some(end) = closing_angle(path, start) else { break };
        found = Some((start, end));
        from = end;
    }
    let Some((start, end)) = found else { return Cow::Borrowed(path) };
    let (inside, rest) = (&path[start + "<impl ".len()..end], &path[end + 1..]);
    match inside.split_once(" for ") {
        Some((of_trait, of_type)) => Cow::Owned(format!("<{of_type} as {of_trait}>{rest}")),
        None => Cow::Owned(format!("{inside}{rest}")),
    }
}

/// The `>` that closes the `<` at `open`; that of an `->` closes nothing.
fn closing_angle(path: &str, open: usize) -> Option<usize> {
    let bytes = path.as_bytes();
    let mut depth = 0;
    for at in open..bytes.len() {
        match bytes[at] {
            b'<' => depth += 1,
            b'>' if bytes[at - 1] == b'-' => {}
            b'>' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::display_name;

    #[test]
    fn names_as_rustc_writes_them() {
        for (raw, name) in [
            ("a::f::__PerprovisHere", "a::f"),
            ("a::f::{{closure}}::__PerprovisHere", "a::f"),
            ("a::f::{{closure}}::inner::__PerprovisHere", "a::f::inner"),
            ("a::f::{{closure}}::{{closure}}::inner::{{closure}}::__PerprovisHere", "a::f::inner"),
            ("<a::f::{{closure}}::L as a::Tr>::g::__PerprovisHere", "<a::f::L as a::Tr>::g"),
            ("a::W<'_, _, N>::w::{{closure}}::__PerprovisHere", "a::W<'_, _, N>::w"),
            ("<a::K<_> as a::Tr<_>>::s::__PerprovisHere", "<a::K<_> as a::Tr<_>>::s"),
            ("a::<impl a::m::K<a::X>>::f::__PerprovisHere", "a::m::K<a::X>::f"),
            ("a::m::_::<impl a::m::K>::f::__PerprovisHere", "a::m::K::f"),
            (
                "a::<impl a::Tr<u8> for a::K>::s::{{closure}}::__PerprovisHere",
                "<a::K as a::Tr<u8>>::s",
            ),
            ("a::<impl a::Tr for fn(u8) -> u8>::s::__PerprovisHere", "<fn(u8) -> u8 as a::Tr>::s"),
            (
                "a::<impl a::K>::f::<impl a::Tr for a::<impl a::K>::f::L>::g::__PerprovisHere",
                "<a::<impl a::K>::f::L as a::Tr>::g",
            ),
        ] {
            assert_eq!(display_name(raw), name, "{raw}");
        }
    }
}
