#[perprovis::profile]
const fn twice(number: u32) -> u32 {
    number * 2
}

fn main() {
    assert_eq!(twice(1), 2);
}
