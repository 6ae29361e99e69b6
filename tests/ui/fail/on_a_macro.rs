#[perprovis::profile]
macro_rules! one {
    () => {
        1
    };
}

fn main() {
    assert_eq!(one!(), 1);
}
