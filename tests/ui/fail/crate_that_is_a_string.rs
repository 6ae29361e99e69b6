#[perprovis::profile(crate = "perprovis")]
fn work() {}

fn main() {
    work();
}
