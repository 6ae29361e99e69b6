//! What is recorded: rules on the paths of functions.

use std::fmt;
use std::str::FromStr;

/// Which functions are recorded, by their names.
///
/// As text, rules separated by commas: `my_app::db,-my_app::db::ping`. A rule is the beginning of a
/// function's path, up to a `::`, a `<` or its end; with a `-` it keeps out what it matches. Of the
/// rules that match a name, the longest decides. What no rule matches is recorded if all rules
/// keep something out, else it is not.
///
/// The function `<my_app::Disk as my_app::Store>::load` is found under the path of its type,
/// `my_app::Disk::load`, and under that of the trait, `my_app::Store::load`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    rules: Vec<Rule>, // the longest path first; no path twice
    otherwise: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    path: Box<str>, // not empty
    records: bool,
}

/// Why a text is no [`Filter`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterError {
    /// There is no rule in it.
    Empty,
    /// A `-` without a path.
    NoPath,
    /// A path can be of no function: it ends in a single colon.
    NotAPath(String),
    /// A path is to be recorded and kept out.
    Contradiction(String),
}

impl Filter {
    /// Whether the function of this name is recorded.
    #[must_use]
    pub fn records(&self, name: &str) -> bool {
        let found = self.rules.iter().find(|rule| rule.matches(name));
        found.map_or(self.otherwise, |rule| rule.records)
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Filter, FilterError> {
        let mut rules: Vec<Rule> = Vec::new();
        for rule in split_at_commas(text).map(str::trim).filter(|rule| !rule.is_empty()) {
            let rule = Rule::parse(rule)?;
            match rules.iter().find(|other| other.path == rule.path) {
                Some(other) if other.records == rule.records => {}
                Some(_) => return Err(FilterError::Contradiction(rule.path.into())),
                None => rules.push(rule),
            }
        }
        if rules.is_empty() {
            return Err(FilterError::Empty);
        }
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.path.len()));
        let otherwise = rules.iter().all(|rule| !rule.records);
        Ok(Filter { rules, otherwise })
    }
}

/// As it is parsed, the longest path first.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Rule { path, records }) in self.rules.iter().enumerate() {
            let (gap, sign) = (if index == 0 { "" } else { "," }, if *records { "" } else { "-" });
            write!(f, "{gap}{sign}{path}")?;
        }
        Ok(())
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilterError::Empty => f.write_str("there is no rule in it"),
            FilterError::NoPath => f.write_str("a `-` has no path behind it"),
            FilterError::NotAPath(path) => write!(f, "`{path}` is no path of functions"),
            FilterError::Contradiction(path) => {
                write!(f, "`{path}` is to be recorded and to be left out")
            }
        }
    }
}

impl std::error::Error for FilterError {}

impl Rule {
    fn parse(text: &str) -> Result<Rule, FilterError> {
        let (records, path) = match text.strip_prefix('-') {
            Some(path) => (false, path.trim_start()),
            None => (true, text),
        };
        let path = path.strip_suffix("::").unwrap_or(path);
        if path.is_empty() {
            return Err(FilterError::NoPath);
        }
        if path.ends_with(':') {
            return Err(FilterError::NotAPath(text.into()));
        }
        Ok(Rule { path: path.into(), records })
    }

    fn matches(&self, name: &str) -> bool {
        let begins = |name: &str| {
            let rest = name.strip_prefix(&*self.path);
            rest.is_some_and(|rest| {
                rest.is_empty() || rest.starts_with("::") || rest.starts_with('<')
            })
        };
        if begins(name) {
            return true;
        }
        let Some((of_type, of_trait, rest)) = split_impl(name) else { return false };
        [of_type, of_trait].into_iter().any(|path| {
            begins(path)
                // The rule goes on behind the type, as in `my_app::Disk::load`.
                || self.path.strip_prefix(path).is_some_and(|behind| {
                    rest.strip_prefix(behind)
                        .is_some_and(|left| left.is_empty() || left.starts_with("::"))
                })
        })
    }
}

/// Type, trait and `::rest` of `<Type as Trait>::rest`.
fn split_impl(name: &str) -> Option<(&str, &str, &str)> {
    let inside = name.strip_prefix('<')?;
    let mut depth = 0;
    let mut separator = None;
    let bytes = inside.as_bytes();
    for at in 0..bytes.len() {
        match bytes[at] {
            b'<' => depth += 1,
            b'>' if at > 0 && bytes[at - 1] == b'-' => {}
            b'>' if depth == 0 => {
                let separator: usize = separator?;
                let (of_type, of_trait) = (&inside[..separator], &inside[separator + 4..at]);
                return Some((pointee(of_type), of_trait, &inside[at + 1..]));
            }
            b'>' => depth -= 1,
            b' ' if depth == 0 && separator.is_none() && inside[at..].starts_with(" as ") => {
                separator = Some(at);
            }
            _ => {}
        }
    }
    None
}

