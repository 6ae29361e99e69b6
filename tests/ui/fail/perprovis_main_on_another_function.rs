#[perprovis::main]
fn work() {}

fn main() {
    work();
}
