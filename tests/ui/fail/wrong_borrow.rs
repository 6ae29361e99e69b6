fn plain(texts: &mut Vec<String>) -> usize {
    let first = &texts[0];
    texts.push(String::new());
    first.len()
}

#[perprovis::profile]
fn profiled(texts: &mut Vec<String>) -> usize {
    let first = &texts[0];
    texts.push(String::new());
    first.len()
}

fn plain_moved(text: String) -> String {
    drop(text);
    text
}

#[perprovis::profile]
fn profiled_moved(text: String) -> String {
    drop(text);
    text
}

fn plain_local() -> &'static str {
    let text = String::new();
    &text
}

#[perprovis::profile]
fn profiled_local() -> &'static str {
    let text = String::new();
    &text
}

fn main() {
    let texts = &mut vec![String::new()];
    assert_eq!(plain(texts), profiled(texts));
    assert_eq!(plain_moved(String::new()), profiled_moved(String::new()));
    assert_eq!(plain_local(), profiled_local());
}
