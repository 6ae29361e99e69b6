//! Provided methods of an `#[async_trait]` trait, with an associated constant and `Self: Sized`.
#![deny(warnings)]

use async_trait::async_trait;
use perprovis::profile;

#[async_trait]
trait Retry: Sync {
    const ATTEMPTS: u32;

    async fn attempt(&self, number: u32) -> bool;

    #[profile]
    async fn retry(&self) -> Option<u32>
    where
        Self: Sized,
    {
        for number in 0..Self::ATTEMPTS {
            if self.attempt(number).await {
                return Some(number);
            }
        }
        None
    }

    #[profile]
    async fn first<'a>(&self, texts: &'a [&str], (mut index, _): (usize, u8)) -> &'a str {
        index += 1;
        texts[index]
    }
}

struct After(u32);

#[async_trait]
impl Retry for After {
    const ATTEMPTS: u32 = 3;

    #[profile]
    async fn attempt(&self, number: u32) -> bool {
        number == self.0
    }
}

fn main() {
    use futures::executor::block_on;

    assert_eq!(block_on(After(2).retry()), Some(2));
    assert_eq!(block_on(After(3).retry()), None);
    assert_eq!(block_on(After(3).first(&["a", "b"], (0, 0))), "b");
    let calls = |name| perprovis::global().function_stats(name).unwrap().call_count;
    assert_eq!((calls("retry"), calls("attempt")), (2, 6));
}
