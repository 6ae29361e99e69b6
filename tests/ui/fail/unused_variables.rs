#![deny(unused_variables, unused_mut, unused_assignments)]

fn plain(parameter: u8, mut mutable: u8, (left, right): (u8, u8)) -> u8 {
    let local = 1;
    let mut number = left;
    number = mutable;
    2
}

#[perprovis::profile]
fn profiled(parameter: u8, mut mutable: u8, (left, right): (u8, u8)) -> u8 {
    let local = 1;
    let mut number = left;
    number = mutable;
    2
}

fn plain_assigned(mut parameter: u8) {
    parameter = 1;
}

#[perprovis::profile]
fn profiled_assigned(mut parameter: u8) {
    parameter = 1;
}

#[perprovis::profile(metadata(shown))]
fn shown_in_metadata(shown: u8, hidden: u8) {}

fn main() {
    plain(1, 2, (3, 4));
    profiled(1, 2, (3, 4));
    plain_assigned(1);
    profiled_assigned(1);
    shown_in_metadata(1, 2);
}
