//! Frees metadata that a thread replaced while another may be reading it.
//!
//! 1. A reader counts itself in, then loads tags and takes a count of what they point to, then
//!    counts itself out.
//! 2. The writer stores the new tag, then looks whether there are readers. If not, no reader can
//!    have the former tag, which is freed; else it waits in a list until the next time.
//!
//! Both steps of both sides are ordered by sequentially consistent fences (Dekker's pattern), which
//! only calls that replace metadata pay for.

#![expect(unsafe_code, reason = "a list that only the owner thread touches")]

use std::cell::UnsafeCell;

use crate::entry::Tag;
use crate::slot;
use crate::sync::{AtomicU64, Ordering, fence};

/// The metadata that one thread replaced.
#[derive(Debug)]
pub(crate) struct Reclaimer {
    readers: AtomicU64,
    waiting: UnsafeCell<Vec<Tag>>, // touched by the owner thread only, and in `drop`
}

/// Somebody reads the thread's entries; nothing they point to is freed meanwhile.
#[derive(Debug)]
pub(crate) struct Reading<'a>(&'a Reclaimer);

impl Reclaimer {
    pub(crate) fn new() -> Reclaimer {
        Reclaimer { readers: AtomicU64::new(0), waiting: UnsafeCell::new(Vec::new()) }
    }

    /// Frees what `tag` owns, as soon as no reader can have it. Owner thread only.
    #[cold]
    #[inline(never)]
    pub(crate) fn retire(&self, tag: Tag) {
        fence(Ordering::SeqCst); // the new tag is stored before `readers` is looked at
        // Acquire: a reader's use of the former tag happened before it counted itself out.
        let unread = self.readers.load(Ordering::Acquire) == 0;
        // The memory allocator may be profiled: what it does here must not come back to the list, or
        // to the entry that is being written.
        slot::exclusive(|| {
            // SAFETY: only the owner thread is here, and nothing below calls back into it.
            let waiting = unsafe { &mut *self.waiting.get() };
            if unread {
                for tag in waiting.drain(..).chain([tag]) {
                    // SAFETY: taken out of its entry, so owned by us alone and used no more.
                    drop(unsafe { tag.into_metadata() });
                }
            } else {
                waiting.push(tag);
            }
        });
    }

    /// Keeps everything alive that the entries point to, until the guard is dropped.
    pub(crate) fn read(&self) -> Reading<'_> {
        self.readers.fetch_add(1, Ordering::SeqCst);
        fence(Ordering::SeqCst); // counted in before any tag is loaded
        Reading(self)
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.readers.fetch_sub(1, Ordering::Release); // pairs with the load in `retire`
    }
}

impl Drop for Reclaimer {
    fn drop(&mut self) {
        for tag in self.waiting.get_mut().drain(..) {
            // SAFETY: as in `retire`; `&mut self` says that there are no readers.
            drop(unsafe { tag.into_metadata() });
        }
    }
}
