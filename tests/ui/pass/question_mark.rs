//! `?` on `Option`, `Result`, `ControlFlow` and `Poll`, with conversion of the error.
#![deny(warnings)]

use std::error::Error;
use std::ops::ControlFlow;
use std::task::Poll;

use perprovis::profile;

#[profile]
fn option(text: &str) -> Option<char> {
    let first = text.chars().next()?;
    Some(first.to_uppercase().next()?)
}

#[profile]
fn result(text: &str) -> Result<u8, Box<dyn Error>> {
    let number: u8 = text.parse()?;
    if number == 0 {
        Err("zero")?;
    }
    Ok(number)
}

#[profile]
fn control_flow(limit: u8) -> ControlFlow<u8> {
    (0..9).try_for_each(|number| {
        if number == limit { ControlFlow::Break(number) } else { ControlFlow::Continue(()) }
    })?;
    ControlFlow::Continue(())
}

#[profile]
fn poll(ready: Poll<Result<u8, ()>>) -> Poll<Result<u8, ()>> {
    let Poll::Ready(number) = ready? else { return Poll::Pending };
    Poll::Ready(Ok(number + 1))
}

#[profile]
async fn later(text: &str) -> Result<u8, Box<dyn Error + Send + Sync>> {
    let number: u8 = std::future::ready(text).await.parse()?;
    if number == 0 {
        Err("zero")?;
    }
    Ok(number)
}

fn main() {
    use futures::executor::block_on;

    assert_eq!((option("x"), option("")), (Some('X'), None));
    assert_eq!(result("1").unwrap(), 1);
    assert_eq!(result("0").unwrap_err().to_string(), "zero");
    assert!(result("x").is_err());
    assert_eq!(control_flow(3), ControlFlow::Break(3));
    assert_eq!(poll(Poll::Ready(Ok(1))), Poll::Ready(Ok(2)));
    assert_eq!(poll(Poll::Pending), Poll::Pending);
    assert_eq!(block_on(later("1")).unwrap(), 1);
    assert!(block_on(later("0")).is_err() && block_on(later("x")).is_err());
    let calls = |name| perprovis::global().function_stats(name).unwrap().call_count;
    assert_eq!((calls("option"), calls("result"), calls("later")), (2, 3, 3));
}
