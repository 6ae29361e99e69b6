//! On a `mod`: every function inside, at any depth, but for those inside of functions.
#![deny(warnings)]
#![allow(unused_braces)]

use perprovis::profile;

#[profile]
mod shop {
    //! Inner documentation.
    #![allow(dead_code)]

    use std::fmt::{self, Display};

    pub(crate) const LIMIT: [u8; { 1 + 1 }] = { [3; 2] };
    pub(crate) static NAMES: &[&str] = &["a", "b"];

    pub(crate) struct Price<const N: usize = { 1 }>(pub(crate) u32);

    pub(crate) enum Kind {
        Small { limit: u8 },
    }

    pub(crate) fn open() -> Kind {
        fn inside_of_a_function() -> u8 {
            LIMIT[0]
        }
        Kind::Small { limit: inside_of_a_function() }
    }

    impl<const N: usize> Display for Price<N> {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(formatter, "{}", self.0)
        }
    }

    pub(crate) mod till {
        use super::Price;

        pub(crate) trait Add<T> {
            fn add(&mut self, what: T) -> &mut Self;

            fn add_twice(&mut self, what: T) -> &mut Self
            where
                T: Copy,
            {
                self.add(what).add(what)
            }
        }

        impl Add<u32> for Price<{ 2 }> {
            fn add(&mut self, what: u32) -> &mut Self {
                self.0 += what;
                self
            }
        }

        #[perprovis::profile(skip)]
        pub(crate) mod quiet {
            pub(crate) fn never_measured() {}
        }
    }

    unsafe extern "C" {
        pub(crate) safe fn abs(number: i32) -> i32;
    }

    macro_rules! function {
        ($name:ident) => {
            pub(crate) fn $name() {}
        };
    }
    function! { made_by_a_macro }
    pub(crate) const fn constant() -> u8 {
        1
    }
}

fn main() {
    use shop::till::Add as _;

    let shop::Kind::Small { limit } = shop::open();
    assert_eq!(u32::from(limit + shop::constant()), 4);
    let mut price = shop::Price::<2>(shop::abs(-1).unsigned_abs());
    assert_eq!(price.add_twice(2).to_string(), "5");
    shop::till::quiet::never_measured();
    shop::made_by_a_macro();
    let report = perprovis::global().report();
    let mut names: Vec<(&str, u64)> = report
        .functions()
        .iter()
        .map(|stats| (report.short_name(&stats.name), stats.call_count))
        .collect();
    names.sort_unstable();
    assert_eq!(names, [("add", 2), ("add_twice", 1), ("fmt", 1), ("open", 1)]);
}
