//! The check of one crate: plain and annotated, what differs.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::annotate::{Bearers, annotate_files};
use crate::cargo::Cargo;
use crate::catalogue::Subject;
use crate::compilation::{Compilation, Diagnostic, Diagnostics, Kind, Target, inside};
use crate::meter::{self, Build, Costs};
use crate::source::{self, Dependency};
use crate::suite::{Suite, Test};

const PROFILE: &str = "#[perprovis::profile]";
const CENSUS: &str = "#[perprovis_census::count]";
const CENSUS_LIST: &str = "PERPROVIS_CENSUS";

/// For the tests, not for the build time: some tests make a thousand million calls.
const OPTIMISED_PROFILER: &str = "--config=profile.dev.package.perprovis-core.opt-level=3";

/// Where things are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'a> {
    /// This package.
    pub(crate) package: &'a Path,
    /// For copies of the crate; emptied before.
    pub(crate) work: &'a Path,
    /// Cargo's, shared by all copies and crates: most dependencies are built once. A copy overwrites what
    /// another one of the same crate left there, so they are built one after the other.
    pub(crate) target: &'a Path,
}

/// How a crate did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) krate: String,
    /// How many items have the attribute.
    pub(crate) attributes: usize,
    /// Those of them that are compiled in this configuration.
    pub(crate) live: usize,
    pub(crate) tests: Tests,
    pub(crate) new_warnings: usize,
    pub(crate) build: Option<Costs>,
    pub(crate) findings: Vec<Finding>,
    /// What a reader should know, and no reason to fail.
    pub(crate) notes: Vec<String>,
}

#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tests {
    /// Passed without the attribute.
    pub(crate) plain: usize,
    /// Of those, passed with it.
    pub(crate) kept: usize,
}

/// Something that the attribute changed.
#[derive(Debug)]
pub(crate) enum Finding {
    /// A function that it cannot stand on, or code beside it that no longer compiles.
    Error {
        diagnostic: Diagnostic,
        rendered: String,
    },
    NewWarning {
        tool: &'static str,
        diagnostic: Diagnostic,
        rendered: String,
    },
    LostTest(Test),
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Error { diagnostic, rendered } => {
                write!(formatter, "does not compile: {diagnostic}\n{}", indented(rendered))
            }
            Finding::NewWarning { tool, diagnostic, rendered } => {
                write!(formatter, "new warning of {tool}: {diagnostic}\n{}", indented(rendered))
            }
            Finding::LostTest(test) => write!(formatter, "passes only without: {test}"),
        }
    }
}

