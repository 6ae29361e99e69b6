//! Recording off, in a package of its own: builds without a warning, does nothing, pulls in nothing.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The words of a mangled name, or of a label, that differ between two crates.
const SYMBOL: &str = "SYMBOL";

fn manifest() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("off").join("Cargo.toml")
}

/// Runs cargo on the package with a target directory of its own per `purpose`.
#[track_caller]
fn cargo(purpose: &str, arguments: &[&str]) -> (String, PathBuf) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("off").join(purpose);
    let (subcommand, rest) = arguments.split_first().unwrap();
    let output: Output = Command::new(env!("CARGO"))
        .args([subcommand, "--manifest-path"])
        .arg(manifest())
        .args(rest)
        .env("CARGO_TARGET_DIR", &target)
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let [out, error] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "cargo {arguments:?}\n{out}{error}");
    assert!(!error.contains("warning"), "cargo {arguments:?}\n{error}");
    (out, target)
}

#[test]
fn without_default_features_everything_compiles_and_does_nothing() {
    let (out, _) = cargo("tests", &["test", "--lib"]);
    assert!(out.contains("4 passed; 0 failed"), "{out}");
}

#[test]
fn with_reports_alone_they_are_empty() {
    let (out, _) = cargo("report", &["test", "--lib", "--features", "report"]);
    assert!(out.contains("6 passed; 0 failed"), "{out}");
}

#[test]
fn the_dependencies_are_perprovis_and_nothing_else() {
    let (out, _) = cargo("tree", &["tree", "-e", "normal", "--prefix", "none"]);
    let mut names: Vec<&str> =
        out.lines().filter_map(|line| line.split_whitespace().next()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names,
        ["perprovis", "perprovis-core", "perprovis-macros", "perprovis-off"],
        "{out}"
    );
}

#[test]
fn the_machine_code_of_an_annotated_function_is_that_of_the_bare_one() {
    let [annotated, plain] = ["annotated", "plain"].map(|example| {
        let (_, target) =
            cargo("asm", &["rustc", "--release", "--example", example, "--", "--emit", "asm"]);
        instructions(&assembly(&target.join("release").join("examples"), example))
    });
    assert!(plain.len() > 5, "{plain:?}");
    assert_eq!(annotated, plain);
}

/// The latest assembly of an example.
#[track_caller]
fn assembly(directory: &Path, example: &str) -> String {
    let path = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "s"))
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(example))
        .max_by_key(|path| path.metadata().unwrap().modified().unwrap());
    std::fs::read_to_string(path.unwrap()).unwrap()
}

/// The instructions of the function `work`, without labels and directives, names made equal.
fn instructions(assembly: &str) -> Vec<String> {
    let is_label = |line: &str| line.ends_with(':') && !line.starts_with(char::is_whitespace);
    assembly
        .lines()
        .skip_while(|line| !(is_label(line) && line.contains("4work")))
        .skip(1)
        .take_while(|line| !(is_label(line) && line.contains("4work")))
        .take_while(|line| !line.trim().starts_with(".cfi_endproc"))
        .map(str::trim)
        .filter(|line| !line.starts_with(['.', '#']) && !line.is_empty() && !is_label(line))
        .map(|line| {
            let words = line.split_whitespace().map(|word| {
                if word.contains("_ZN") || word.contains("_R") { SYMBOL } else { word }
            });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect()
}
