#[perprovis::profile]
fn profiled(text: &str) -> usize {
    text.
}

fn main() {
    profiled("x");
}
