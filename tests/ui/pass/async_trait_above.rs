//! `#[async_trait]` on the impl, above an annotated method: it expands first.
#![deny(warnings)]

use async_trait::async_trait;
use perprovis::profile;

#[async_trait]
trait Store {
    async fn load(&self, key: &str) -> Result<usize, String>;
}

struct Memory(Vec<String>);

#[async_trait]
impl Store for Memory {
    #[profile]
    async fn load(&self, key: &str) -> Result<usize, String> {
        let found = self.0.iter().position(|other| other == key);
        std::future::ready(()).await;
        Ok(found.ok_or_else(|| format!("no {key}"))?)
    }
}

fn main() {
    let store: Box<dyn Store> = Box::new(Memory(vec!["a".into()]));
    assert_eq!(futures::executor::block_on(store.load("a")), Ok(0));
    assert_eq!(futures::executor::block_on(store.load("b")), Err("no b".into()));
    let stats = perprovis::global().function_stats("load").unwrap();
    assert_eq!(stats.call_count, 2);
    assert!(stats.name.contains("Memory"), "{}", stats.name);
}
