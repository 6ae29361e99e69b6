#[perprovis::main("profile.html")]
fn main() {}
