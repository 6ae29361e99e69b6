//! Functions that return a boxed future: written out, with a lifetime, `BoxFuture`, `LocalBoxFuture`.
#![deny(warnings)]

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use futures::executor::block_on;
use futures::future::{BoxFuture, LocalBoxFuture};
use perprovis::profile;

#[profile]
fn owned(number: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move { number })
}

#[profile]
fn borrowed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = &'a str> + Send + 'a>> {
    Box::pin(async move { text.trim() })
}

#[profile]
fn elided(text: &mut String) -> Pin<Box<dyn Future<Output = &mut str> + Send + '_>> {
    Box::pin(async move {
        text.push('!');
        text.as_mut_str()
    })
}

#[profile]
fn recursive(depth: u32) -> BoxFuture<'static, u32> {
    Box::pin(async move { if depth == 0 { 0 } else { recursive(depth - 1).await + 1 } })
}

#[profile]
fn local(shared: Rc<u32>) -> LocalBoxFuture<'static, u32> {
    Box::pin(async move { *shared })
}

#[profile]
fn full_paths() -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = ()> + Send>>
{
    Box::pin(async {})
}

#[profile]
fn fallible(text: &str) -> BoxFuture<'_, Result<u32, std::num::ParseIntError>> {
    Box::pin(async move { Ok(text.parse::<u32>()? + 1) })
}

fn main() {
    fn sent<T: Send>(value: T) -> T {
        value
    }

    assert_eq!(block_on(sent(owned(1))), 1);
    assert_eq!(block_on(sent(borrowed(" x "))), "x");
    assert_eq!(block_on(sent(elided(&mut String::from("x")))), "x!");
    assert_eq!(block_on(sent(recursive(3))), 3);
    assert_eq!(block_on(local(Rc::new(2))), 2);
    block_on(sent(full_paths()));
    assert_eq!(block_on(sent(fallible("1"))), Ok(2));
    assert_eq!(perprovis::global().function_stats("recursive").unwrap().call_count, 4);
}
