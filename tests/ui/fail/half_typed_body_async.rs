#[perprovis::profile]
async fn profiled(text: &str) -> usize {
    let length = text.
}

fn main() {
    drop(profiled("x"));
}
