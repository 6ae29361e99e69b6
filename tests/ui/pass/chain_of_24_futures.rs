//! Twenty-four annotated async functions that await each other, boxed as `Send`, at the default
//! recursion limit.
#![deny(warnings)]

use std::future::Future;
use std::pin::Pin;

/// Functions that each await the one before.
macro_rules! chain {
    ($innermost:ident $($rest:ident)*) => {
        #[perprovis::profile]
        async fn $innermost(number: u32) -> u32 {
            std::future::ready(number).await
        }

        chain!(@above $innermost $($rest)*);
    };
    (@above $below:ident $name:ident $($rest:ident)*) => {
        #[perprovis::profile]
        async fn $name(number: u32) -> u32 {
            $below(number + 1).await
        }

        chain!(@above $name $($rest)*);
    };
    (@above $below:ident) => {};
}

chain! {
    f24 f23 f22 f21 f20 f19 f18 f17 f16 f15 f14 f13 f12 f11 f10 f9 f8 f7 f6 f5 f4 f3 f2 f1
}

fn boxed() -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(f1(1))
}

fn main() {
    assert_eq!(futures::executor::block_on(boxed()), 24);
    assert_eq!(perprovis::global().report().functions().len(), 24);
}
