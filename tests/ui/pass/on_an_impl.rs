//! On an `impl`: every function in it, but for what is skipped and what cannot be measured.
#![deny(warnings)]

use perprovis::profile;

struct Stack<T>(Vec<T>);

#[profile]
impl<T: Clone> Stack<T> {
    const EMPTY: usize = { 0 };

    /// Documented.
    #[must_use]
    const fn new() -> Self {
        Self(Vec::new())
    }

    fn push(&mut self, value: T) -> &mut Self {
        self.0.push(value);
        self
    }

    #[profile(skip)]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[profile(name = "the top", metadata(len = self.0.len()))]
    fn top(&self) -> Option<T> {
        self.0.last().cloned()
    }

    async fn pop(&mut self) -> Option<T> {
        std::future::ready(self.0.pop()).await
    }

    unsafe fn first(&self) -> &T {
        // SAFETY: the caller says that there is one.
        unsafe { self.0.get_unchecked(0) }
    }
}

fn main() {
    let mut stack = Stack::new();
    stack.push(1).push(2);
    assert_eq!(stack.len() + Stack::<u8>::EMPTY, 2);
    assert_eq!(stack.top(), Some(2));
    assert_eq!(futures::executor::block_on(stack.pop()), Some(2));
    // SAFETY: one is left.
    assert_eq!(unsafe { *stack.first() }, 1);
    let report = perprovis::global().report();
    let mut names: Vec<&str> =
        report.functions().iter().map(|stats| report.short_name(&stats.name)).collect();
    names.sort_unstable();
    assert_eq!(names, ["first", "pop", "push", "the top"]);
    assert_eq!(report.function("push").unwrap().call_count, 2);
}
