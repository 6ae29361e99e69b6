#[perprovis::profile(metadata(?id = 1 + 1))]
fn work() {}

fn main() {
    work();
}
