static NUMBER: u32 = 1;

#[perprovis::profile(profiler = NUMBER)]
fn work() {}

fn main() {
    work();
}
