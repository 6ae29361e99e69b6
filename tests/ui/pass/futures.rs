//! Futures: of blocks, of others, boxed, and sent to threads.
#![deny(warnings)]

use std::pin::Pin;

use perprovis::{ProfileFuture, Profiler, profile};

fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
    Box::pin(async move { text.len() }.profiled("boxed"))
}

#[profile]
async fn recursive(depth: u32) -> u32 {
    if depth == 0 { 0 } else { Box::pin(recursive(depth - 1)).await + 1 }
}

#[profile]
async fn borrows<'a>(left: &'a mut Vec<u8>, right: &[u8]) -> &'a u8 {
    left.extend(right);
    &left[0]
}

fn main() {
    fn sent<T: Send + 'static>(_: T) {}

    let profiler = Profiler::new();
    sent(std::future::ready(1).profiled_on(&profiler, String::from("ready")));
    sent(recursive(3));
    drop(boxed("x"));
    drop(borrows(&mut vec![1], &[2]));
}
