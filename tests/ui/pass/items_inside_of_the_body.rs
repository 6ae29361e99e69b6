//! Bodies that begin, go on and end with items.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn with_items() -> u32 {
    use std::collections::BTreeMap;
    const ONE: u32 = 1;
    static TWO: u32 = 2;
    type Map = BTreeMap<u32, u32>;
    #[derive(Default)]
    struct Three(Map);
    impl Three {
        fn get(&self) -> u32 {
            self.0.len() as u32 + 3
        }
    }
    macro_rules! four {
        () => {
            4
        };
    }
    let sum = ONE + TWO + Three::default().get() + four!();
    return sum + five();
    fn five() -> u32 {
        5
    }
}

#[profile]
async fn with_items_later() -> u32 {
    const ONE: u32 = 1;
    enum Two {
        Two = 2,
    }
    let sum = ONE + Two::Two as u32;
    sum + const { 3 + ONE }
}

#[profile]
fn only_an_item() {
    #[allow(dead_code)]
    fn unused() {}
}

#[profile]
async fn only_an_item_later() {
    #[allow(dead_code)]
    fn unused() {}
}

#[profile]
fn empty() {}

#[profile]
async fn empty_later() {}

fn main() {
    use futures::executor::block_on;

    assert_eq!(with_items(), 15);
    assert_eq!(block_on(with_items_later()), 7);
    only_an_item();
    block_on(only_an_item_later());
    empty();
    block_on(empty_later());
    assert_eq!(perprovis::global().report().functions().len(), 6);
}
