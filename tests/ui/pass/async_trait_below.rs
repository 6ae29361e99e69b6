//! `#[profile]` on an impl above `#[async_trait]`: it expands first, and measures across await points.
#![deny(warnings)]

use std::sync::LazyLock;
use std::time::Duration;

use async_trait::async_trait;
use perprovis::{ManualClock, Profiler, profile};

static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
static PROFILER: LazyLock<Profiler> =
    LazyLock::new(|| Profiler::builder().clock(CLOCK.clone()).build());

#[async_trait]
trait Store {
    async fn load(&self, key: &str) -> Result<usize, String>;
}

struct Memory(Vec<String>);

#[profile(profiler = PROFILER)]
#[async_trait]
impl Store for Memory {
    async fn load(&self, key: &str) -> Result<usize, String> {
        CLOCK.advance_nanos(10);
        tokio::task::yield_now().await;
        CLOCK.advance_nanos(20);
        let found = self.0.iter().position(|other| other == key);
        let found = found.ok_or_else(|| format!("no {key}"))?;
        Ok(found)
    }
}

fn main() {
    let store: Box<dyn Store> = Box::new(Memory(vec!["a".into()]));
    assert_eq!(futures::executor::block_on(store.load("a")), Ok(0));
    assert_eq!(futures::executor::block_on(store.load("b")), Err("no b".into()));
    let stats = PROFILER.function_stats("load").unwrap();
    assert!(stats.name.contains("Memory"), "{}", stats.name);
    assert_eq!((stats.call_count, stats.polls), (2, 4));
    assert_eq!(
        (stats.busy_time, stats.total_time),
        (Duration::from_nanos(60), Duration::from_nanos(60))
    );
}
