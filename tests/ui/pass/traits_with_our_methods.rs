//! A trait for every type whose methods have names that expanded code could call.
#![deny(warnings)]

use std::pin::Pin;

trait Everything: Sized {
    fn begin(self, step: u8) -> u8 {
        step
    }

    fn wrap(self) {}

    fn wrap_made(self) {}
}

impl<T> Everything for T {}

mod result {
    pub type BoxFuture<T> = Result<T, String>;
}

mod boxed {
    pub type BoxFuture<T> = super::Pin<Box<dyn std::future::Future<Output = T> + Send>>;
}

#[perprovis::profile]
fn no_future() -> result::BoxFuture<u8> {
    1.wrap();
    Ok(1.begin(2))
}

#[perprovis::profile]
fn future() -> boxed::BoxFuture<u8> {
    Box::pin(async { 1 })
}

#[perprovis::profile]
fn handed_on() -> boxed::BoxFuture<u8> {
    1.wrap_made();
    future()
}

fn main() {
    assert_eq!(no_future(), Ok(2));
    drop(handed_on());
}
