//! A large result is made in place: the attribute does not move it.
#![deny(warnings)]

use perprovis::profile;

const SIZE: usize = 4 << 20;

#[profile]
fn zeros() -> [u8; SIZE] {
    [0; SIZE]
}

fn main() {
    // One copy fits below the limit, a second one would not. Without optimization that depends on
    // the compiler, so the bound leaves room for what it does without the attribute.
    let thread = std::thread::Builder::new().stack_size(3 * SIZE + (1 << 20));
    let sum = thread.spawn(|| zeros().iter().map(|&byte| u32::from(byte)).sum::<u32>()).unwrap();
    assert_eq!(sum.join().unwrap(), 0);
}
