//! What `cargo check` says of a package: its diagnostics, its targets, and the files they are made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::cargo::Output;

/// A compilation of all targets of a package.
#[derive(Debug, Default)]
pub(crate) struct Compilation {
    pub(crate) diagnostics: Diagnostics,
    pub(crate) targets: BTreeSet<Target>,
    /// Where the compiler lists the files it read.
    dependency_lists: BTreeSet<PathBuf>,
}

/// Each with the text that the compiler shows for it.
pub(crate) type Diagnostics = BTreeMap<Diagnostic, String>;

/// A diagnostic, without what moves if something is inserted into its line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Diagnostic {
    pub(crate) file: String,
    pub(crate) line: usize,
    /// The lint or the error's code; empty if it has none.
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) is_error: bool,
}

/// A target that was compiled: plain or with its tests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) with_tests: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Library,
    Binary,
    Test,
    Example,
}

impl Compilation {
    /// Reads the output of a cargo command with `--message-format=json`, of the package in `folder`.
    ///
    /// # Errors
    ///
    /// If cargo failed before it came to compile the package.
    pub(crate) fn read(output: &Output, folder: &Path) -> Result<Compilation> {
        let manifest = folder.join("Cargo.toml");
        let mut compilation = Compilation::default();
        for line in output.lines().filter(|line| line.starts_with('{')) {
            let message: Message = serde_json::from_str(line)
                .with_context(|| format!("reads what cargo says: {line}"))?;
            if message.manifest_path.as_ref() == Some(&manifest) {
                compilation.add(message);
            }
        }
        let has_error = compilation.diagnostics.keys().any(|diagnostic| diagnostic.is_error);
        if !output.success && !has_error {
            bail!("cargo failed:\n{}", tail(&output.text));
        }
        Ok(compilation)
    }

    fn add(&mut self, message: Message) {
        let Some(target) = &message.target else {
            return; // of a build script
        };
        let Some(kind) = target.kind() else {
            return;
        };
        if let Some(diagnostic) = message.message {
            if let Some((diagnostic, rendered)) = diagnostic.into_diagnostic() {
                self.diagnostics.insert(diagnostic, rendered);
            }
        } else {
            let with_tests = message.profile.is_some_and(|profile| profile.test);
            self.targets.insert(Target { kind, name: target.name.clone(), with_tests });
            self.dependency_lists
                .extend(message.filenames.iter().filter_map(|file| dependency_list(file)));
        }
    }

    /// What is not in `other`, too.
    pub(crate) fn diagnostics_beyond(&self, other: &Compilation) -> Diagnostics {
        let mut diagnostics = self.diagnostics.clone();
        diagnostics.retain(|diagnostic, _| !other.diagnostics.contains_key(diagnostic));
        diagnostics
    }

    /// The source files that the targets are made of, relative to `folder`; not what a build
    /// script made. They are what the compiler read, so `#[path]` and `include!` are no riddle,
    /// and a file that is only data of some test is not among them.
    pub(crate) fn source_files(&self, folder: &Path) -> Result<BTreeSet<String>> {
        let mut files = BTreeSet::new();
        for list in &self.dependency_lists {
            let text = fs::read_to_string(list)
                .with_context(|| format!("reads the compiler's list {}", list.display()))?;
            files.extend(
                listed_files(&text)
                    .filter(|file| file.ends_with(".rs"))
                    .filter_map(|file| inside(folder, Path::new(&file))),
            );
        }
        if files.is_empty() {
            bail!("the compiler lists no source file of {}", folder.display());
        }
        Ok(files)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: ", self.file, self.line)?;
        if !self.code.is_empty() {
            write!(formatter, "[{}] ", self.code)?;
        }
        formatter.write_str(&self.message)
    }
}

impl Target {
    /// The options that make `cargo test` choose this target.
    pub(crate) fn options(&self) -> Vec<String> {
        let option = match self.kind {
            Kind::Library => return vec!["--lib".to_owned()],
            Kind::Binary => "--bin",
            Kind::Test => "--test",
            Kind::Example => "--example",
        };
        vec![option.to_owned(), self.name.clone()]
    }
}

