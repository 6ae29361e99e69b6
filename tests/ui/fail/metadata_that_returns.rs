#[perprovis::profile(metadata(id = text.parse::<u64>()?))]
fn load(text: &str) -> Option<u64> {
    text.parse().ok()
}

fn main() {
    load("1");
}
