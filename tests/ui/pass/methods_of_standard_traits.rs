//! Methods of the traits that the language itself calls.
#![deny(warnings)]

use std::future::Future;
use std::ops::{Add, Deref, Index};
use std::pin::Pin;
use std::task::{Context, Poll};

use perprovis::profile;

struct Countdown(u32);

impl Iterator for Countdown {
    type Item = u32;

    #[profile]
    fn next(&mut self) -> Option<Self::Item> {
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}

impl Future for Countdown {
    type Output = &'static str;

    #[profile]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        context.waker().wake_by_ref();
        if self.next().is_some() { Poll::Pending } else { Poll::Ready("done") }
    }
}

impl Add for Countdown {
    type Output = Self;

    #[profile]
    fn add(self, Self(other): Self) -> Self {
        Self(self.0 + other)
    }
}

impl Deref for Countdown {
    type Target = u32;

    #[profile]
    fn deref(&self) -> &u32 {
        &self.0
    }
}

impl Index<&str> for Countdown {
    type Output = u32;

    #[profile]
    fn index(&self, _: &str) -> &u32 {
        self
    }
}

impl std::fmt::Display for Countdown {
    #[profile]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

struct Bomb;

impl Drop for Bomb {
    #[profile]
    fn drop(&mut self) {}
}

fn main() {
    assert_eq!((Countdown(1) + Countdown(2)).collect::<Vec<_>>(), [2, 1, 0]);
    assert_eq!(futures::executor::block_on(Countdown(2)), "done");
    assert_eq!(format!("{}{}", Countdown(3), Countdown(4)["x"]), "34");
    drop(Bomb);
    let calls = |name| perprovis::global().function_stats(name).unwrap().call_count;
    assert_eq!((calls("next"), calls("poll"), calls("drop")), (7, 3, 1));
    assert_eq!((calls("add"), calls("deref"), calls("index"), calls("fmt")), (1, 1, 1, 1));
}
