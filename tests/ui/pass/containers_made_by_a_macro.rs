//! Containers whose parts come from fragments of a macro.
#![deny(warnings)]

use perprovis::profile;

macro_rules! container {
    ($type:ty, $trait:path { $($item:item)* } $visibility:vis fn $name:ident $body:block) => {
        #[profile]
        impl $trait for $type {
            $($item)*
        }

        #[profile]
        impl $type {
            $visibility fn $name(&self) -> u8 $body

            const fn constant() -> u8 {
                1
            }
        }
    };
}

struct Wrapper<T>(T);

container! {
    Wrapper<Vec<u8>>, std::fmt::Debug {
        fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.debug_list().entries(&self.0).finish()
        }
    }
    pub(crate) fn two {
        2 * Self::constant()
    }
}

fn main() {
    let wrapper = Wrapper(vec![1_u8]);
    assert_eq!(format!("{wrapper:?}"), "[1]");
    assert_eq!(wrapper.two(), 2);
    assert_eq!(perprovis::global().report().functions().len(), 2);
}
