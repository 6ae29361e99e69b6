//! No lint of rustc's that is off by default fires on the expansion.
#![deny(
    warnings,
    absolute_paths_not_starting_with_crate,
    ambiguous_negative_literals,
    closure_returning_async_block,
    deprecated_in_future,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    ffi_unwind_calls,
    if_let_rescope,
    impl_trait_redundant_captures,
    let_underscore_drop,
    macro_use_extern_crate,
    meta_variable_misuse,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    non_ascii_idents,
    redundant_imports,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unsafe_code,
    unstable_features,
    unused_extern_crates,
    unused_import_braces,
    unused_lifetimes,
    unused_macro_rules,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]

use perprovis::profile;

/// A type with a destructor, for the lints about these.
#[derive(Clone, Debug)]
pub struct Guard<'a>(&'a str);

impl Drop for Guard<'_> {
    #[profile]
    fn drop(&mut self) {}
}

impl<'a> Guard<'a> {
    #[profile(metadata(text))]
    fn new(text: &'a str) -> Self {
        Self(text)
    }

    #[profile(name = "length", metadata(text = self.0))]
    fn length(&self) -> usize {
        self.clone().0.len()
    }

    #[profile(profiler = perprovis::global())]
    async fn length_later(&self, _guard: Guard<'_>) -> usize {
        self.clone().0.len()
    }

    #[profile]
    async fn nothing_later(self) {}
}

fn main() {
    assert_eq!(Guard::new("x").length(), 1);
    let guard = Guard::new("xy");
    assert_eq!(futures::executor::block_on(guard.length_later(Guard::new("x"))), 2);
    futures::executor::block_on(guard.nothing_later());
}
