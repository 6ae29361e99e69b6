//! Tail expressions with temporaries that borrow parameters.
#![deny(warnings)]

use std::cell::RefCell;
use std::sync::Mutex;

use futures::executor::block_on;
use perprovis::profile;

#[profile]
fn locked(mutex: &Mutex<u8>) -> u8 {
    *mutex.lock().unwrap()
}

#[profile]
fn borrowed(values: &RefCell<Vec<u8>>) -> usize {
    values.borrow().len()
}

#[profile]
async fn owned_mutex(mutex: Mutex<u8>) -> u8 {
    *mutex.lock().unwrap()
}

#[profile]
async fn owned_cell(values: RefCell<Vec<u8>>) -> usize {
    values.borrow().len()
}

#[profile]
fn owned_mutex_sync(mutex: Mutex<u8>) -> u8 {
    *mutex.lock().unwrap()
}

#[profile]
fn matched(values: RefCell<Vec<u8>>) -> usize {
    match values.borrow().as_slice() {
        [] => 0,
        all => all.len(),
    }
}

fn main() {
    assert_eq!(locked(&Mutex::new(1)) + owned_mutex_sync(Mutex::new(2)), 3);
    assert_eq!(borrowed(&RefCell::new(vec![1])) + matched(RefCell::new(vec![1, 2])), 3);
    assert_eq!(block_on(owned_mutex(Mutex::new(1))), 1);
    assert_eq!(block_on(owned_cell(RefCell::new(vec![1]))), 1);
}
