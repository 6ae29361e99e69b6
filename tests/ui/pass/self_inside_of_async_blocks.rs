//! `Self`, `Self::CONSTANT` and `self` inside of an async block in the body.
#![deny(warnings)]

use perprovis::profile;

struct Batch<T> {
    items: Vec<T>,
}

impl<T: Clone> Batch<T> {
    const LIMIT: usize = 2;

    #[profile]
    async fn first(&self) -> Self {
        async { Self { items: self.items.iter().take(Self::LIMIT).cloned().collect() } }.await
    }

    #[profile]
    async fn len(self) -> usize {
        let Self { items } = self;
        async move { Self::count(&items) }.await
    }

    #[profile]
    async fn word(self) -> &'static str {
        stringify!(self)
    }

    #[profile]
    fn count(items: &[T]) -> usize {
        items.len()
    }
}

fn main() {
    assert_eq!(futures::executor::block_on(Batch { items: vec![1] }.word()), "self");
    let batch = Batch { items: vec!['a', 'b', 'c'] };
    let length = futures::executor::block_on(async { batch.first().await.len().await });
    assert_eq!(length, 2);
}
