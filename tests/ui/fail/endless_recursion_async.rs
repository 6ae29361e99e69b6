async fn plain(number: u32) -> u32 {
    plain(number).await
}

#[perprovis::profile]
async fn profiled(number: u32) -> u32 {
    profiled(number).await
}

fn main() {
    drop((plain(1), profiled(1)));
}
