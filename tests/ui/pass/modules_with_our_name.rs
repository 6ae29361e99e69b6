//! A module of the user's that is called like the crate.
#![deny(warnings)]

mod perprovis {
    #[::perprovis::profile(metadata(number))]
    pub fn inside(number: u8) -> u8 {
        number
    }

    pub mod __private {}
}

#[::perprovis::profile(profiler = ::perprovis::global())]
fn outside() -> u8 {
    perprovis::inside(1)
}

#[::perprovis::profile]
async fn later() -> u8 {
    outside()
}

fn main() {
    assert_eq!(futures::executor::block_on(later()), 1);
    let report = ::perprovis::global().report();
    assert_eq!(report.function("perprovis::inside").unwrap().call_count, 1);
}
