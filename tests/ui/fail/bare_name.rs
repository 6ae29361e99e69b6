#[perprovis::profile("checkout")]
fn work() {}

fn main() {
    work();
}
