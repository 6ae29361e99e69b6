//! `impl Trait` as the return type, also inside of another type, sync and async.
#![deny(warnings)]

use std::num::ParseIntError;

use perprovis::profile;

#[profile]
fn doubled(end: u32) -> impl Iterator<Item = u32> + Clone {
    (0..end).map(|number| number * 2)
}

#[profile]
fn parsed(text: &str) -> Result<impl Iterator<Item = u32> + use<>, ParseIntError> {
    let end: u32 = text.parse()?;
    Ok(0..end)
}

#[profile]
fn either(first: bool) -> Option<(impl Fn() -> u8, impl std::fmt::Debug)> {
    if !first {
        return None;
    }
    Some((|| 1, "x"))
}

#[profile]
async fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().rev()
}

#[profile]
async fn eventually_parsed(text: &str) -> Result<impl Iterator<Item = u32> + use<>, ParseIntError> {
    let end: u32 = text.parse()?;
    if end == 0 {
        return Ok(7..8);
    }
    Ok(0..end)
}

fn main() {
    use futures::executor::block_on;

    let numbers = doubled(3);
    assert_eq!(numbers.clone().chain(numbers).sum::<u32>(), 12);
    assert_eq!(parsed("3").unwrap().count(), 3);
    assert!(parsed("x").is_err());
    assert_eq!(either(true).unwrap().0(), 1);
    assert!(either(false).is_none());
    assert_eq!(block_on(letters("abc")).collect::<String>(), "cba");
    assert_eq!(block_on(eventually_parsed("0")).unwrap().next(), Some(7));
    assert!(block_on(eventually_parsed("x")).is_err());
}