/// Checks `subject`; calls `progress` with the name of each step as it begins.
///
/// # Errors
///
/// If there is nothing to compare with: the crate cannot be had or does not build as it is.
pub(crate) fn check(
    subject: &Subject,
    bearers: Bearers,
    places: Places<'_>,
    mut progress: impl FnMut(&str),
) -> Result<Outcome> {
    progress("fetch");
    if places.work.exists() {
        fs::remove_dir_all(places.work)?;
    }
    let original = source::fetch(subject, places.work)?;

    progress("check without the attribute");
    let plain = Copy::new("plain", &original, None, subject, places)?;
    let plain_check = plain.compile("check")?;
    let mut notes: Vec<String> = errors(&plain_check)
        .map(|error| format!("left out, does not compile without the attribute: {error}"))
        .collect();
    if let Some(error) = errors(&plain_check).next()
        && plain_check.targets.is_empty()
    {
        bail!("does not compile without the attribute: {error}");
    }
    let files = plain_check.source_files(&plain.folder)?;

    progress("count what is compiled");
    let census = Copy::new("census", &original, Some(places.census()), subject, places)?;
    let live = census.live(&files, bearers)?;

    progress("check with the attribute");
    let profiler = places.profiler();
    let mut annotated = Copy::new("annotated", &original, Some(profiler), subject, places)?;
    annotated.test_option = Some(OPTIMISED_PROFILER);
    let (attributes, unparsed) =
        annotate_files(&annotated.folder, files.iter().map(String::as_str), PROFILE, bearers)?;
    notes.extend(unparsed.iter().map(ToString::to_string));
    let annotated_check = annotated.compile("check")?;

    let mut comparison = Comparison { findings: Vec::new(), notes };
    comparison.diagnostics("rustc", &plain_check.diagnostics, &annotated_check.diagnostics);
    let mut outcome = Outcome {
        krate: subject.to_string(),
        attributes,
        live,
        tests: Tests::default(),
        new_warnings: 0,
        build: None,
        findings: Vec::new(),
        notes: Vec::new(),
    };
    if comparison.findings.iter().any(|finding| matches!(finding, Finding::Error { .. })) {
        comparison.notes.push("not tested, since it does not compile".to_owned());
    } else {
        progress("clippy");
        let (plain_clippy, annotated_clippy) =
            (plain.compile("clippy")?, annotated.compile("clippy")?);
        // What rustc itself says has been compared.
        comparison.clippy(&plain_clippy, &annotated_clippy, &plain_check, &annotated_check);

        progress("tests without the attribute");
        let suite = plain.test(&plain_check)?;
        progress("tests with the attribute");
        outcome.tests = comparison.tests(suite, &plain, &annotated, &plain_check)?;

        progress("build time");
        let [plain, annotated] = [&plain, &annotated].map(|copy| Build {
            folder: &copy.folder,
            features: &copy.features,
            name: &subject.name,
        });
        let costs = meter::measure(plain, annotated, places.work, places.target)?;
        outcome.build = Some(costs);
    }
    outcome.new_warnings = comparison
        .findings
        .iter()
        .filter(|finding| matches!(finding, Finding::NewWarning { .. }))
        .count();
    outcome.findings = comparison.findings;
    outcome.notes = comparison.notes;
    Ok(outcome)
}

/// What was found so far.
struct Comparison {
    findings: Vec<Finding>,
    notes: Vec<String>,
}

impl Comparison {
    fn diagnostics(&mut self, tool: &'static str, plain: &Diagnostics, annotated: &Diagnostics) {
        for (diagnostic, rendered) in annotated {
            if plain.contains_key(diagnostic) {
                continue;
            }
            let (diagnostic, rendered) = (diagnostic.clone(), rendered.clone());
            self.findings.push(if diagnostic.is_error && tool == "rustc" {
                Finding::Error { diagnostic, rendered }
            } else {
                Finding::NewWarning { tool, diagnostic, rendered }
            });
        }
        let lost = plain.keys().filter(|lost| !annotated.contains_key(lost));
        self.notes.extend(lost.map(|lost| format!("{tool} no longer says: {lost}")));
    }

    fn clippy(
        &mut self,
        plain: &Compilation,
        annotated: &Compilation,
        plain_check: &Compilation,
        annotated_check: &Compilation,
    ) {
        let plain = plain.diagnostics_beyond(plain_check);
        let annotated = annotated.diagnostics_beyond(annotated_check);
        self.diagnostics("clippy", &plain, &annotated);
    }

    /// A test counts as lost only if it passes twice without the attribute and fails twice with it.
    fn tests(
        &mut self,
        mut suite: Suite,
        plain: &Copy<'_>,
        annotated: &Copy<'_>,
        targets: &Compilation,
    ) -> Result<Tests> {
        for test in &suite.failed {
            self.notes.push(format!("left out, fails without the attribute: {test}"));
        }
        let mut with = annotated.test(targets)?;
        if !suite.lost_in(&with).is_empty() {
            let again = plain.test(targets)?;
            for test in suite.lost_in(&again) {
                self.notes.push(format!("left out, fails at times without the attribute: {test}"));
            }
            suite.passed.retain(|test| again.passed.contains(test));
            let again = annotated.test(targets)?;
            for test in again.lost_in(&with) {
                self.notes.push(format!("passed at the second time only: {test}"));
            }
            with.passed.extend(again.passed);
        }
        self.findings.extend(suite.lost_in(&with).into_iter().map(Finding::LostTest));
        Ok(Tests { plain: suite.count(), kept: suite.kept_in(&with) })
    }
}

