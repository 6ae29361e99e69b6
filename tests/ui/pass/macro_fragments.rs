//! Functions written by a macro from fragments of every kind.
#![deny(warnings)]
#![allow(redundant_semicolons)] // fires or not, as the compiler likes: the `;` may be in the fragment

use perprovis::profile;

macro_rules! function {
    (
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident<$lifetime:lifetime>($pattern:pat => $type:ty) -> $output:ty
        = $expression:expr; $literal:literal; $statement:stmt; $path:path
    ) => {
        $(#[$attribute])*
        #[profile(name = $literal)]
        $visibility fn $name<$lifetime>($pattern: &$lifetime $type) -> $output {
            $statement;
            let _: $path = 1;
            $expression
        }
    };
}

macro_rules! with_a_block {
    ($($name:ident $block:block)*) => {$(
        #[profile]
        fn $name() -> u8 $block
    )*};
}

macro_rules! later {
    ($name:ident($($parameter:pat => $type:ty),*) -> $output:ty $block:block) => {
        #[profile]
        async fn $name($($parameter: $type),*) -> $output $block
    };
}

macro_rules! whole {
    ($($item:item)*) => { $(#[profile] $item)* };
}

macro_rules! tokens {
    ($($name:ident { $($body:tt)* })*) => {$(
        #[profile(metadata(one = 1))]
        fn $name() -> u8 { $($body)* }
    )*};
}

macro_rules! of_an_abi {
    ($abi:literal $name:ident $unsafe:ident $container:ident) => {
        #[profile]
        extern $abi fn $name() -> u8 { 7 }
        #[profile]
        pub unsafe extern $abi fn $unsafe() -> u8 { 8 }
        #[profile]
        mod $container {
            pub extern $abi fn inside() -> u8 { 9 }
        }
    };
}

function! {
    /// Documented.
    pub(crate) fn matched<'a>((left, _) => (u8, u8)) -> &'a u8
    = left; "a literal"; let _one = 1; u8
}
with_a_block! { block_one { let one = 1; one } block_two { return 2; } }
later! { block_later(mut left => u8, (right, _) => (u8, u8)) -> u8 { left += right; left } }
whole! {
    fn item_one() -> u8 { 1 }
    pub async fn item_two(number: u8) -> u8 { number }
}
of_an_abi! { "C" c unsafe_c of_c }
tokens! { tokens_one { 1 } tokens_two { let two = 2; two } }

fn main() {
    // SAFETY: does nothing.
    assert_eq!((c(), unsafe { unsafe_c() }, of_c::inside()), (7, 8, 9));
    use futures::executor::block_on;

    assert_eq!(*matched(&(1, 2)), 1);
    assert_eq!(block_one() + block_two(), 3);
    assert_eq!(block_on(block_later(1, (2, 3))), 3);
    assert_eq!(item_one() + block_on(item_two(2)), 3);
    assert_eq!(tokens_one() + tokens_two(), 3);
    assert_eq!(perprovis::global().report().functions().len(), 11);
}
