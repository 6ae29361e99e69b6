#[perprovis::profile]
#[perprovis::profile(name = "again")]
fn work() {}

fn main() {
    work();
}
