//! The wishes that come from the environment. They win over what the code says.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use perprovis_core::Filter;

use crate::Format;

use super::interval;

/// Every variable that is looked at.
const NAMES: [&str; 6] = [
    "PERPROVIS",
    "PERPROVIS_REPORT",
    "PERPROVIS_EXPORT",
    "PERPROVIS_EVERY",
    "PERPROVIS_FILTER",
    "PERPROVIS_CALLS",
];

/// What the environment says: `None` where it says nothing, `Some(None)` where it says "not at all".
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Environment {
    pub(super) off: bool,
    pub(super) report: Option<Option<usize>>, // functions
    pub(super) exports: Option<Vec<PathBuf>>, // as written, in formats that there are
    pub(super) every: Option<Option<Duration>>,
    pub(super) filter: Option<Option<Filter>>,
    pub(super) calls: Option<usize>,
}

impl Environment {
    /// Reads all variables; also gives what is wrong with them, a line each.
    pub(super) fn read(
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) -> (Environment, Vec<String>) {
        let mut environment = Environment::default();
        let mut problems = Vec::new();
        for (name, value) in variables {
            let Some(name) = name.to_str().filter(|name| is_ours(name)) else { continue };
            match value.to_str() {
                Some(value) if value.trim().is_empty() => {}
                Some(value) => problems.extend(environment.take(name, value.trim()).err()),
                None => problems.push(format!("{name} is not Unicode")),
            }
        }
        problems.sort_unstable(); // variables come in no order
        (environment, problems)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        let wrong = |expected: &str| Err(format!("{name} is {value:?}, expected {expected}"));
        let is_off = value == "off";
        match name {
            "PERPROVIS" => match value {
                "off" => self.off = true,
                "on" => {}
                _ => return wrong("on or off"),
            },
            "PERPROVIS_REPORT" => match value.parse() {
                Ok(top) => self.report = Some(Some(top)),
                Err(_) if is_off => self.report = Some(None),
                Err(_) => return wrong("a number of functions such as 20, or off"),
            },
            "PERPROVIS_EXPORT" if is_off => self.exports = Some(Vec::new()),
            "PERPROVIS_EXPORT" => return self.take_exports(name, value),
            "PERPROVIS_EVERY" => match interval::parse(value) {
                Some(every) => self.every = Some(Some(every)),
                None if is_off => self.every = Some(None),
                None => return wrong(&format!("{}, or off", interval::FORMS)),
            },
            "PERPROVIS_FILTER" if is_off => self.filter = Some(None),
            "PERPROVIS_FILTER" => match value.parse() {
                Ok(filter) => self.filter = Some(Some(filter)),
                Err(error) => {
                    return wrong(&format!(
                        "paths to record or, behind a -, to leave out, such as \
                         my_app::db,-my_app::db::ping, or off: {error}"
                    ));
                }
            },
            "PERPROVIS_CALLS" => match value.parse() {
                Ok(calls) => self.calls = Some(calls),
                Err(_) => return wrong("a number of calls such as 1000000"),
            },
            _ => {
                let known = NAMES.join(", ");
                return Err(format!("{name} is not known, only {known}"));
            }
        }
        Ok(())
    }

    /// Those that can be written; the others are told.
    fn take_exports(&mut self, name: &str, value: &str) -> Result<(), String> {
        let paths = value.split(',').map(str::trim).filter(|path| !path.is_empty());
        let (known, unknown): (Vec<_>, Vec<_>) = paths
            .map(|path| Format::of(path).map(|_| PathBuf::from(path)))
            .partition(Result::is_ok);
        self.exports = Some(known.into_iter().flatten().collect());
        let problems: Vec<String> =
            unknown.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect();
        if problems.is_empty() { Ok(()) } else { Err(format!("{name}: {}", problems.join("; "))) }
    }
}

/// Whether a variable is meant for us, also if there is none of that name.
fn is_ours(name: &str) -> bool {
    name.strip_prefix("PERPROVIS").is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> (Environment, Vec<String>) {
        Environment::read(variables.iter().map(|&(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn every_variable_is_understood() {
        let (environment, problems) = read(&[
            ("HOME", "/"),
            ("PERPROVISION", "of another program"),
            ("PERPROVIS", "off"),
            ("PERPROVIS_REPORT", "20"),
            ("PERPROVIS_EXPORT", "out.csv, b-%p.folded"),
            ("PERPROVIS_EVERY", "10s"),
            ("PERPROVIS_FILTER", "my_app::db,-my_app::db::ping"),
            ("PERPROVIS_CALLS", "1000000"),
        ]);
        assert_eq!(problems, Vec::<String>::new());
        let expected = Environment {
            off: true,
            report: Some(Some(20)),
            exports: Some(vec!["out.csv".into(), "b-%p.folded".into()]),
            every: Some(Some(Duration::from_secs(10))),
            filter: Some("my_app::db,-my_app::db::ping".parse().ok()),
            calls: Some(1_000_000),
        };
        assert_eq!(environment, expected);
    }

    #[test]
    fn off_says_not_at_all_and_an_empty_variable_says_nothing() {
        let names = ["REPORT", "EXPORT", "EVERY", "FILTER"].map(|name| format!("PERPROVIS_{name}"));
        let all = |value| read(&names.each_ref().map(|name| (name.as_str(), value)));
        let not_at_all = Environment {
            report: Some(None),
            exports: Some(Vec::new()),
            every: Some(None),
            filter: Some(None),
            ..Environment::default()
        };
        assert_eq!(all("off"), (not_at_all, Vec::new()));
        assert_eq!(all(" "), (Environment::default(), Vec::new()));
    }

    #[test]
    fn a_wrong_value_is_one_line_that_names_the_variable_and_the_forms() {
        for (name, value, message) in [
            ("PERPROVIS", "no", "PERPROVIS is \"no\", expected on or off"),
            (
                "PERPROVIS_REPORT",
                "-1",
                "PERPROVIS_REPORT is \"-1\", expected a number of functions such as 20, or off",
            ),
            (
                "PERPROVIS_EVERY",
                "10",
                "PERPROVIS_EVERY is \"10\", expected a time such as 500ms, 10s, 2m or 1h, or off",
            ),
            (
                "PERPROVIS_CALLS",
                "1e6",
                "PERPROVIS_CALLS is \"1e6\", expected a number of calls such as 1000000",
            ),
            (
                "PERPROVIS_FILTER",
                "-",
                "PERPROVIS_FILTER is \"-\", expected paths to record or, behind a -, to leave out, \
                 such as my_app::db,-my_app::db::ping, or off: a `-` has no path behind it",
            ),
            (
                "PERPROVIS_REPROT",
                "20",
                "PERPROVIS_REPROT is not known, only PERPROVIS, PERPROVIS_REPORT, \
                 PERPROVIS_EXPORT, PERPROVIS_EVERY, PERPROVIS_FILTER, PERPROVIS_CALLS",
            ),
        ] {
            let (environment, problems) = read(&[(name, value)]);
            assert_eq!(problems, [message]);
            assert_eq!(environment, Environment::default(), "{name}");
        }
    }

    #[test]
    fn of_several_files_those_are_written_that_can_be() {
        let (environment, problems) = read(&[("PERPROVIS_EXPORT", "a.csv,b.xyz,c.md")]);
        assert_eq!(environment.exports, Some(vec!["a.csv".into(), "c.md".into()]));
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("PERPROVIS_EXPORT: cannot tell the format of \"b.xyz\""));
    }
}
