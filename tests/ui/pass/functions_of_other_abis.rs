//! `extern` functions, called through pointers as C would.
#![deny(warnings, improper_ctypes_definitions)]

use perprovis::profile;

#[profile]
extern "C" fn plain(number: i32) -> i32 {
    number + 1
}

#[profile]
pub extern "C-unwind" fn unwinding(number: i32) -> i32 {
    assert!(number > 0, "unwinds into Rust");
    number
}

#[profile]
unsafe extern "system" fn through(function: extern "C" fn(i32) -> i32, number: i32) -> i32 {
    function(number)
}

#[profile]
extern "C" fn of_the_default_abi() -> i32 {
    4
}

fn main() {
    assert_eq!(unsafe { through(plain, 1) }, 2);
    let pointer: extern "C-unwind" fn(i32) -> i32 = unwinding;
    assert!(std::panic::catch_unwind(|| pointer(0)).is_err());
    let stats = perprovis::global().function_stats("unwinding").unwrap();
    assert_eq!((stats.call_count, stats.panicked), (1, 1));
    assert_eq!(of_the_default_abi(), 4);
}
