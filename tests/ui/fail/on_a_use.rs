#[perprovis::profile]
use std::mem::take;

fn main() {
    assert_eq!(take(&mut 1), 0);
}
