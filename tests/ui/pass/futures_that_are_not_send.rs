//! The future of an annotated function need not be `Send`: it may hold an `Rc`, a `RefCell` borrow, a
//! raw pointer across an await point.
#![deny(warnings)]

use std::cell::RefCell;
use std::rc::Rc;

use perprovis::profile;

#[profile]
async fn shared(value: Rc<u32>) -> u32 {
    std::future::ready(()).await;
    *value
}

#[profile]
async fn local() -> u32 {
    let cell = Rc::new(RefCell::new(1));
    let clone = Rc::clone(&cell);
    std::future::ready(()).await;
    *clone.borrow_mut() += 1;
    let value = *cell.borrow();
    value
}

#[profile]
async fn pointer(pointer: *const u32) -> bool {
    std::future::ready(()).await;
    pointer.is_null()
}

#[profile(metadata(?rc))]
async fn in_metadata(rc: Rc<u32>) -> u32 {
    std::future::ready(()).await;
    *rc
}

fn main() {
    use futures::executor::block_on;

    assert_eq!(block_on(shared(Rc::new(1))), 1);
    assert_eq!(block_on(local()), 2);
    assert!(block_on(pointer(std::ptr::null())));
    assert_eq!(block_on(in_metadata(Rc::new(2))), 2);
}
