//! Visibilities are kept.
#![deny(warnings, unreachable_pub)]

mod outer {
    pub(crate) mod inner {
        #[perprovis::profile]
        pub(super) fn to_the_parent() -> u8 {
            private()
        }

        #[perprovis::profile]
        pub(in crate::outer) fn to_a_path() -> u8 {
            private()
        }

        #[perprovis::profile]
        pub(crate) fn to_the_crate() -> u8 {
            super::inner::to_a_path()
        }

        #[perprovis::profile]
        pub(self) fn private() -> u8 {
            1
        }
    }

    #[perprovis::profile]
    pub(crate) async fn sum() -> u8 {
        inner::to_the_parent() + inner::to_a_path()
    }
}

fn main() {
    assert_eq!(futures::executor::block_on(outer::sum()) + outer::inner::to_the_crate(), 3);
}
