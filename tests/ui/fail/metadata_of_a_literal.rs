#[perprovis::profile(metadata(1))]
fn load(id: u64) -> u64 {
    id
}

fn main() {
    load(1);
}
