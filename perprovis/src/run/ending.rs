//! Something that is done once at the end, by whoever comes first.

use std::ptr;
use std::sync::{Condvar, Mutex, PoisonError};

/// Done once. Who comes while it is being done waits.
#[derive(Debug, Default)]
pub(super) struct Ending {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum State {
    #[default]
    ToDo,
    /// By the thread with this mark.
    UnderWay(usize),
    Done,
}

impl Ending {
    /// Does it, unless that was done. A thread that is at it, and comes again by a panic or an exit
    /// from inside, is let go.
    pub(super) fn reach(&self, work: impl FnOnce()) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match *state {
                State::ToDo => break,
                State::UnderWay(thread) if thread == mark() => return,
                State::UnderWay(_) => {
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                State::Done => return,
            }
        }
        *state = State::UnderWay(mark());
        drop(state);
        let _finish = Finish(self); // also if it panics
        work();
    }

    /// Whether it is still to be done.
    pub(super) fn is_ahead(&self) -> bool {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) == State::ToDo
    }
}

struct Finish<'a>(&'a Ending);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        *self.0.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Done;
        self.0.changed.notify_all();
    }
}

/// What tells threads apart. Not `thread::current`, which panics at the process's exit.
fn mark() -> usize {
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| ptr::from_ref(here).addr())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    #[test]
    fn it_is_done_once_and_all_wait_for_it() {
        let (ending, done) = (Ending::default(), AtomicU32::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    ending.reach(|| {
                        thread::yield_now();
                        done.fetch_add(1, Ordering::SeqCst);
                    });
                    assert_eq!(done.load(Ordering::SeqCst), 1);
                });
            }
        });
        assert!(!ending.is_ahead());
    }

    #[test]
    fn who_comes_again_from_inside_is_let_go() {
        let ending = Ending::default();
        ending.reach(|| ending.reach(|| unreachable!("twice")));
    }

    #[test]
    fn a_panic_ends_it_too() {
        let ending = Ending::default();
        let work = || ending.reach(|| std::panic::resume_unwind(Box::new(())));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_err());
        ending.reach(|| unreachable!("twice"));
    }
}
