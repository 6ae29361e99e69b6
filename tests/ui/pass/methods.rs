//! Methods: of types, of traits with and without bodies, of impls of traits.
#![deny(warnings)]

use perprovis::profile;

struct Stack<T>(Vec<T>);

impl<T: Clone> Stack<T> {
    #[profile]
    fn new() -> Self {
        Self(Vec::new())
    }

    #[profile]
    fn push(&mut self, value: T) -> &mut Self {
        self.0.push(value);
        self
    }

    #[profile]
    fn into_top(mut self) -> Option<T> {
        self.0.pop()
    }
}

trait Greet {
    fn name(&self) -> String;

    #[profile]
    fn greet(&self) -> String {
        format!("hello, {}", self.name())
    }
}

impl<T> Greet for Stack<T> {
    #[profile]
    fn name(&self) -> String {
        self.0.len().to_string()
    }
}

fn main() {
    let mut stack = Stack::new();
    stack.push(1).push(2);
    assert_eq!(stack.greet(), "hello, 2");
    assert_eq!(stack.into_top(), Some(2));
}
