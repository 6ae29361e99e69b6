#[perprovis::profile(crate = ::no_such_crate)]
fn work() {}

fn main() {
    work();
}
