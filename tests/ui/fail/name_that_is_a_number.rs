#[perprovis::profile(name = 1)]
fn work() {}

fn main() {
    work();
}
