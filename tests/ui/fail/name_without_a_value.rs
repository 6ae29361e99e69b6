#[perprovis::profile(name)]
fn work() {}

fn main() {
    work();
}
