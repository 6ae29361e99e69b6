fn plain(text: &str) -> usize {
    text
}

#[perprovis::profile]
fn profiled(text: &str) -> usize {
    text
}

fn plain_nothing() -> usize {}

#[perprovis::profile]
fn profiled_nothing() -> usize {}

fn plain_early(text: &str) -> usize {
    if text.is_empty() {
        return text;
    }
    text.len();
}

#[perprovis::profile]
fn profiled_early(text: &str) -> usize {
    if text.is_empty() {
        return text;
    }
    text.len();
}

fn main() {
    assert_eq!(plain("x"), profiled("x"));
    assert_eq!(plain_nothing(), profiled_nothing());
    assert_eq!(plain_early("x"), profiled_early("x"));
}
