//! No lint of rustc's groups fires on the expansion.
#![deny(
    warnings,
    deprecated_safe,
    future_incompatible,
    keyword_idents,
    let_underscore,
    nonstandard_style,
    refining_impl_trait,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    unused
)]

use perprovis::profile;

#[profile(name = "plain", metadata(left, ?right))]
fn plain(left: u8, right: &str) -> usize {
    usize::from(left) + right.len()
}

#[profile]
fn unnamed(mut text: String) -> Option<String> {
    text.pop()?;
    Some(text)
}

#[profile(profiler = perprovis::global())]
async fn later(text: &mut String) -> &str {
    text.push('x');
    text
}

fn main() {
    assert_eq!(plain(1, "x"), 2);
    assert_eq!(unnamed("xy".into()).as_deref(), Some("x"));
    assert_eq!(futures::executor::block_on(later(&mut String::new())), "x");
}
