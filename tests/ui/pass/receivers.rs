//! Every kind of `self`, and none.
#![deny(warnings)]

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use perprovis::profile;

#[derive(Clone, Default)]
struct Counter {
    count: u32,
}

impl Counter {
    #[profile]
    fn none() -> Self {
        Self::default()
    }

    #[profile]
    fn by_reference(&self) -> u32 {
        self.count
    }

    #[profile]
    fn by_unique_reference(&mut self) -> &mut Self {
        self.count += 1;
        self
    }

    #[profile]
    fn by_value(mut self) -> u32 {
        self.count += 1;
        self.count
    }

    #[profile]
    fn typed<'a>(self: &'a Self) -> &'a u32 {
        &self.count
    }

    #[profile]
    fn boxed(self: Box<Self>) -> u32 {
        self.count
    }

    #[profile]
    fn shared(self: Rc<Self>) -> usize {
        Rc::strong_count(&self)
    }

    #[profile]
    fn shared_reference(self: &Arc<Self>) -> Arc<Self> {
        Arc::clone(self)
    }

    #[profile]
    fn pinned(self: Pin<&mut Self>) -> u32 {
        let counter = self.get_mut();
        counter.count += 1;
        counter.count
    }

    #[profile]
    fn pinned_box(self: Pin<Box<Self>>) -> u32 {
        self.count
    }
}

fn main() {
    let mut counter = Counter::none();
    counter.by_unique_reference().by_unique_reference();
    assert_eq!((counter.by_reference(), *counter.typed(), counter.clone().by_value()), (2, 2, 3));
    assert_eq!(Pin::new(&mut counter).pinned(), 3);
    assert_eq!(Box::new(counter.clone()).boxed() + Box::pin(counter.clone()).pinned_box(), 6);
    assert_eq!(Rc::new(counter.clone()).shared(), 1);
    assert_eq!(Arc::new(counter).shared_reference().count, 3);
}
