//! Async blocks, async closures and an executor inside of a function that is not async.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn run(text: &str) -> usize {
    let length = async { text.len() };
    let add = async |number: usize| number + length.await;
    futures::executor::block_on(add(1))
}

#[profile]
async fn nested() -> usize {
    #[profile]
    async fn inner(text: &str) -> usize {
        text.len()
    }

    let both = async { inner("a").await + inner("bc").await };
    both.await
}

fn main() {
    assert_eq!(run("abc"), 4);
    assert_eq!(futures::executor::block_on(nested()), 3);
    assert_eq!(perprovis::global().function_stats("inner").unwrap().call_count, 2);
}
