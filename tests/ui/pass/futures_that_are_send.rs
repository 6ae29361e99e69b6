//! The future of an annotated function is `Send`, `Sync`, `'static` and unwind safe if it was.
#![deny(warnings)]

use std::cell::Cell;
use std::panic::{RefUnwindSafe, UnwindSafe};

use perprovis::profile;

#[profile]
async fn nothing() {}

#[profile]
async fn owning(text: String) -> usize {
    std::future::ready(()).await;
    text.len()
}

#[profile(metadata(?texts))]
async fn borrowing(texts: &[String]) -> usize {
    std::future::ready(()).await;
    texts.len()
}

#[profile]
async fn mutating(text: &mut String) {
    std::future::ready(()).await;
    text.push('x');
}

#[profile]
async fn awaiting_others(text: String) -> usize {
    nothing().await;
    owning(text).await
}

/// A cell may be sent, but not shared.
#[profile]
async fn with_a_cell(cell: Cell<u8>) -> u8 {
    std::future::ready(()).await;
    cell.get()
}

#[profile]
async fn generic<T: Send>(value: T) -> T {
    std::future::ready(()).await;
    value
}

fn main() {
    fn send<T: Send>(value: T) -> T {
        value
    }
    fn sync<T: Sync>(value: T) -> T {
        value
    }
    fn outlives<T: 'static>(value: T) -> T {
        value
    }
    fn unwind_safe<T: UnwindSafe + RefUnwindSafe>(value: T) -> T {
        value
    }

    let owned = send(sync(outlives(owning("x".into()))));
    assert_eq!(std::thread::spawn(|| futures::executor::block_on(owned)).join().unwrap(), 1);
    let texts = [String::new()];
    drop(send(sync(borrowing(&texts))));
    drop(send(sync(mutating(&mut String::new()))));
    drop(send(sync(outlives(awaiting_others(String::new())))));
    drop(send(outlives(with_a_cell(Cell::new(1)))));
    drop(send(generic(Cell::new(1))));
    drop(unwind_safe(send(sync(outlives(nothing())))));
}
