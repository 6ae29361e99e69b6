//! Functions that return `impl Fn`: the body is there once, so that its closure has one type.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn adder(step: i32) -> impl Fn(i32) -> i32 {
    move |number| number + step
}

#[profile]
fn counter() -> impl FnMut() -> u32 {
    let mut count = 0;
    move || {
        count += 1;
        count
    }
}

#[profile]
fn shortener() -> impl Fn(&str) -> &str {
    |text| &text[1..]
}

#[profile]
fn boxed(text: String) -> Box<dyn FnOnce() -> String> {
    Box::new(move || text)
}

fn main() {
    assert_eq!(adder(2)(3), 5);
    let mut next = counter();
    assert_eq!((next(), next()), (1, 2));
    assert_eq!(shortener()("abc"), "bc");
    assert_eq!(boxed("x".into())(), "x");
    let calls = |name| perprovis::global().function_stats(name).unwrap().call_count;
    assert_eq!(calls("counter"), 1, "the making of the closure is measured, not its calls");
}
