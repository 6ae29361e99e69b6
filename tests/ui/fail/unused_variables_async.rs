#![deny(unused_variables, unused_mut, unused_assignments)]

async fn plain(parameter: u8, mut mutable: u8, (left, right): (u8, u8)) -> u8 {
    let local = 1;
    let mut number = left;
    number = mutable;
    2
}

#[perprovis::profile]
async fn profiled(parameter: u8, mut mutable: u8, (left, right): (u8, u8)) -> u8 {
    let local = 1;
    let mut number = left;
    number = mutable;
    2
}

#[perprovis::profile(metadata(shown))]
async fn shown_in_metadata(shown: u8, hidden: u8) {}

fn main() {
    drop((plain(1, 2, (3, 4)), profiled(1, 2, (3, 4)), shown_in_metadata(1, 2)));
}
