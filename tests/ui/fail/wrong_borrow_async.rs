async fn plain(texts: &mut Vec<String>) -> usize {
    let first = &texts[0];
    texts.push(String::new());
    first.len()
}

#[perprovis::profile]
async fn profiled(texts: &mut Vec<String>) -> usize {
    let first = &texts[0];
    texts.push(String::new());
    first.len()
}

async fn plain_moved(text: String) -> String {
    drop(text);
    text
}

#[perprovis::profile]
async fn profiled_moved(text: String) -> String {
    drop(text);
    text
}

async fn plain_local() -> &'static str {
    let text = String::new();
    &text
}

#[perprovis::profile]
async fn profiled_local() -> &'static str {
    let text = String::new();
    &text
}

fn main() {
    let texts = &mut vec![String::new()];
    drop(plain(texts));
    drop(profiled(texts));
    drop((plain_moved(String::new()), profiled_moved(String::new())));
    drop((plain_local(), profiled_local()));
}