/// What a reference or pointer points to: `&mut my_app::Disk` is found as `my_app::Disk`.
fn pointee(mut of_type: &str) -> &str {
    loop {
        let inner = of_type.trim_start_matches(['&', '*', ' ']);
        let inner = match inner.strip_prefix('\'') {
            Some(lifetime) => lifetime.split_once(' ').map_or("", |(_, inner)| inner),
            None => inner,
        };
        let words = ["mut ", "const ", "dyn "];
        let inner = words.iter().find_map(|word| inner.strip_prefix(word)).unwrap_or(inner);
        if inner.len() == of_type.len() {
            return of_type;
        }
        of_type = inner;
    }
}

/// The rules: a comma inside of brackets belongs to a type, as in `Map<K, V>::get`.
fn split_at_commas(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    text.split(move |letter| {
        match letter {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth <= 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(filter: &str, name: &str) -> bool {
        filter.parse::<Filter>().unwrap().records(name)
    }

    #[test]
    fn a_rule_matches_up_to_the_end_of_a_part() {
        for (rule, name, matches) in [
            ("app::db", "app::db", true),
            ("app::db", "app::db::load", true),
            ("app::db::", "app::db::load", true),
            ("app::db", "app::db::Table<_>::load", true),
            ("app::db::Table", "app::db::Table<_>::load", true),
            ("app::db::Table<_>", "app::db::Table<_>::load", true),
            ("app::db", "app::dbase::load", false),
            ("app::db", "other::app::db", false),
            ("app::db", "app", false),
            ("db query", "db query", true),
            ("db", "db query", false),
            ("app::Disk", "<app::Disk as app::Store>::load", true),
            ("app::Disk::load", "<app::Disk as app::Store>::load", true),
            ("app::Disk::lo", "<app::Disk as app::Store>::load", false),
            ("app::Disk::load", "<app::Disk as app::Store>::load::inner", true),
            ("app::Store", "<app::Disk as app::Store>::load", true),
            ("app", "<&'a mut app::Disk<T> as std::ops::Fn<(u8,), fn(u8) -> u8>>::call", true),
            ("app", "<fn(u8) -> u8 as app::Tr>::s", true),
            ("std", "<alloc::vec::Vec<std::X> as app::Tr>::s", false),
            ("<app::Disk as app::Store>", "<app::Disk as app::Store>::load", true),
        ] {
            assert_eq!(records(rule, name), matches, "{rule} {name}");
            let keeps_out = records(&format!("-{rule}"), name);
            assert_eq!(keeps_out, !matches, "-{rule} {name}");
        }
    }

    #[test]
    fn the_longest_rule_decides_whatever_the_order() {
        for filter in ["a::b,-a::b::c,a::b::c::d", "a::b::c::d, -a::b::c, a::b"] {
            for (name, is_recorded) in [
                ("a", false),
                ("a::x", false),
                ("a::b::x", true),
                ("a::b::c", false),
                ("a::b::c::x", false),
                ("a::b::c::d::x", true),
            ] {
                assert_eq!(records(filter, name), is_recorded, "{filter} {name}");
            }
        }
    }

    #[test]
    fn rules_that_only_keep_out_leave_the_rest() {
        assert!(records("-a::b,-c", "a::x"));
        assert!(!records("-a::b,-c", "c::x"));
        assert!(!records("-a::b,c", "a::x"), "one that records excludes what it does not match");
    }

    #[test]
    fn texts_that_are_no_filter_are_told_why() {
        for (text, error) in [
            ("", FilterError::Empty),
            (" , ", FilterError::Empty),
            ("a,-", FilterError::NoPath),
            ("::", FilterError::NoPath),
            ("a:", FilterError::NotAPath("a:".into())),
            ("a,-a", FilterError::Contradiction("a".into())),
        ] {
            assert_eq!(text.parse::<Filter>(), Err(error), "{text}");
        }
        assert!("a,a".parse::<Filter>().is_ok());
    }

    #[test]
    fn a_filter_reads_what_it_writes() {
        let filter: Filter = "a, -a::Map<K, V>::get".parse().unwrap();
        assert_eq!(filter.to_string(), "-a::Map<K, V>::get,a");
        assert_eq!(filter.to_string().parse(), Ok(filter));
    }
}
