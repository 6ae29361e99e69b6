//! Every kind of `self` of an async method, and what it borrows.
#![deny(warnings)]

use std::pin::Pin;
use std::rc::Rc;

use futures::executor::block_on;
use perprovis::profile;

#[derive(Clone, Default)]
struct Store<'s> {
    text: &'s str,
    reads: u32,
}

impl<'s> Store<'s> {
    #[profile]
    async fn none(text: &'s str) -> Self {
        Self { text, reads: 0 }
    }

    #[profile]
    async fn of_the_type(&self, _other: &str) -> &'s str {
        self.text
    }

    #[profile]
    async fn of_the_argument<'b>(&self, other: &'b str) -> &'b str {
        other
    }

    #[profile]
    async fn of_self(&mut self) -> &mut Self {
        self.reads += 1;
        self
    }

    #[profile]
    async fn by_value(mut self) -> u32 {
        self.reads += 1;
        self.reads
    }

    #[profile]
    async fn shared(self: Rc<Self>) -> usize {
        Rc::strong_count(&self)
    }

    #[profile]
    async fn pinned(self: Pin<&mut Self>) -> u32 {
        let store = self.get_mut();
        store.reads += 1;
        store.reads
    }

    #[profile]
    async fn letters(&self) -> impl Iterator<Item = char> + '_ {
        self.text.chars()
    }
}

fn main() {
    let text = String::from("text");
    let mut store = block_on(Store::none(&text));
    block_on(async { store.of_self().await.of_self().await.reads += 1 });
    let outlives = {
        let short_lived = store.clone();
        block_on(short_lived.of_the_type("x"))
    };
    assert_eq!(outlives, "text");
    assert_eq!(block_on(store.of_the_argument("x")), "x");
    assert_eq!(block_on(Pin::new(&mut store).pinned()), 4);
    assert_eq!(block_on(store.letters()).count(), 4);
    assert_eq!(block_on(store.clone().by_value()), 5);
    assert_eq!(block_on(Rc::new(store).shared()), 1);
}
