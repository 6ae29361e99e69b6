#![deny(unused_must_use)]

#[must_use]
#[perprovis::profile]
fn above() -> u8 {
    1
}

#[perprovis::profile]
#[must_use = "for a reason"]
fn below() -> u8 {
    1
}

#[perprovis::profile]
fn fallible() -> Result<(), ()> {
    Ok(())
}

#[perprovis::profile]
async fn later() {}

#[perprovis::profile]
fn body() {
    fallible();
    later();
}

#[perprovis::profile]
async fn body_later() {
    fallible();
    later();
}

fn main() {
    above();
    below();
    fallible();
    later();
    body();
    body_later();
}
