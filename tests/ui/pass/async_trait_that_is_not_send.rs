//! `#[async_trait(?Send)]`: the futures may hold an `Rc`.
#![deny(warnings)]

use std::rc::Rc;

use async_trait::async_trait;
use perprovis::profile;

#[async_trait(?Send)]
trait Share {
    async fn share(&self, value: Rc<u32>) -> usize;
}

#[async_trait(?Send)]
impl Share for () {
    #[profile]
    async fn share(&self, value: Rc<u32>) -> usize {
        std::future::ready(()).await;
        Rc::strong_count(&value)
    }
}

fn main() {
    assert_eq!(futures::executor::block_on(().share(Rc::new(1))), 1);
    assert_eq!(perprovis::global().function_stats("share").unwrap().call_count, 1);
}
