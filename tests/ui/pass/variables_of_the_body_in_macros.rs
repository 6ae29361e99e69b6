//! Parameters of async functions that the body mentions only inside of strings and macros.
#![deny(warnings)]

use perprovis::profile;

macro_rules! count {
    ($($word:tt)*) => { [$(stringify!($word)),*].len() + usize::from(stringify!($($word)*).is_empty()) };
}

#[profile]
async fn in_a_format_string(name: String, width: usize) -> String {
    format!("{name:>width$}")
}

#[profile]
async fn only_in_a_word_of_a_macro(#[allow(unused_variables)] shown: u8) -> usize {
    count!(shown and more)
}

#[profile]
async fn in_an_argument_of_a_macro(left: u8, right: u8) -> bool {
    matches!((left, right), (a, b) if a == b)
}

fn main() {
    use futures::executor::block_on;

    assert_eq!(block_on(in_a_format_string("x".into(), 3)), "  x");
    assert_eq!(block_on(only_in_a_word_of_a_macro(1)), 3);
    assert!(block_on(in_an_argument_of_a_macro(1, 1)));
}
