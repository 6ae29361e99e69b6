const NAME: &str = "work";

#[perprovis::profile(name = NAME)]
fn work() {}

fn main() {
    work();
}
