//! `#[cfg]` on the function, on either side, and inside of its body.
#![deny(warnings)]

use perprovis::profile;

#[cfg(any())]
#[profile(nonsense)]
fn chosen() -> NoSuchType {}

#[profile]
#[cfg(any())]
fn chosen() -> NoSuchType {}

#[profile]
#[cfg(all())]
fn chosen() -> u8 {
    #[cfg(any())]
    return 0;
    #[cfg(all())]
    return 1;
}

#[cfg(all())]
#[profile]
async fn chosen_later() -> u8 {
    #[cfg(any())]
    let number = no_such_function();
    #[cfg(not(any()))]
    let number = 2;
    if cfg!(any()) { 0 } else { number }
}

fn main() {
    assert_eq!(chosen() + futures::executor::block_on(chosen_later()), 3);
    assert_eq!(perprovis::global().report().functions().len(), 2);
}
