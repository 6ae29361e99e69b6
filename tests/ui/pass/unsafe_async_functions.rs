//! `async unsafe fn`, whose body is no unsafe block.
#![deny(warnings, unsafe_op_in_unsafe_fn, unused_unsafe)]

use perprovis::profile;

#[profile]
async unsafe fn read(pointer: *const u8) -> u8 {
    unsafe { *pointer }
}

#[profile]
pub(crate) async unsafe fn read_twice(pointer: *const u8) -> u8 {
    unsafe { read(pointer).await + read(pointer).await }
}

fn main() {
    assert_eq!(futures::executor::block_on(unsafe { read_twice(&7) }), 14);
    assert_eq!(perprovis::global().function_stats("read").unwrap().call_count, 2);
}
