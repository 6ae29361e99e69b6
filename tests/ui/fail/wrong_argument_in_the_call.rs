#[perprovis::profile]
fn profiled(number: u32, text: &str) -> usize {
    number as usize + text.len()
}

#[perprovis::profile]
async fn profiled_later(number: u32, text: &str) -> usize {
    number as usize + text.len()
}

fn main() {
    profiled("1", 2);
    profiled(1);
    drop(profiled_later("1"));
}
