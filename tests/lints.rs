//! No lint of rustc or clippy fires because of the attribute, and none falls silent: every use in
//! `ui/pass` is checked twice, with recording, and without, where the macro gives back what it got.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Every group but `cargo`, which is about manifests.
const GROUPS: [&str; 4] =
    ["clippy::all", "clippy::pedantic", "clippy::nursery", "clippy::restriction"];

/// Lints of rustc that are allowed by default and that the expansion could raise.
const OF_RUSTC: [&str; 16] = [
    "elided_lifetimes_in_paths",
    "explicit_outlives_requirements",
    "let_underscore_drop",
    "missing_docs",
    "non_ascii_idents",
    "redundant_lifetimes",
    "single_use_lifetimes",
    "tail_expr_drop_order",
    "trivial_casts",
    "trivial_numeric_casts",
    "unit_bindings",
    "unreachable_pub",
    "unsafe_code",
    "unused_import_braces",
    "unused_qualifications",
    "unused_results",
];

/// What the attribute silences, since there is a statement and an item before the body, or a future
/// around it. All are lints of clippy, and but for the last one allowed by default.
const LOST: [&str; 7] = [
    "clippy::elidable_lifetime_names",
    "clippy::empty_drop",
    "clippy::implicit_return",
    "clippy::items_after_statements",
    "clippy::missing_const_for_fn",
    "clippy::unused_async",
    "clippy::manual_async_fn",
];

/// What the attribute raises: in an `async fn` that returns `!` it cannot say `return`.
const RAISED: (&str, &str) = ("clippy::implicit_return", "functions_that_never_return.rs");

/// Code, place and message of a diagnostic.
type Diagnostic = (String, String, String);

#[test]
fn the_attribute_neither_raises_nor_silences_a_lint() {
    let package = package();
    let with = diagnostics(&package, &["--features", "perprovis/enable"]);
    let without = diagnostics(&package, &[]);
    assert!(without.len() > 100, "the lints do not run: {without:?}");
    let raised: Vec<_> = with
        .difference(&without)
        .filter(|(_, place, _)| !is_of_an_argument(place))
        .filter(|(code, place, _)| !(code == RAISED.0 && place.contains(RAISED.1)))
        .collect();
    let silenced: Vec<_> = without
        .difference(&with)
        .filter(|(code, ..)| !LOST.contains(&&**code))
        // Used by an argument, `profiler = POOL`.
        .filter(|(.., message)| !message.starts_with("static `"))
        .collect();
    assert!(
        raised.is_empty() && silenced.is_empty(),
        "raised: {raised:#?}\nsilenced: {silenced:#?}"
    );
}

/// Whether this is about an expression that the user wrote into the attribute.
fn is_of_an_argument(place: &str) -> bool {
    let mut parts = place.rsplitn(3, ':').skip(1);
    let (line, path) = (parts.next().unwrap(), parts.next().unwrap());
    let source = fs::read_to_string(path).unwrap();
    let line = source.lines().nth(line.parse::<usize>().unwrap() - 1).unwrap();
    ["profile(", "metadata("].iter().any(|argument| line.contains(argument))
}

/// A package with a binary for each use.
fn package() -> std::path::PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lints");
    let mut manifest = format!(
        "[package]\nname = \"lints\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [workspace]\n\n\
         [dependencies]\n\
         perprovis = {{ path = {:?}, default-features = false, features = [\"report\", \"signals\"] }}\n\
         async-trait = \"0.1\"\nfutures = \"0.3\"\n\
         tokio = {{ version = \"1\", features = [\"rt-multi-thread\", \"macros\", \"time\"] }}\n",
        tests.join("../perprovis"),
    );
    let mut uses: Vec<_> =
        fs::read_dir(tests.join("ui/pass")).unwrap().map(|entry| entry.unwrap().path()).collect();
    uses.sort();
    for path in uses.iter().filter(|path| path.extension().is_some_and(|ending| ending == "rs")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        // Clippy asks for the size of futures from the outside in, and so meets the recursion limit in
        // chains that the compiler takes. And what comes through two macros is the user's code to it or
        // not, depending on which tokens of it were put into groups.
        if name.starts_with("chain_of_") || name == "containers_made_by_a_macro" {
            continue;
        }
        write!(manifest, "\n[[bin]]\nname = {name:?}\npath = {path:?}\n").unwrap();
    }
    fs::create_dir_all(&package).unwrap();
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    // The versions of the workspace, so that nothing has to be looked up.
    fs::copy(tests.join("../Cargo.lock"), package.join("Cargo.lock")).unwrap();
    package
}

/// Everything that clippy says about the package.
fn diagnostics(package: &Path, features: &[&str]) -> BTreeSet<Diagnostic> {
    let warn = GROUPS.iter().chain(&OF_RUSTC).flat_map(|lint| ["-W", lint]);
    let output = Command::new(env!("CARGO"))
        .args(["clippy", "--bins", "--quiet", "--message-format=json"])
        .args(features)
        .arg("--")
        .args(warn)
        .current_dir(package)
        .env("CARGO_TARGET_DIR", package.join("target"))
        // What a use denies itself must not end the run.
        .env("RUSTFLAGS", "--cap-lints=warn")
        .output()
        .unwrap();
    let [out, error] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{out}{error}");
    out.lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["reason"] == "compiler-message" && line["target"]["kind"][0] == "bin")
        .filter_map(|line| diagnostic(&line["message"]))
        .collect()
}

/// `None` for the summary at the end.
fn diagnostic(message: &Value) -> Option<Diagnostic> {
    let code = message["code"]["code"].as_str()?.to_owned();
    let span = message["spans"].as_array()?.iter().find(|span| span["is_primary"] == true)?;
    let place =
        format!("{}:{}:{}", span["file_name"].as_str()?, span["line_start"], span["column_start"]);
    // Sizes of stack frames are in some.
    let message = message["message"].as_str()?.replace(|c: char| c.is_ascii_digit(), "");
    Some((code, place, message))
}
