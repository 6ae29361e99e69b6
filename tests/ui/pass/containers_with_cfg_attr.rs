//! An attribute inside of a container may stand in a `cfg_attr`, which only the compiler understands.
#![deny(warnings)]

use perprovis::profile;

struct Engine;

#[cfg_attr(all(), profile(prefix = "engine"))]
impl Engine {
    #[cfg_attr(all(), profile(skip))]
    fn skipped(&self) {}

    #[cfg_attr(any(), profile(skip))]
    fn not_skipped(&self) {}

    #[cfg_attr(all(), inline, profile(name = "own"))]
    fn named(&self) {}

    #[cfg_attr(any(), perprovis::profile(name = "own"), inline(never))]
    fn not_named(&self) {}

    #[cfg(any())]
    fn not_there(&self) -> Missing {}
}

#[cfg_attr(any(), profile)]
impl Engine {
    #[profile(skip)]
    fn in_a_container_without(&self) {}
}

fn main() {
    let engine = Engine;
    engine.skipped();
    engine.not_skipped();
    engine.named();
    engine.not_named();
    engine.in_a_container_without();
    let report = perprovis::global().report();
    let mut names: Vec<&str> = report.functions().iter().map(|stats| &*stats.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["engine::not_named", "engine::not_skipped", "own"]);
}
