#[perprovis::profile]
unsafe extern "C" {
    safe fn abs(number: i32) -> i32;
}

fn main() {
    assert_eq!(abs(-1), 1);
}
