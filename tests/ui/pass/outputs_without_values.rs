//! Return types that have no value, which are not `!`.
#![deny(warnings)]

use std::convert::Infallible;
use std::pin::Pin;

use perprovis::profile;

#[profile]
async fn tick() {}

#[profile]
async fn asynchronous(code: i32) -> Infallible {
    tick().await;
    std::process::exit(code)
}

#[profile]
fn opaque() -> impl std::future::Future<Output = Infallible> {
    async {
        loop {
            tick().await;
        }
    }
}

#[profile]
fn boxed() -> Pin<Box<dyn std::future::Future<Output = Infallible>>> {
    Box::pin(async {
        loop {
            tick().await;
        }
    })
}

#[profile]
fn handed_on() -> Pin<Box<dyn std::future::Future<Output = Infallible>>> {
    boxed()
}

fn main() {
    drop((opaque(), handed_on()));
    futures::executor::block_on(asynchronous(0));
}
