//! Reports of every kind, written in every format, for programs that read them: the consumers' checks and
//! the browser tests. All run on a clock driven by hand and are the same in every run.
//!
//! ```text
//! cargo run -p perprovis-tests --features all-formats --bin specimens -- OUT       # what is usual
//! cargo run ... --bin specimens -- OUT .html .json shop change large               # these, in these formats
//! ```
//!
//! Each becomes `OUT/KIND.ENDING`, for every ending that is named, or all of [`Format::ALL`]. `change` compares two
//! reports: `change.html` and `change.svg` show the change from `change.before.json` to `change.json`.
#![expect(clippy::print_stdout, reason = "says what it wrote")]

mod hostile;
mod large;
mod merged;
mod open;
mod recursion;
mod shop;
mod stage;
mod tasks;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use perprovis::{Format, Report};

use shop::Version;

/// Makes a report.
type Make = fn() -> Report;

/// What each kind is called, and what makes one.
const KINDS: &[(&str, Make)] = &[
    ("empty", Report::default),
    ("hostile", hostile::report),
    ("merged", merged::report),
    ("open", open::report),
    ("recursion", recursion::report),
    ("shop", shop::report),
    ("tasks", tasks::report),
    (LARGE, large::report),
];

/// The kind that is only written when it is asked for: some 500 MB in all formats.
const LARGE: &str = "large";

/// Not a report, but the difference of two: written when it is asked for, in what can show one.
const CHANGE: &str = "change";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let out = PathBuf::from(arguments.next().ok_or("expected a folder to write to")?);
    let (endings, mut wanted): (Vec<String>, Vec<String>) =
        arguments.partition(|argument| argument.starts_with('.'));
    let formats = formats(&endings)?;
    if wanted.is_empty() {
        let usual = KINDS.iter().filter(|(kind, _)| *kind != LARGE);
        wanted.extend(usual.map(|(kind, _)| (*kind).to_owned()));
    }
    fs::create_dir_all(&out)?;
    for wanted in wanted {
        if wanted == CHANGE {
            write_change(&out)?;
            continue;
        }
        let found = KINDS.iter().find(|(kind, _)| *kind == wanted);
        let (kind, make) = found.ok_or_else(|| format!("there is no kind {wanted:?}"))?;
        let report = make();
        for &format in &formats {
            let path = out.join(format!("{kind}{format}"));
            report.export_as(format, &path)?;
            println!("{}", path.display());
        }
    }
    Ok(())
}

/// The formats of these endings; all if there is none.
fn formats(endings: &[String]) -> Result<Vec<Format>, String> {
    if endings.is_empty() {
        return Ok(Format::ALL.to_vec());
    }
    let of =
        |ending: &String| Format::ALL.iter().copied().find(|format| format.ending() == *ending);
    let found = |ending| of(ending).ok_or_else(|| format!("no format has the ending {ending}"));
    endings.iter().map(found).collect()
}

fn write_change(out: &Path) -> Result<(), Box<dyn Error>> {
    let (before, after) = (shop::version(Version::Before), shop::version(Version::After));
    let path = |ending: &str| out.join(format!("{CHANGE}{ending}"));
    before.export_as(Format::Json, path(".before.json"))?;
    after.export_as(Format::Json, path(".json"))?;
    after.export_html_difference(&before, path(".html"))?;
    after.export_svg_difference(&before, path(".svg"))?;
    println!("{}", path(".*").display());
    Ok(())
}
