#![deny(deprecated)]

#[perprovis::profile]
#[deprecated = "call `new` instead"]
fn old() {}

#[perprovis::profile]
fn profiled() {
    old();
}

#[perprovis::profile]
async fn profiled_later() {
    old();
}

fn main() {
    profiled();
    drop(profiled_later());
}
