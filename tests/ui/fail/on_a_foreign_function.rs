unsafe extern "C" {
    #[perprovis::profile]
    fn abs(number: i32) -> i32;
}

fn main() {
    assert_eq!(unsafe { abs(-1) }, 1);
}
