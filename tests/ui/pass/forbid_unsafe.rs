//! Nothing of the expansion is unsafe, undocumented or unused in the user's crate.
#![deny(warnings, missing_docs, unused_qualifications, unused_must_use, let_underscore_drop)]
#![forbid(unsafe_code)]

/// Documented.
#[perprovis::profile(name = "documented", metadata(?left, right = 2.5))]
pub fn documented(left: (u8, &str), _unused: bool) -> bool {
    left.0 > 0
}

/// Documented.
#[perprovis::profile]
pub async fn asynchronous(_unused: bool) {}

fn main() {
    assert!(documented((1, "x"), true));
    drop(asynchronous(true));
    let _scope = perprovis::profile_block!("rest");
}
