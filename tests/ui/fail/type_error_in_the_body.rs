fn plain(text: &str) -> usize {
    let length: usize = text;
    length
}

#[perprovis::profile]
fn profiled(text: &str) -> usize {
    let length: usize = text;
    length
}

fn main() {
    assert_eq!(plain("x"), profiled("x"));
}
