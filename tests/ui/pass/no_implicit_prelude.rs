//! A module without a prelude.
#![deny(warnings)]

mod bare {
    #![no_implicit_prelude]

    pub struct Counter(u8);

    impl Counter {
        #[::perprovis::profile(metadata(start, ?start, shown = %start))]
        pub fn new(start: u8) -> Self {
            Self(start)
        }

        #[::perprovis::profile]
        pub async fn count(&mut self, by: u8) -> u8 {
            self.0 += by;
            self.0
        }

        #[::perprovis::profile(name = "count", profiler = ::perprovis::global())]
        pub fn is_zero(&self) -> bool {
            self.0 == 0
        }

        #[::perprovis::profile]
        pub fn boxed(
            &self,
        ) -> ::std::pin::Pin<
            ::std::boxed::Box<dyn ::std::future::Future<Output = u8> + ::std::marker::Send + '_>,
        > {
            ::std::boxed::Box::pin(async move { self.0 })
        }
    }
}

fn main() {
    use futures::executor::block_on;

    let mut counter = bare::Counter::new(1);
    assert_eq!(block_on(counter.count(2)), 3);
    assert_eq!(block_on(counter.boxed()), 3);
    assert!(!counter.is_zero());
}
