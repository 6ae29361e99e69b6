#[perprovis::profile(profiler = , name = "work")]
fn work() {}

fn main() {
    work();
}
