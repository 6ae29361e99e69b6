//! Atomics, locks and the cell built on them: the standard ones, or the model checker's under
//! `cfg(loom)`.

#![expect(
    unsafe_code,
    reason = "an owned pointer that is set once, without a lock and model-checked"
)]

use std::marker::PhantomData;
use std::ptr;
use std::sync::PoisonError;

#[cfg(loom)]
pub(crate) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering, fence},
};
#[cfg(not(loom))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering, fence},
};

/// The value of an atomic that only the calling thread writes.
///
/// For the model checker it is no access at all: of each atomic loom remembers the latest access
/// only, so a writer that loads before it stores would hide the readers before from it. It also
/// checks that there is one writer.
#[inline(always)]
pub(crate) fn own(counter: &AtomicU64) -> u64 {
    #[cfg(loom)]
    // SAFETY: nobody else writes it, which loom checks.
    return unsafe { counter.unsync_load() };
    #[cfg(not(loom))]
    counter.load(Ordering::Relaxed)
}

/// As [`own`], of a pointer.
#[inline(always)]
pub(crate) fn own_pointer<T>(pointer: &AtomicPtr<T>) -> *mut T {
    #[cfg(loom)]
    // SAFETY: as in `own`.
    return unsafe { pointer.unsync_load() };
    #[cfg(not(loom))]
    pointer.load(Ordering::Relaxed)
}

/// Adds to a counter that only the calling thread writes: a load and a store, no locked operation.
#[inline(always)]
pub(crate) fn bump(counter: &AtomicU64, amount: u64) {
    // Relaxed: readers take the value under a sequence counter, or as a number of its own.
    counter.store(own(counter).wrapping_add(amount), Ordering::Relaxed);
}

/// Locks, also behind a panic: nothing in this crate is left half done by one.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A box that is filled once, by whoever comes first, and can be read meanwhile by any thread.
pub(crate) struct OnceBox<T> {
    // Null, or from `Box::into_raw` and then unchanged until the drop.
    pointer: AtomicPtr<T>,
    owns: PhantomData<Box<T>>,
}

impl<T> OnceBox<T> {
    pub(crate) fn new() -> OnceBox<T> {
        OnceBox { pointer: AtomicPtr::new(ptr::null_mut()), owns: PhantomData }
    }

    /// The value, if there is one by now.
    #[inline(always)]
    pub(crate) fn get(&self) -> Option<&T> {
        // Acquire: pairs with the exchange in `get_or_init`, so the value is seen whole.
        let pointer = self.pointer.load(Ordering::Acquire);
        // SAFETY: the pointer is null or points to the box's value, which lives as long as `self`.
        unsafe { pointer.as_ref() }
    }

    /// The value, made now if there is none.
    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let fresh = Box::into_raw(Box::new(make()));
        let raced = self.pointer.compare_exchange(
            ptr::null_mut(),
            fresh,
            Ordering::AcqRel, // Release: publishes the value; see `get`
            Ordering::Acquire,
        );
        let winner = match raced {
            Ok(_) => fresh,
            Err(winner) => {
                // SAFETY: the exchange failed, so `fresh` is still ours alone.
                drop(unsafe { Box::from_raw(fresh) });
                winner
            }
        };
        // SAFETY: not null, and alive as long as `self`, as in `get`.
        unsafe { &*winner }
    }

    /// What is in it; empty from now on.
    pub(crate) fn take(&mut self) -> Option<Box<T>> {
        let pointer = self.pointer.load(Ordering::Acquire);
        self.pointer.store(ptr::null_mut(), Ordering::Relaxed);
        // SAFETY: not null here, made by `Box::into_raw`, and `&mut self` says that nobody reads it.
        (!pointer.is_null()).then(|| unsafe { Box::from_raw(pointer) })
    }
}

impl<T> Drop for OnceBox<T> {
    fn drop(&mut self) {
        drop(self.take());
    }
}
