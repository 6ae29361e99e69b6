#[perprovis::main]
#[perprovis::main(report)]
fn main() {}
