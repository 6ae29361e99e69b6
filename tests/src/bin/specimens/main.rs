//! Reports of every kind, written in every format, for programs that read them: the consumers' checks and
//! the browser tests. All but `large` run on a clock driven by hand and are the same in every run.
//!
//! ```text
//! cargo run -p perprovis-tests --features all-formats --bin specimens -- OUT           # all but `large`
//! cargo run -p perprovis-tests --features all-formats --bin specimens -- OUT KIND...   # only these
//! ```
//!
//! Each becomes `OUT/KIND.ENDING`, for every ending of [`Format::ALL`].
#![expect(clippy::print_stdout, reason = "says what it wrote")]

mod hostile;
mod large;
mod open;
mod recursion;
mod stage;
mod tasks;

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use perprovis::{Format, Report};

/// Makes a report.
type Make = fn() -> Report;

/// What each kind is called, and what makes one.
const KINDS: &[(&str, Make)] = &[
    ("empty", Report::default),
    ("hostile", hostile::report),
    ("open", open::report),
    ("recursion", recursion::report),
    ("tasks", tasks::report),
    (LARGE, large::report),
];

/// The kind that is only written when it is asked for: some 500 MB in all formats.
const LARGE: &str = "large";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let out = PathBuf::from(arguments.next().ok_or("expected a folder to write to")?);
    let mut wanted: Vec<String> = arguments.collect();
    if wanted.is_empty() {
        let usual = KINDS.iter().filter(|(kind, _)| *kind != LARGE);
        wanted.extend(usual.map(|(kind, _)| (*kind).to_owned()));
    }
    fs::create_dir_all(&out)?;
    for wanted in wanted {
        let found = KINDS.iter().find(|(kind, _)| *kind == wanted);
        let (kind, make) = found.ok_or_else(|| format!("there is no kind {wanted:?}"))?;
        let report = make();
        for &format in Format::ALL {
            let path = out.join(format!("{kind}{format}"));
            report.export_as(format, &path)?;
            println!("{}", path.display());
        }
    }
    Ok(())
}
