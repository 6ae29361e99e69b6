//! Annotated async functions that await each other, boxed as `Send`, the outermost first in the file.
#![deny(warnings)]

use std::future::Future;
use std::pin::Pin;

/// Functions that each await the next.
macro_rules! chain {
    ($innermost:ident) => {
        #[perprovis::profile]
        async fn $innermost(number: u32) -> u32 {
            std::future::ready(number).await
        }
    };
    ($name:ident $below:ident $($rest:ident)*) => {
        #[perprovis::profile]
        async fn $name(number: u32) -> u32 {
            $below(number + 1).await
        }

        chain!($below $($rest)*);
    };
}

// In this order the compiler meets another limit, of nested layout queries, and without the
// attribute stops at 33 instead of 42.
chain! {
    f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 f13 f14
}

fn boxed() -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(f1(1))
}

fn main() {
    assert_eq!(futures::executor::block_on(boxed()), 14);
    assert_eq!(perprovis::global().report().functions().len(), 14);
}
