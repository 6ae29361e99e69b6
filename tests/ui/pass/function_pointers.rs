//! An annotated function stays a function item: it goes into tables of function pointers, over any
//! lifetime, and to other threads.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn itself(value: &u8) -> &u8 {
    value
}

#[profile]
fn same<'a>(value: &'a u8) -> &'a u8 {
    value
}

#[profile]
unsafe fn dangerous(value: &u8) -> &u8 {
    value
}

#[profile]
extern "C" fn callback(value: i32) -> i32 {
    value + 1
}

#[profile]
fn work() -> u8 {
    7
}

static TABLE: [for<'a> fn(&'a u8) -> &'a u8; 2] = [itself, same];

fn main() {
    let mut pointers: Vec<for<'a> fn(&'a u8) -> &'a u8> = TABLE.to_vec();
    pointers.push(itself);
    assert!(pointers.iter().all(|function| *function(&7) == 7));
    let pointer: unsafe fn(&u8) -> &u8 = dangerous;
    assert_eq!(*unsafe { pointer(&7) }, 7);
    let pointer: extern "C" fn(i32) -> i32 = callback;
    assert_eq!(pointer(1), 2);
    assert_eq!(std::thread::spawn(work).join().unwrap(), 7);
    let as_trait: &(dyn Fn() -> u8 + Send + Sync) = &work;
    assert_eq!(as_trait(), 7);
    assert_eq!(perprovis::global().function_stats("work").unwrap().call_count, 2);
}
