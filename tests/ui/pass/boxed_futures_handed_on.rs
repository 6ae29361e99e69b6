//! Functions that only hand a boxed future on need no bounds for it.
#![deny(warnings)]

use std::future::{Future, ready};
use std::pin::Pin;

use perprovis::profile;

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

struct Service<T>(Box<dyn Fn() -> BoxFuture<T>>);

impl<T> Service<T> {
    #[profile]
    fn call(&self) -> BoxFuture<T> {
        (self.0)()
    }
}

struct Slot<'a, T>(Option<Pin<Box<dyn Future<Output = T> + 'a>>>);

#[profile]
impl<'a, T> Slot<'a, T> {
    fn take(&mut self) -> Pin<Box<dyn Future<Output = T> + 'a>> {
        self.0.take().unwrap()
    }
}

#[profile]
fn identity<T>(future: BoxFuture<T>) -> BoxFuture<T> {
    future
}

fn main() {
    let service = Service(Box::new(|| Box::pin(ready(1))));
    assert_eq!(futures::executor::block_on(identity(service.call())), 1);
    let mut slot = Slot(Some(Box::pin(ready(2))));
    assert_eq!(futures::executor::block_on(slot.take()), 2);
    assert_eq!(perprovis::global().report().summary().total_calls, 3);
}
