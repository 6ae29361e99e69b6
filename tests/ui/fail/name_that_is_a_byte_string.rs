#[perprovis::profile(name = b"work")]
fn work() {}

fn main() {
    work();
}
