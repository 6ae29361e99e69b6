//! The user's own `Pin`, `Box` and `BoxFuture`, that are no futures, and futures not to be polled twice.
#![deny(warnings)]

use perprovis::profile;

#[derive(Debug, PartialEq)]
struct BoxFuture<T>(T);

mod look_alike {
    pub trait Future {
        type Output;
    }

    impl Future for u8 {
        type Output = u8;
    }

    pub struct Pin<T>(pub T);
}

#[profile]
fn future_by_name() -> BoxFuture<u8> {
    BoxFuture(1)
}

#[profile]
fn pinned_by_name() -> look_alike::Pin<Box<dyn look_alike::Future<Output = u8> + Send>> {
    look_alike::Pin(Box::new(1))
}

#[profile]
fn pinned_text() -> std::pin::Pin<Box<str>> {
    Box::into_pin(Box::from("x"))
}

mod alias {
    pub type BoxFuture<T> = std::pin::Pin<Box<T>>;
}

#[profile]
fn one_future() -> alias::BoxFuture<std::future::Ready<u8>> {
    Box::pin(std::future::ready(1))
}

#[profile]
fn one_future_handed_on(future: alias::BoxFuture<u8>) -> alias::BoxFuture<u8> {
    future
}

fn main() {
    assert_eq!(future_by_name(), BoxFuture(1));
    let _boxed: Box<dyn look_alike::Future<Output = u8> + Send> = pinned_by_name().0;
    assert_eq!(&*pinned_text(), "x");
    assert_eq!(futures::executor::block_on(one_future()), 1);
    assert_eq!(*one_future_handed_on(Box::pin(2)), 2);
    let report = perprovis::global().report();
    assert_eq!(report.functions().len(), 5);
    assert!(report.functions().iter().all(|function| function.polls == 0), "these are no futures");
}
