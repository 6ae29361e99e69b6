#![deny(unused_variables, unused_assignments)]

use std::future::Future;
use std::pin::Pin;

#[perprovis::profile]
async fn only_assigned(mut number: u8) {
    number = 2;
}

#[perprovis::profile]
async fn assigned_before_it_is_read((mut left, right): (u8, u8)) -> u8 {
    left = 2;
    left + right
}

#[perprovis::profile]
fn assigned_in_a_closure(mut number: u8) -> Pin<Box<dyn Future<Output = u8>>> {
    number = 2;
    if number == 2 {
        return Box::pin(async { 1 });
    }
    Box::pin(async { 2 })
}

fn main() {
    drop((only_assigned(1), assigned_before_it_is_read((1, 2)), assigned_in_a_closure(1)));
}
