//! The outcome of a package's own tests, by name.

use std::collections::BTreeSet;
use std::fmt;

use crate::cargo::Output;

/// What passed.
#[derive(Debug, Default)]
pub(crate) struct Suite {
    pub(crate) passed: BTreeSet<Test>,
    /// Neither passed nor ignored.
    pub(crate) failed: BTreeSet<Test>,
}

/// A test of a target; without a name it is the target's whole run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Test {
    target: String,
    name: Option<String>,
}

impl Suite {
    /// Adds what `cargo test --no-fail-fast` printed.
    ///
    /// Besides the tests, each target counts as one: it passed if its process ended well. So a
    /// process that dies between two tests is not overlooked, nor a target without a test harness.
    pub(crate) fn add(&mut self, output: &Output) {
        let mut current = None;
        for line in output.lines() {
            let trimmed = line.trim_start();
            if let Some(target) = target(trimmed) {
                self.end(current.replace((target, true)));
            } else if line.starts_with("error: test failed") || line.starts_with("error: doctest") {
                if let Some((_, success)) = &mut current {
                    *success = false;
                }
            } else if let Some((target, _)) = &current
                && let Some((name, outcome)) = test(line)
            {
                let test = Test { target: target.clone(), name: Some(name.to_owned()) };
                match outcome {
                    "ok" => self.passed.insert(test),
                    "FAILED" => self.failed.insert(test),
                    _ => false, // ignored
                };
            }
        }
        self.end(current);
    }

    fn end(&mut self, target: Option<(String, bool)>) {
        if let Some((target, success)) = target {
            let whole = Test { target, name: None };
            if success {
                self.passed.insert(whole)
            } else {
                self.failed.insert(whole)
            };
        }
    }

    /// How many passed, targets not counted.
    pub(crate) fn count(&self) -> usize {
        self.passed.iter().filter(|test| test.name.is_some()).count()
    }

    /// How many of those passed in `other`, too.
    pub(crate) fn kept_in(&self, other: &Suite) -> usize {
        self.passed.intersection(&other.passed).filter(|test| test.name.is_some()).count()
    }

    /// The tests that passed here and not in `other`. A whole target only if it is not for one of
    /// its tests.
    pub(crate) fn lost_in(&self, other: &Suite) -> BTreeSet<Test> {
        let lost: BTreeSet<&Test> = self.passed.difference(&other.passed).collect();
        lost.iter()
            .copied()
            .filter(|test| {
                let is_test_of = |named: &Test| named.name.is_some() && named.target == test.target;
                test.name.is_some() || !lost.iter().any(|other| is_test_of(other))
            })
            .cloned()
            .collect()
    }
}

impl fmt::Display for Test {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(formatter, "{}: test {name}", self.target),
            None => write!(formatter, "{}: the process did not end well", self.target),
        }
    }
}

/// `Running unittests src/lib.rs (target/debug/deps/x-1f)` or `Doc-tests x`.
fn target(line: &str) -> Option<String> {
    if let Some(target) = line.strip_prefix("Running ") {
        let (target, _) = target.rsplit_once(" (")?;
        return Some(target.to_owned());
    }
    line.starts_with("Doc-tests ").then(|| line.to_owned())
}

/// `test module::name - should panic ... ok`
fn test(line: &str) -> Option<(&str, &str)> {
    let (name, outcome) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    Some((name, outcome.split([' ', ',']).next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(text: &str) -> Suite {
        let mut suite = Suite::default();
        suite.add(&Output { success: true, text: text.to_owned() });
        suite
    }

    const PLAIN: &str = "\
     Running unittests src/lib.rs (target/debug/deps/x-1f)
running 4 tests
test a::one ... ok
test two - should panic ... ok
test slow ... ignored, takes long
test network ... FAILED
error: test failed, to rerun pass `--lib`
     Running tests/own_harness.rs (target/debug/deps/own_harness-2e)
   Doc-tests x
test src/lib.rs - f (line 3) ... ok
test src/lib.rs - g (line 9) - compile fail ... ok
";

    #[test]
    fn tests_are_told_apart() {
        let plain = suite(PLAIN);
        assert_eq!(plain.count(), 4);
        assert_eq!(plain.failed.len(), 2);
        assert!(plain.lost_in(&plain).is_empty());
    }

    #[test]
    fn a_lost_test_is_named_with_its_target() {
        let lost = |text: &str| -> Vec<String> {
            suite(PLAIN).lost_in(&suite(text)).iter().map(ToString::to_string).collect()
        };
        let failed = PLAIN.replace("one ... ok", "one ... FAILED");
        assert_eq!(lost(&failed), ["unittests src/lib.rs: test a::one"]);
        let dead = PLAIN.replace("   Doc", "error: test failed, to rerun\n   Doc");
        assert_eq!(lost(&dead), ["tests/own_harness.rs: the process did not end well"]);
        let gone = PLAIN.replace("test src/lib.rs - f (line 3) ... ok\n", "");
        assert_eq!(lost(&gone), ["Doc-tests x: test src/lib.rs - f (line 3)"]);
    }
}
