//! Futures: of blocks, of others, boxed, and sent to threads.
#![deny(warnings)]

use std::future::Future;
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
    use futures::executor::block_on;

    fn sent<T: Send + 'static>(value: T) -> T {
        value
    }

    let profiler = Profiler::new();
    let ready = sent(std::future::ready(1).profiled_on(&profiler, String::from("ready")));
    assert_eq!(block_on(ready), 1);
    assert_eq!(profiler.function_stats("ready").unwrap().polls, 1);
    assert_eq!(block_on(sent(recursive(3))), 3);
    assert_eq!(block_on(boxed("x")), 1);
    assert_eq!(block_on(borrows(&mut vec![1], &[2])), &1);
}
