fn main() {
    let sum = #[perprovis::profile]
    (1 + 2);
    assert_eq!(sum, 3);
}
