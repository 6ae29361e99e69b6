#![deny(unsafe_op_in_unsafe_fn)]

#[perprovis::profile]
unsafe fn read(pointer: *const u8) -> u8 {
    *pointer
}

#[perprovis::profile]
fn safe(pointer: *const u8) -> u8 {
    read(pointer)
}

#[perprovis::profile]
async fn safe_later(pointer: *const u8) -> u8 {
    read(pointer)
}

fn main() {
    safe(&1);
    drop(safe_later(&1));
}
