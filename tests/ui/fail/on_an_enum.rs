#[perprovis::profile]
pub enum Answer {
    Yes,
    No,
}

fn main() {
    assert!(!matches!(Answer::Yes, Answer::No));
}
