async fn number() -> u32 {
    1
}

async fn plain() -> u32 {
    number() + 1
}

#[perprovis::profile]
async fn profiled() -> u32 {
    number() + 1
}

async fn plain_tail() -> u32 {
    number()
}

#[perprovis::profile]
async fn profiled_tail() -> u32 {
    number()
}

fn plain_sync() -> u32 {
    number().await
}

#[perprovis::profile]
fn profiled_sync() -> u32 {
    number().await
}

fn main() {
    drop((plain(), profiled(), plain_tail(), profiled_tail()));
    assert_eq!(plain_sync(), profiled_sync());
}
