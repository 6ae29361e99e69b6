//! The crates that are checked when none is named.

use std::fmt;

use anyhow::{Context as _, Result, bail};

/// A crate of the registry, and how it is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Switched on beside the default ones.
    pub(crate) features: Vec<String>,
}

/// All crates, or those for every commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    Full,
    Short,
}

/// Name, version, features, and whether it is in the short selection: a small crate of plain
/// functions, one of low-level functions, one of async functions.
type Entry = (&'static str, &'static str, &'static [&'static str], bool);

const CATALOGUE: [Entry; 9] = [
    ("semver", "1.0.28", &["serde"], true),
    ("httparse", "1.10.1", &[], true),
    ("indexmap", "2.14.2", &["arbitrary", "quickcheck", "rayon", "serde"], false),
    ("serde_json", "1.0.154", &["preserve_order", "raw_value", "unbounded_depth"], false),
    ("async-lock", "3.5.0", &[], true),
    ("pulldown-cmark", "0.13.6", &["serde"], false),
    ("tower", "0.5.3", &["full"], false),
    ("bytes", "1.12.2", &["serde"], false),
    ("bb8", "0.9.1", &[], false),
];

impl Selection {
    pub(crate) fn subjects(self) -> Vec<Subject> {
        CATALOGUE
            .iter()
            .filter(|(_, _, _, short)| self == Selection::Full || *short)
            .map(|(name, version, features, _)| Subject {
                name: (*name).to_owned(),
                version: (*version).to_owned(),
                features: features.iter().map(|&feature| feature.to_owned()).collect(),
            })
            .collect()
    }
}

impl Subject {
    /// Reads `name@version` or `name@version:feature,feature`.
    pub(crate) fn parse(text: &str) -> Result<Subject> {
        let (name, rest) =
            text.split_once('@').with_context(|| format!("`{text}`: expected NAME@VERSION"))?;
        let (version, features) = rest.split_once(':').unwrap_or((rest, ""));
        if name.is_empty() || version.is_empty() {
            bail!("`{text}`: expected NAME@VERSION");
        }
        Ok(Subject {
            name: name.to_owned(),
            version: version.to_owned(),
            features: features
                .split(',')
                .filter(|feature| !feature.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.name, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_named_with_version_and_features() {
        let subject = Subject::parse("tower@0.5.3:full,log").unwrap();
        assert_eq!(subject.to_string(), "tower 0.5.3");
        assert_eq!(subject.features, ["full", "log"]);
        assert_eq!(Subject::parse("bb8@0.9.1").unwrap().features, [""; 0]);
        for wrong in ["bb8", "@1", "bb8@", "bb8@:full"] {
            assert!(Subject::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_short_selection_is_a_part_of_the_full_one() {
        let full = Selection::Full.subjects();
        let short = Selection::Short.subjects();
        assert!(short.len() < full.len() && short.iter().all(|subject| full.contains(subject)));
    }
}
