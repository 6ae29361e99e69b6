//! The crate as a part of another one, with a macro of that one that writes the attribute.
#![deny(warnings)]

mod framework {
    #[doc(hidden)]
    pub mod __private {
        pub use perprovis as prof;
    }

    macro_rules! handler {
        ($(#[$attribute:meta])* $visibility:vis async fn $name:ident($($arguments:tt)*) $($rest:tt)*) => {
            #[$crate::framework::__private::prof::profile(crate = $crate::framework::__private::prof)]
            $(#[$attribute])*
            $visibility async fn $name($($arguments)*) $($rest)*
        };
    }
    pub(crate) use handler;
}

framework::handler! {
    /// Documented.
    pub(crate) async fn handle(mut number: u8) -> u8 {
        number += 1;
        number
    }
}

fn main() {
    assert_eq!(futures::executor::block_on(handle(1)), 2);
    assert_eq!(futures::executor::block_on(handle(2)), 3);
    assert_eq!(perprovis::global().function_stats("handle").unwrap().call_count, 2);
}