/// A copy of the crate's source that is compiled.
struct Copy<'a> {
    folder: PathBuf,
    target: &'a Path,
    features: String,
    test_option: Option<&'static str>,
    work: &'a Path,
}

impl<'a> Copy<'a> {
    fn new(
        name: &str,
        original: &Path,
        dependency: Option<Dependency>,
        subject: &Subject,
        places: Places<'a>,
    ) -> Result<Copy<'a>> {
        let folder = places.work.join(name);
        source::copy(original, &folder, dependency.as_ref())?;
        // The same versions of dependencies in all copies.
        let lock = places.work.join("plain/Cargo.lock");
        if dependency.is_some() && lock.exists() {
            fs::copy(lock, folder.join("Cargo.lock"))?;
        }
        let features = format!("--features={}", subject.features.join(","));
        Ok(Copy { folder, target: places.target, features, test_option: None, work: places.work })
    }

    /// Runs `check` or `clippy` on all targets but benchmarks.
    fn compile(&self, command: &str) -> Result<Compilation> {
        self.compile_with(Cargo::new(&self.folder, self.target), command)
    }

    fn compile_with(&self, cargo: Cargo<'_>, command: &str) -> Result<Compilation> {
        let output = cargo.run(&[
            command,
            "--quiet",
            "--keep-going",
            "--message-format=json",
            "--lib",
            "--bins",
            "--tests",
            "--examples",
            &self.features,
        ])?;
        Compilation::read(&output, &self.folder)
    }

    /// How many of the bearers in `files` the compiler meets.
    fn live(&self, files: &BTreeSet<String>, bearers: Bearers) -> Result<usize> {
        annotate_files(&self.folder, files.iter().map(String::as_str), CENSUS, bearers)?;
        let list = self.work.join("live");
        let cargo = Cargo::new(&self.folder, self.target).with(CENSUS_LIST, &list);
        self.compile_with(cargo, "check")?;
        // Most are met more than once: for the library, for its tests.
        let places = fs::read_to_string(&list).unwrap_or_default();
        let distinct: BTreeSet<(String, &str)> = places
            .lines()
            .filter_map(|place| {
                let (file, place) = place.split_once(".rs:")?;
                Some((inside(&self.folder, Path::new(file))?, place))
            })
            .collect();
        Ok(distinct.len())
    }

    /// Runs the tests of those targets that compile without the attribute.
    fn test(&self, check: &Compilation) -> Result<Suite> {
        let mut suite = Suite::default();
        let cargo = Cargo::new(&self.folder, self.target);
        let targets: Vec<String> = check
            .targets
            .iter()
            .filter(|target| target.with_tests)
            .flat_map(Target::options)
            .collect();
        let doc = ["--doc".to_owned()];
        let has_library = check.targets.iter().any(|target| target.kind == Kind::Library);
        for chosen in [&targets[..], if has_library { &doc } else { &[] }] {
            if !chosen.is_empty() {
                let mut arguments =
                    vec!["test".to_owned(), "--no-fail-fast".to_owned(), self.features.clone()];
                arguments.extend(self.test_option.map(str::to_owned));
                arguments.extend_from_slice(chosen);
                suite.add(&cargo.run(&arguments)?);
            }
        }
        Ok(suite)
    }
}

impl Places<'_> {
    fn profiler(&self) -> Dependency {
        Dependency {
            name: "perprovis",
            folder: self.package.join("../../perprovis"),
            // Not `json`: serde_json in the dependency graph changes what the compiler infers.
            features: &["enable"],
        }
    }

    fn census(&self) -> Dependency {
        Dependency { name: "perprovis-census", folder: self.package.join("census"), features: &[] }
    }
}

fn errors(compilation: &Compilation) -> impl Iterator<Item = &Diagnostic> {
    compilation.diagnostics.keys().filter(|diagnostic| diagnostic.is_error)
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.trim_end().lines().map(|line| format!("      {line}")).collect();
    lines.join("\n")
}
