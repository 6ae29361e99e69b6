#[perprovis::profile]
static NUMBER: u32 = 1;

fn main() {
    assert_eq!(NUMBER, 1);
}
