async fn plain(text: &str) -> usize {
    text
}

#[perprovis::profile]
async fn profiled(text: &str) -> usize {
    text
}

async fn plain_nothing() -> usize {}

#[perprovis::profile]
async fn profiled_nothing() -> usize {}

async fn plain_early(text: &str) -> usize {
    if text.is_empty() {
        return text;
    }
    text.len();
}

#[perprovis::profile]
async fn profiled_early(text: &str) -> usize {
    if text.is_empty() {
        return text;
    }
    text.len();
}

fn main() {
    drop((plain("x"), profiled("x")));
    drop((plain_nothing(), profiled_nothing()));
    drop((plain_early("x"), profiled_early("x")));
}
