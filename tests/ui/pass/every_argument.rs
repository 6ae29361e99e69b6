//! All arguments of the attribute at once, in any order, with a trailing comma.
#![deny(warnings)]

static P: perprovis::Profiler = perprovis::Profiler::new();

#[perprovis::profile(
    metadata(id, ?items, %id, first = items[0], r#type = "x"),
    crate = perprovis,
    profiler = P,
    name = "handle",
)]
fn handle(id: u32, items: &[u8]) -> usize {
    items.len() + id as usize
}

fn main() {
    assert_eq!(handle(1, &[2]), 2);
}
