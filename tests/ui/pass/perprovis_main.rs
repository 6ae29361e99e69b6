//! `#[perprovis::main]` with every argument, on a `main` that returns a result.
#![deny(warnings)]
#![forbid(unsafe_code)]

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// One more attribute.
#[perprovis::main(
    report, top = 3, export = "perprovis-main/%p-%t.csv", every = "1h", filter = "-skipped",
    calls = 1000, signals,
)]
fn main() -> Result<(), String> {
    #![allow(unused_qualifications)]

    if env::args().any(|argument| argument == "run") {
        perprovis::profile_block!("kept", {});
        perprovis::profile_block!("skipped", {});
        return Err("on purpose".to_owned());
    }
    let folder = Path::new("perprovis-main");
    fs::create_dir_all(folder).unwrap();
    let output = Command::new(env::current_exe().unwrap()).arg("run").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("perprovis: 1 call of 1 function"), "{stderr}");
    assert!(stderr.contains("on purpose"), "{stderr}");
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 1);
    let table = fs::read_to_string(files[0].path()).unwrap();
    assert!(table.contains("\nkept,1,"), "{table}");
    // And this one's own file finds no folder, which it says.
    fs::remove_dir_all(folder).map_err(|error| error.to_string())
}
