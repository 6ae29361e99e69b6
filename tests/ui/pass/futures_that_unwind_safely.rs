//! Futures keep every automatic trait, also the rare ones.
#![deny(warnings)]

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;

use perprovis::profile;

#[profile]
async fn tick() {}

#[profile]
async fn asynchronous(text: String) -> String {
    tick().await;
    text
}

#[profile]
fn opaque() -> impl std::future::Future<Output = u8> + Send {
    async {
        tick().await;
        1
    }
}

#[profile]
fn boxed() -> Pin<Box<dyn std::future::Future<Output = u8> + Send + UnwindSafe + RefUnwindSafe>> {
    Box::pin(async {
        tick().await;
        1
    })
}

fn need<T: Send + UnwindSafe>(_: T) {}

fn main() {
    need(asynchronous(String::new()));
    need(opaque());
    need(boxed());
}
