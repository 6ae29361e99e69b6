//! Parameters that are bound with `mut`, and used as such.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn push(mut values: Vec<u8>) -> usize {
    values.push(1);
    values.len()
}

#[profile]
async fn push_later(mut values: Vec<u8>, mut times: u32) -> usize {
    while times > 0 {
        values.push(1);
        times -= 1;
    }
    values.len()
}

#[profile]
fn through_a_reference(values: &mut Vec<u8>) -> &mut u8 {
    values.push(2);
    values.last_mut().unwrap()
}

fn main() {
    assert_eq!(push(vec![0]), 2);
    assert_eq!(futures::executor::block_on(push_later(vec![0], 2)), 3);
    let mut values = vec![];
    *through_a_reference(&mut values) += 1;
    assert_eq!(values, [3]);
}
