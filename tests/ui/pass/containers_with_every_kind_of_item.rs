//! Items of every kind in a container: those that are no functions stay as they are.
#![deny(warnings)]
#![allow(dead_code, unused_braces)]

#[perprovis::profile]
mod types {
    pub(crate) type Alias<const N: usize> = [u8; { N }];
    pub(crate) struct Guarded<T>(T)
    where
        T: Fn(u8) -> u8;
    pub(crate) union Bits {
        pub(crate) number: u32,
        pub(crate) bytes: [u8; 4],
    }
    pub(crate) const LESS: bool = 1 < 2;
    pub(crate) fn array<const N: usize>() -> super::Sized<{ N }>
    where
        [u8; N]: Default,
    {
        super::Sized([1; N])
    }
    extern crate std as standard;
    pub(crate) use standard::{mem::size_of, string::String as Text};
}

struct Sized<const N: usize>([u8; N]);

fn main() {
    assert_eq!(types::array::<3>().0, [1; 3]);
    assert_eq!(types::size_of::<types::Alias<4>>(), 4);
    assert!(types::LESS && types::Text::new().is_empty());
    assert_eq!(perprovis::global().report().summary().total_calls, 1);
}
