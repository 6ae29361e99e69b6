#[perprovis::main(export = )]
fn main() {}
