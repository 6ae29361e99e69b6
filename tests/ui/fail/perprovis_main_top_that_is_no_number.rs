#[perprovis::main(top = "20")]
fn main() {}
