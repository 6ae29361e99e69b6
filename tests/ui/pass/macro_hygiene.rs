//! Variables of a macro and of its caller with one name stay two, and `self` may come from outside.
#![deny(warnings)]

use perprovis::profile;

macro_rules! functions {
    ($name:ident $later:ident($parameter:ident) $body:expr) => {
        #[profile(metadata($parameter))]
        fn $name($parameter: u32, hidden: u32) -> u32 {
            let sum = hidden;
            sum + $body
        }

        #[profile(metadata($parameter))]
        async fn $later($parameter: u32, hidden: u32) -> u32 {
            let sum = hidden;
            sum + $body
        }
    };
}

functions!(both both_later(sum) sum * 10);
functions!(third third_later(hidden) hidden * 10);

macro_rules! methods {
    ($self:ident, $name:ident $later:ident = $body:expr) => {
        #[profile]
        fn $name(&$self) -> u32 {
            $body
        }

        #[profile]
        async fn $later(&$self) -> u32 {
            $body
        }
    };
}

struct Number(u32);

impl Number {
    methods!(self, get get_later = self.0);
}

fn main() {
    use futures::executor::block_on;

    assert_eq!((both(1, 2), block_on(both_later(1, 2))), (12, 12));
    assert_eq!((third(1, 2), block_on(third_later(1, 2))), (12, 12));
    assert_eq!((Number(7).get(), block_on(Number(7).get_later())), (7, 7));
}
