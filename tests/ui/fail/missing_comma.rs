#[perprovis::profile(name = "work" metadata(id))]
fn work(id: u8) -> u8 {
    id
}

fn main() {
    work(1);
}
