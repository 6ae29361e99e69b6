#![deny(unused_must_use)]

fn main() {
    perprovis::profile_block!("load");
    perprovis::global().block("load");
}
