fn main() {
    #[perprovis::profile]
    let sum = 1 + 2;
    assert_eq!(sum, 3);
}
