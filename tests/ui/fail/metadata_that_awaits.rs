#[perprovis::profile(metadata(id = std::future::ready(1).await))]
async fn load() -> u64 {
    1
}

fn main() {
    drop(load());
}
