//! Functions that return `impl Future`, in and out of traits.
#![deny(warnings)]

use std::future::Future;

use futures::executor::block_on;
use perprovis::profile;

#[profile]
fn plus_one(number: i32) -> impl Future<Output = i32> + Send {
    async move { number + 1 }
}

#[profile]
fn borrowed<'a>(text: &'a str) -> impl Future<Output = &'a str> + Send + 'a {
    let trimmed = text.trim();
    async move { trimmed }
}

trait Load {
    fn load(&self) -> impl Future<Output = u32> + Send;

    #[profile]
    fn load_twice(&self) -> impl Future<Output = u32> + Send
    where
        Self: Sync,
    {
        async { self.load().await + self.load().await }
    }
}

impl Load for u32 {
    #[profile]
    fn load(&self) -> impl Future<Output = u32> + Send {
        std::future::ready(*self)
    }
}

fn main() {
    assert_eq!(block_on(plus_one(1)), 2);
    assert_eq!(block_on(borrowed(" x ")), "x");
    assert_eq!(block_on(3.load_twice()), 6);
    assert_eq!(perprovis::global().function_stats("plus_one").unwrap().call_count, 1);
}
