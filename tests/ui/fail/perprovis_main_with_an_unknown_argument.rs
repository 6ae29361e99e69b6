#[perprovis::main(output = "profile.html")]
fn main() {}
