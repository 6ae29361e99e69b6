#[perprovis::profile(name = "work", profiler = perprovis::global(), name = "again")]
fn work() {}

fn main() {
    work();
}
