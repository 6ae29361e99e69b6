#[perprovis::profile(metadata(id = user.))]
fn load(user: &str) -> usize {
    user.len()
}

fn main() {
    load("x");
}
