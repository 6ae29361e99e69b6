//! The crate under another name, by `extern crate`.
#![deny(warnings)]

extern crate perprovis as prof;

#[prof::profile(crate = ::prof)]
fn absolute() -> u8 {
    1
}

mod inner {
    #[prof::profile(crate = crate::prof)]
    pub fn through_the_root() -> u8 {
        2
    }
}

fn main() {
    assert_eq!(absolute() + inner::through_the_root(), 3);
    assert_eq!(prof::global().report().functions().len(), 2);
}
