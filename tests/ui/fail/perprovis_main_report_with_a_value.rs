#[perprovis::main(report = 20)]
fn main() {}
