//! Uses and mistakes of the macros, as the compiler sees them. The messages are those of Rust 1.95;
//! after a change accept them with `TRYBUILD=overwrite cargo test --test ui`, and read them.

#[test]
fn uses_compile_and_mistakes_say_what_is_wrong() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/fail/*.rs");
}
