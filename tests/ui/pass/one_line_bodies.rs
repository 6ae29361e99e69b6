//! Bodies on one line, in which braces and parentheses added by a macro would be needless.
#![deny(warnings, unused_braces, unused_parens)]

use perprovis::profile;

#[rustfmt::skip]
mod functions {
    use super::profile;

    #[profile] pub fn sum(x: u8) -> u8 { x + 1 }
    #[profile] pub fn same(x: u8) -> u8 { x }
    #[profile] pub fn constant() -> u8 { 1 }
    #[profile] pub fn nothing() {}
    #[profile] pub async fn later(x: u8) -> u8 { x + 1 }
    #[profile] pub async fn same_later(x: u8) -> u8 { x }
    #[profile] pub async fn constant_later() -> u8 { 1 }
    #[profile] pub async fn nothing_later() {}
    #[profile(profiler = perprovis::global())] pub fn named(x: u8) -> u8 { x }
    #[profile(metadata(x, y = x + 1))] pub fn tagged(x: u8) -> u8 { x }
}

fn main() {
    use functions::*;
    use futures::executor::block_on;

    nothing();
    block_on(nothing_later());
    assert_eq!(sum(1) + same(1) + constant() + named(1) + tagged(1), 6);
    assert_eq!(
        block_on(async { later(1).await + same_later(1).await + constant_later().await }),
        4
    );
}