/// The file's path relative to `folder`, in one spelling: `a/../b.rs`, as `#[path]` makes it, is `b.rs`.
/// `None` if it is elsewhere.
pub(crate) fn inside(folder: &Path, file: &Path) -> Option<String> {
    let file = file.strip_prefix(folder).unwrap_or(file);
    let mut parts = Vec::new();
    for part in file.components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::ParentDir => drop(parts.pop()?),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// The last lines of an output, enough to see why a command failed.
pub(crate) fn tail(text: &str) -> String {
    const LINES: usize = 30;
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('{')).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

/// The list beside an artifact: `deps/libx-1f.rmeta` has `deps/x-1f.d`.
fn dependency_list(artifact: &Path) -> Option<PathBuf> {
    let stem = artifact.file_stem()?.to_str()?;
    let list = artifact.with_file_name(format!("{}.d", stem.strip_prefix("lib").unwrap_or(stem)));
    list.exists().then_some(list)
}

/// The files of a list in the syntax of `make`: each has a rule of its own, without dependencies.
fn listed_files(list: &str) -> impl Iterator<Item = String> {
    list.lines().filter_map(|line| line.strip_suffix(':')).map(|file| file.replace("\\ ", " "))
}

// What cargo prints, as in <https://doc.rust-lang.org/cargo/reference/external-tools.html>.

#[derive(Deserialize)]
struct Message {
    manifest_path: Option<PathBuf>,
    target: Option<MessageTarget>,
    message: Option<CompilerMessage>,
    profile: Option<Profile>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct MessageTarget {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

#[derive(Deserialize)]
struct CompilerMessage {
    message: String,
    level: String,
    code: Option<Code>,
    spans: Vec<Span>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    is_primary: bool,
    expansion: Option<Box<Expansion>>,
}

#[derive(Deserialize)]
struct Expansion {
    span: Span,
}

impl MessageTarget {
    fn kind(&self) -> Option<Kind> {
        match self.kind.first()?.as_str() {
            "bin" => Some(Kind::Binary),
            "test" => Some(Kind::Test),
            "example" => Some(Kind::Example),
            "bench" | "custom-build" => None,
            _ => Some(Kind::Library), // lib, rlib, proc-macro, ...
        }
    }
}

impl CompilerMessage {
    fn into_diagnostic(self) -> Option<(Diagnostic, String)> {
        let is_error = self.level.starts_with("error");
        let place = self.spans.iter().find(|span| span.is_primary).map(Span::outermost);
        // How many there were is not a diagnostic.
        let is_summary = place.is_none()
            && (!is_error || self.message.starts_with("aborting due to"))
            && self.code.is_none();
        if is_summary || !(is_error || self.level == "warning") {
            return None;
        }
        let diagnostic = Diagnostic {
            file: place.map(|span| span.file_name.clone()).unwrap_or_default(),
            line: place.map_or(0, |span| span.line_start),
            code: self.code.map(|code| code.code).unwrap_or_default(),
            message: self.message,
            is_error,
        };
        Some((diagnostic, self.rendered.unwrap_or_default()))
    }
}

impl Span {
    /// The place in the package's own files that a place inside a foreign macro comes from.
    fn outermost(&self) -> &Span {
        match &self.expansion {
            Some(expansion) if Path::new(&self.file_name).is_absolute() => {
                expansion.span.outermost()
            }
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_the_package_are_read() {
        let warning = |manifest: &str, level: &str, message: &str, line: usize| {
            format!(
                "{{\"reason\":\"compiler-message\",\"manifest_path\":\"{manifest}\",\
                 \"target\":{{\"name\":\"x\",\"kind\":[\"lib\"]}},\"message\":{{\
                 \"message\":\"{message}\",\"level\":\"{level}\",\"code\":{{\"code\":\"c\"}},\
                 \"rendered\":\"r\",\"spans\":[{{\"file_name\":\"src/lib.rs\",\
                 \"line_start\":{line},\"is_primary\":true,\"expansion\":null}}]}}}}\n"
            )
        };
        let text = [
            "   Compiling x v0.1.0\n".to_owned(),
            warning("/x/Cargo.toml", "warning", "first", 1),
            warning("/y/Cargo.toml", "warning", "of another package", 1),
            warning("/x/Cargo.toml", "note", "not a warning", 1),
            warning("/x/Cargo.toml", "error", "second", 2),
        ];
        let output = Output { success: false, text: text.concat() };
        let compilation = Compilation::read(&output, Path::new("/x")).unwrap();
        let diagnostics: Vec<String> =
            compilation.diagnostics.keys().map(ToString::to_string).collect();
        assert_eq!(diagnostics, ["src/lib.rs:1: [c] first", "src/lib.rs:2: [c] second"]);
    }

    #[test]
    fn a_failure_without_a_diagnostic_is_an_error() {
        let output = Output { success: false, text: "error: no such package\n".to_owned() };
        let error = Compilation::read(&output, Path::new("/x")).unwrap_err();
        assert!(error.to_string().contains("no such package"), "{error}");
    }

    #[test]
    fn a_file_has_one_spelling() {
        let folder = Path::new("/x");
        for (file, spelling) in [
            ("src/lib.rs", Some("src/lib.rs")),
            ("tests/a/../support.rs", Some("tests/support.rs")),
            ("./src/lib.rs", Some("src/lib.rs")),
            ("/x/src/lib.rs", Some("src/lib.rs")),
            ("/target/out/generated.rs", None),
            ("../other.rs", None),
        ] {
            assert_eq!(inside(folder, Path::new(file)).as_deref(), spelling, "{file}");
        }
    }

    #[test]
    fn files_are_listed_with_spaces() {
        let list = "/t/x.d: src/lib.rs src/a\\ b.rs\n\nsrc/lib.rs:\nsrc/a\\ b.rs:\n\n# env-dep:X\n";
        assert_eq!(listed_files(list).collect::<Vec<_>>(), ["src/lib.rs", "src/a b.rs"]);
    }
}
