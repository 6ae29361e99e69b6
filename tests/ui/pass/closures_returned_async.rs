//! Async functions that return `impl Fn`.
#![deny(warnings)]

use futures::executor::block_on;
use perprovis::profile;

#[profile]
async fn adder(step: i32) -> impl Fn(i32) -> i32 {
    move |number| number + step
}

#[profile]
async fn counter() -> impl FnMut() -> u32 {
    let mut count = 0;
    move || {
        count += 1;
        count
    }
}

#[profile]
async fn length() -> impl Fn(&str) -> usize {
    |text: &str| text.len()
}

#[profile]
async fn boxed() -> Box<dyn Fn(&str) -> usize> {
    Box::new(|text| text.len())
}

fn main() {
    assert_eq!(block_on(adder(2))(3), 5);
    let mut next = block_on(counter());
    assert_eq!((next(), next()), (1, 2));
    assert_eq!(block_on(length())("abc"), 3);
    assert_eq!(block_on(boxed())("abc"), 3);
}
