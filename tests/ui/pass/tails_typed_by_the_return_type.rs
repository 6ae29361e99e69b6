//! The tail of a body is inferred from, and coerced to, the return type.
#![deny(warnings)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Debug;
use std::num::ParseIntError;

use perprovis::profile;

#[profile]
fn collected() -> Vec<usize> {
    (0..9).collect()
}

#[profile]
fn converted() -> String {
    "x".into()
}

#[profile]
fn defaulted() -> BTreeMap<u8, Vec<u8>> {
    Default::default()
}

#[profile]
fn transposed(texts: &[&str]) -> Result<Vec<u32>, ParseIntError> {
    Ok(texts.iter().map(|text| text.parse()).collect::<Result<_, _>>()?)
}

#[profile]
fn boxed(fine: bool) -> Result<Box<dyn Debug>, Box<dyn Error>> {
    if fine { Ok(Box::new(7)) } else { Err("not fine".into()) }
}

#[profile]
fn slice() -> &'static [u8] {
    &[1, 2]
}

#[profile]
fn pointer() -> fn(u8) -> u8 {
    |value| value + 1
}

#[profile]
fn number() -> Option<u8> {
    "7".parse().ok()
}

fn main() {
    assert_eq!(collected().len(), 9);
    assert_eq!(converted(), "x");
    assert!(defaulted().is_empty());
    assert_eq!(transposed(&["1", "2"]), Ok(vec![1, 2]));
    assert_eq!(format!("{:?}", boxed(true).unwrap()), "7");
    assert_eq!(boxed(false).unwrap_err().to_string(), "not fine");
    assert_eq!(slice(), [1, 2]);
    assert_eq!(pointer()(1), 2);
    assert_eq!(number(), Some(7));
}
