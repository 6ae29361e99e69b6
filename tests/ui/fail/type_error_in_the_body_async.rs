async fn plain(text: &str) -> usize {
    let length: usize = text;
    length
}

#[perprovis::profile]
async fn profiled(text: &str) -> usize {
    let length: usize = text;
    length
}

fn main() {
    drop((plain("x"), profiled("x")));
}
