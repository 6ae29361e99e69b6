#[perprovis::main(export = "profile.html", every = "10")]
fn main() {}
