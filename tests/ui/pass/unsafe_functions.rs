//! `unsafe fn`, whose body is no unsafe block.
#![deny(warnings, unsafe_op_in_unsafe_fn, unused_unsafe)]

use perprovis::profile;

#[profile]
pub(crate) unsafe fn read(pointer: *const u8) -> u8 {
    unsafe { *pointer }
}

unsafe trait Zeroed {
    unsafe fn zeroed() -> Self;
}

unsafe impl Zeroed for u32 {
    #[profile]
    unsafe fn zeroed() -> Self {
        unsafe { std::mem::zeroed() }
    }
}

fn main() {
    assert_eq!(unsafe { read(&7) }, 7);
    assert_eq!(unsafe { u32::zeroed() }, 0);
    assert_eq!(perprovis::global().function_stats("read").unwrap().call_count, 1);
}
