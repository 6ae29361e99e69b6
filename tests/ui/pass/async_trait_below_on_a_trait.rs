//! `#[profile]` on a trait above `#[async_trait]`: its provided methods are measured.
#![deny(warnings)]

use async_trait::async_trait;
use perprovis::profile;

#[profile]
#[async_trait]
trait Store: Sync {
    async fn load(&self, key: &str) -> usize;

    async fn load_both(&self, left: &str, right: &str) -> usize {
        self.load(left).await + self.load(right).await
    }
}

#[async_trait]
impl Store for () {
    async fn load(&self, key: &str) -> usize {
        tokio::task::yield_now().await;
        key.len()
    }
}

fn main() {
    assert_eq!(futures::executor::block_on(().load_both("a", "bc")), 3);
    let stats = perprovis::global().function_stats("load_both").unwrap();
    assert_eq!((stats.call_count, stats.polls), (1, 3));
    assert!(perprovis::global().function_stats("load").is_none());
}
