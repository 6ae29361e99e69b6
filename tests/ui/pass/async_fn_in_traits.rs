//! Native `async fn` in a trait, provided and implemented, called generically.
#![deny(warnings)]
#![allow(async_fn_in_trait)]

use perprovis::profile;

trait Store {
    const PREFIX: &'static str;

    async fn load(&self, key: &str) -> Option<String>;

    #[profile]
    async fn load_or_default(&self, key: &str) -> String {
        self.load(&format!("{}{key}", Self::PREFIX)).await.unwrap_or_default()
    }

    #[profile]
    async fn into_both(self, left: &str, right: &str) -> (String, String)
    where
        Self: Sized,
    {
        (self.load_or_default(left).await, self.load_or_default(right).await)
    }
}

struct Memory<'a>(&'a [(&'a str, &'a str)]);

impl Store for Memory<'_> {
    const PREFIX: &'static str = "/";

    #[profile]
    async fn load(&self, key: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(other, _)| *other == key)?;
        Some(value.to_string())
    }
}

#[profile]
async fn both(store: impl Store) -> (String, String) {
    store.into_both("a", "b").await
}

fn main() {
    let (left, right) = futures::executor::block_on(both(Memory(&[("/a", "x")])));
    assert_eq!((left.as_str(), right.as_str()), ("x", ""));
    let calls = |name| perprovis::global().function_stats(name).unwrap().call_count;
    assert_eq!((calls("both"), calls("into_both")), (1, 1));
    assert_eq!((calls("load_or_default"), calls("load")), (2, 2));
}
