//! Annotated functions that run in initializers of statics, in destructors of thread locals, while a
//! panic unwinds, and inside of a metadata expression.
#![deny(warnings)]

use std::cell::RefCell;
use std::sync::LazyLock;

use perprovis::profile;

static LAZY: LazyLock<u8> = LazyLock::new(number);

struct Last;

impl Drop for Last {
    #[profile]
    fn drop(&mut self) {
        number();
    }
}

thread_local! {
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

#[profile]
fn number() -> u8 {
    7
}

#[profile(metadata(inner = number()))]
fn outer() -> u8 {
    number()
}

fn main() {
    assert_eq!(*LAZY + outer(), 14);
    std::thread::spawn(|| LAST.set(Some(Last))).join().unwrap();
    assert!(
        std::panic::catch_unwind(|| {
            let _last = Last;
            panic!("unwinds through the destructor");
        })
        .is_err()
    );
    let calls = |name| perprovis::global().function_stats(name).unwrap().call_count;
    assert!((4..=5).contains(&calls("number")), "the destroyed thread local may be too late");
    assert_eq!(calls("outer"), 1);
}
