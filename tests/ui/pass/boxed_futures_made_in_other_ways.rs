//! Functions that return a boxed future made otherwise than by `Box::pin(async ...)` at the end.
#![deny(warnings)]

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::BoxFuture;
use perprovis::profile;

thread_local! {
    static EFFECTS: Cell<u32> = const { Cell::new(0) };
}

fn effect() {
    EFFECTS.set(EFFECTS.get() + 1);
}

#[profile]
fn after_statements<'a>(number: &'a i32) -> Pin<Box<dyn Future<Output = i32> + Send + 'a>> {
    let before = *number;
    effect();
    Box::pin(async move { before + *number })
}

#[profile]
fn returned_early(early: bool) -> BoxFuture<'static, u32> {
    effect();
    if early {
        return Box::pin(std::future::ready(1));
    }
    Box::pin(async { 2 })
}

#[profile]
fn handed_on(early: bool) -> BoxFuture<'static, u32> {
    effect();
    returned_early(early)
}

#[profile]
fn by_a_method(number: u32) -> BoxFuture<'static, u32> {
    async move { number }.map(|number| number + 1).boxed()
}

#[profile]
fn from_a_variable(number: u32) -> BoxFuture<'static, u32> {
    let future: BoxFuture<'static, u32> = Box::pin(async move { number });
    future
}

#[profile]
fn of_one_arm(number: Option<u32>) -> BoxFuture<'static, u32> {
    match number {
        Some(number) => Box::pin(async move { number }),
        None => Box::pin(std::future::ready(0)),
    }
}

fn main() {
    let future = after_statements(&2);
    assert_eq!(EFFECTS.get(), 1, "what stands before the future runs when it is made");
    assert_eq!(block_on(future), 4);
    assert_eq!(block_on(returned_early(true)) + block_on(handed_on(false)), 3);
    assert_eq!(EFFECTS.get(), 4);
    assert_eq!(block_on(by_a_method(1)), 2);
    assert_eq!(block_on(from_a_variable(1)), 1);
    assert_eq!(block_on(of_one_arm(Some(1))) + block_on(of_one_arm(None)), 1);
}
