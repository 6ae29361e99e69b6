//! `#[async_trait]` under another path and another name.
#![deny(warnings)]

mod framework {
    pub mod prelude {
        pub use async_trait::async_trait as handler;
    }
}

use framework::prelude::handler;

#[handler]
trait Handle {
    async fn handle(&self) -> u8;
}

#[framework::prelude::handler]
impl Handle for u8 {
    #[perprovis::profile]
    async fn handle(&self) -> u8 {
        std::future::ready(*self).await
    }
}

fn main() {
    assert_eq!(futures::executor::block_on(7.handle()), 7);
    assert_eq!(perprovis::global().function_stats("handle").unwrap().call_count, 1);
}
