#[perprovis::profile(metadata(id), metadata(more = id + 1))]
fn work(id: u8) -> u8 {
    id
}

fn main() {
    work(1);
}
