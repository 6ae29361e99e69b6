//! `-> !`, sync and async, and bodies that diverge though the type says otherwise.
#![deny(warnings)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use futures::executor::block_on;
use perprovis::profile;

#[profile]
fn never(reason: &str) -> ! {
    panic!("{reason}")
}

#[profile]
fn exits(code: i32) -> ! {
    std::process::exit(code)
}

#[profile]
async fn never_later(mut rounds: u32) -> ! {
    loop {
        std::future::ready(()).await;
        rounds -= 1;
        if rounds == 0 {
            never("enough");
        }
    }
}

#[profile]
fn diverges() -> u8 {
    panic!("no number")
}

#[profile]
async fn diverges_later() -> u8 {
    panic!("no number")
}

#[profile]
async fn diverges_without_a_type() {
    never("no end")
}

#[profile]
async fn uninhabited() -> Result<std::convert::Infallible, u8> {
    Err(1)
}

fn main() {
    let panics = |work: &mut dyn FnMut()| assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
    panics(&mut || never("now"));
    panics(&mut || block_on(async { never_later(3).await }));
    panics(&mut || assert_eq!(diverges(), 1));
    panics(&mut || assert_eq!(block_on(diverges_later()), 1));
    panics(&mut || block_on(diverges_without_a_type()));
    assert_eq!(block_on(uninhabited()), Err(1));
    let stats = perprovis::global().function_stats("never").unwrap();
    assert_eq!((stats.call_count, stats.panicked), (3, 3));
    exits(0)
}
