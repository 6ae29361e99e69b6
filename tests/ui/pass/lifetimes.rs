//! Lifetimes elided, hidden in paths, named, `'static`, bounded by another.
#![deny(warnings, elided_lifetimes_in_paths, single_use_lifetimes, unused_lifetimes)]

use futures::executor::block_on;
use perprovis::profile;

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    #[profile]
    fn new(rest: &'a str) -> Self {
        Self { rest }
    }

    #[profile]
    fn word(&mut self) -> &'a str {
        let (word, rest) = self.rest.split_once(' ').unwrap_or((self.rest, ""));
        self.rest = rest;
        word
    }

    #[profile]
    fn rest(&self) -> &str {
        self.rest
    }
}

#[profile]
fn unchanged(reader: Reader<'_>) -> Reader<'_> {
    reader
}

#[profile]
fn longer<'a, 'b: 'a>(left: &'a str, right: &'b str) -> (&'a str, &'b str) {
    if left.len() > right.len() { (left, right) } else { (right, right) }
}

#[profile]
fn constant(_text: &str) -> &'static str {
    "constant"
}

#[profile]
async fn eventual<'b>(_left: &str, right: &'b str) -> &'b str {
    right
}

#[profile]
async fn longer_reader<'a, 'b: 'a>(left: Reader<'a>, right: Reader<'b>) -> (Reader<'a>, &'b str) {
    let rest = right.rest;
    if left.rest().len() > rest.len() { (left, rest) } else { (right, rest) }
}

fn main() {
    let text = String::from("a bc");
    let mut reader = unchanged(Reader::new(&text));
    let word = reader.word();
    assert_eq!((word, reader.rest()), ("a", "bc"));
    assert_eq!(longer(word, constant("x")).0, "constant");
    let right = {
        let left = String::from("short lived");
        block_on(eventual(&left, &text))
    };
    assert_eq!(right, "a bc");
    assert_eq!(block_on(longer_reader(reader, Reader::new("x"))).0.rest(), "bc");
}
