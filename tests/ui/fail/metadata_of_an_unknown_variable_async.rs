#[perprovis::profile(metadata(id, user = user_id))]
async fn load(id: u64) -> u64 {
    id
}

fn main() {
    drop(load(1));
}
