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

fn main() {
    assert_eq!(future_by_name(), BoxFuture(1));
    let _boxed: Box<dyn look_alike::Future<Output = u8> + Send> = pinned_by_name().0;
    assert_eq!(&*pinned_text(), "x");
    assert_eq!(perprovis::global().report().functions().len(), 3);
}
