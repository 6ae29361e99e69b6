//! Functions whose parts come from a macro of the user's.
#![deny(warnings)]

macro_rules! make {
    ($name:ident, $type:ty, $body:expr, $block:block) => {
        #[perprovis::profile]
        fn $name(input: $type) -> $type {
            let _ = input;
            $body
        }

        #[allow(dead_code)]
        mod inner {
            #[perprovis::profile(name = "in a block")]
            pub fn whole() -> u8 $block
        }
    };
}

make!(made, u32, 7, { 8 });

fn main() {
    assert_eq!(made(1), 7);
    assert_eq!(inner::whole(), 8);
}
