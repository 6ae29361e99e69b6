static NUMBER: u32 = 1;

#[perprovis::profile(profiler = NUMBER, metadata(number))]
async fn work(number: u32) -> u32 {
    number
}

fn main() {
    drop(work(1));
}
