#[perprovis::profile(label = "x")]
fn work() {}

fn main() {
    work();
}
