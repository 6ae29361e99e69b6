//! What an `async fn` returns may itself be a future, which clippy finds odd only in an `async` block.
#![deny(warnings)]

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use perprovis::profile;

#[profile]
async fn named() -> Ready<u8> {
    ready(1)
}

#[profile]
async fn opaque(number: u8) -> impl Future<Output = u8> {
    async move { number }
}

#[profile]
async fn boxed(number: &u8) -> Pin<Box<dyn Future<Output = u8> + '_>> {
    Box::pin(async move { *number })
}

#[profile]
async fn joined() -> Result<tokio::task::JoinHandle<u8>, ()> {
    Ok(tokio::spawn(async { 4 }))
}

#[tokio::main]
async fn main() {
    assert_eq!(named().await.await, 1);
    assert_eq!(opaque(2).await.await, 2);
    assert_eq!(boxed(&3).await.await, 3);
    assert_eq!(joined().await.unwrap().await.unwrap(), 4);
    assert_eq!(perprovis::global().report().summary().total_calls, 4);
}
