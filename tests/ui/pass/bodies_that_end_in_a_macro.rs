//! Bodies whose tail is a macro call, in each kind of brackets, with and without a semicolon.
#![deny(warnings)]

use perprovis::profile;

macro_rules! value {
    ($value:expr) => {
        $value
    };
}

macro_rules! statements {
    ($name:ident) => {
        let $name = 1;
        let $name = $name + 1;
    };
}

#[profile]
fn round() -> String {
    format!("{}", 1)
}

#[profile]
fn square() -> Vec<u8> {
    vec![1, 2]
}

#[profile]
fn curly() -> u8 {
    value! { 7 }
}

#[profile]
fn nothing() {
    assert_eq!(1, 1)
}

#[profile]
fn with_a_semicolon() {
    assert_eq!(1, 1);
}

#[profile]
fn after_statements_of_a_macro() -> u8 {
    statements!(number);
    value!(number)
}

#[profile]
fn a_question() -> bool {
    matches!(curly(), 7)
}

#[profile]
async fn later() -> String {
    format!("{}", std::future::ready(1).await)
}

#[profile]
async fn nothing_later() {
    assert_eq!(std::future::ready(1).await, 1)
}

fn main() {
    use futures::executor::block_on;

    assert_eq!((round().as_str(), square().len()), ("1", 2));
    nothing();
    with_a_semicolon();
    assert_eq!(after_statements_of_a_macro(), 2);
    assert!(a_question());
    assert_eq!(block_on(later()), "1");
    block_on(nothing_later());
}
