//! `main` itself, with a result, that uses `?`.
#![deny(warnings)]

#[perprovis::profile]
fn main() -> Result<(), String> {
    let number: u8 = "7".parse().map_err(|error| format!("{error}"))?;
    assert_eq!(number, 7);
    let report = perprovis::global().report();
    assert!(report.open_scopes()[0].name.ends_with("::main"), "{report}");
    Ok(())
}
