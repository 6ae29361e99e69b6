fn main() {
    let add = #[perprovis::profile]
    |left: u8, right: u8| left + right;
    assert_eq!(add(1, 2), 3);
}
