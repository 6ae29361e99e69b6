//! Bodies whose first token could continue an expression before it.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn negative(number: i32) -> i32 {
    -number
}

#[profile]
async fn negative_later(number: i32) -> i32 {
    -number
}

#[profile]
fn reference(number: &i32) -> &i32 {
    &*number
}

#[profile]
fn dereference(number: &i32) -> i32 {
    *number
}

#[profile]
async fn dereference_later(number: &i32) -> i32 {
    *number
}

#[profile]
fn closure() -> impl Fn() -> i32 {
    || 1
}

#[profile]
fn call() -> i32 {
    (dereference)(&1)
}

#[profile]
fn range() -> std::ops::RangeFull {
    ..
}

#[profile]
#[allow(redundant_semicolons)]
fn semicolons() {}

#[profile]
fn array() -> i32 {
    [1, 2][0]
}

#[profile]
async fn array_later() -> i32 {
    [1, 2][0]
}

#[profile]
fn path() -> i32 {
    <i32 as Default>::default()
}

#[profile]
fn label() -> i32 {
    'outer: loop {
        break 'outer 1;
    }
}

#[profile]
fn attribute() -> i32 {
    #[allow(unused_variables)]
    let unused = 1;
    1
}

fn main() {
    use futures::executor::block_on;

    assert_eq!(negative(1) + block_on(negative_later(1)), -2);
    assert_eq!(reference(&1) + dereference(&1) + block_on(dereference_later(&1)), 3);
    assert_eq!(closure()() + call() + path() + label() + attribute(), 4);
    assert_eq!(array() + block_on(array_later()), 2);
    assert_eq!(range(), ..);
    semicolons();
}
