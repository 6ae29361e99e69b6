//! One completed call as the log and the lists of slowest calls hold it: written by one thread,
//! read by any, valid only under the sequence counter of its container.

#![expect(unsafe_code, reason = "metadata is handed over as a counted raw pointer")]

use std::ptr;
use std::sync::Arc;

use crate::metadata::Metadata;
use crate::reclaim::Reclaimer;
use crate::sync::{AtomicPtr, AtomicU64, Ordering, own, own_pointer};
use crate::tree::Node;

/// The call unwound: the low bit of the metadata pointer, which is free on every platform. No bit more
/// is taken, as pointers are aligned to four bytes only where they are four bytes long.
const PANICKED: usize = 1;
const _: () = assert!(align_of::<Metadata>() > PANICKED, "the flag would be part of the address");

/// What a call leaves behind beside its numbers: its metadata, and whether it unwound.
///
/// Owns one count of the metadata's `Arc`; whoever takes it out of an entry hands it to the
/// [`Reclaimer`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag(*mut Metadata);

impl Tag {
    pub(crate) const NONE: Tag = Tag(ptr::null_mut());

    #[inline(always)]
    pub(crate) fn is_none(self) -> bool {
        self.0.is_null()
    }

    pub(crate) fn new(metadata: Option<Arc<Metadata>>) -> Tag {
        Tag(metadata.map_or(ptr::null_mut(), |metadata| Arc::into_raw(metadata).cast_mut()))
    }

    /// The same for a call that unwound.
    pub(crate) fn of_panicked(self) -> Tag {
        Tag(self.0.map_addr(|address| address | PANICKED))
    }

    pub(crate) fn panicked(self) -> bool {
        self.0.addr() & PANICKED != 0
    }

    fn pointer(self) -> *mut Metadata {
        self.0.map_addr(|address| address & !PANICKED)
    }

    /// A second owner of the same metadata.
    ///
    /// # Safety
    ///
    /// The metadata must be alive: the tag is owned by the caller, or was read under a
    /// [`crate::reclaim::Reading`] of its thread.
    pub(crate) unsafe fn duplicate(self) -> Tag {
        if !self.pointer().is_null() {
            // SAFETY: from `Arc::into_raw`, and alive as the caller says.
            unsafe { Arc::increment_strong_count(self.pointer()) };
        }
        self
    }

    /// The metadata, giving up the tag's count of it.
    ///
    /// # Safety
    ///
    /// The caller owns the tag and does not use it again.
    pub(crate) unsafe fn into_metadata(self) -> Option<Arc<Metadata>> {
        // SAFETY: not null here, from `Arc::into_raw`, and the count is the caller's.
        (!self.pointer().is_null()).then(|| unsafe { Arc::from_raw(self.pointer()) })
    }
}

/// A call as plain data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) start: u64,    // ticks
    pub(crate) duration: u64, // ticks
    pub(crate) node: *const Node,
    pub(crate) tag: Tag,
}

/// The place of one call.
#[derive(Debug)]
#[repr(align(32))] // two to a cache line, none across
pub(crate) struct Entry {
    start: AtomicU64,
    duration: AtomicU64,
    node: AtomicPtr<Node>, // null: nothing here yet
    tag: AtomicPtr<Metadata>,
}

impl Entry {
    pub(crate) fn empty() -> Entry {
        Entry {
            start: AtomicU64::new(0),
            duration: AtomicU64::new(0),
            node: AtomicPtr::new(ptr::null_mut()),
            tag: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Whether what stands here owns no metadata.
    #[inline(always)]
    pub(crate) fn is_untagged(&self) -> bool {
        own_pointer(&self.tag).is_null()
    }

    /// Replaces an untagged call by another.
    #[inline(always)]
    pub(crate) fn write_untagged(&self, start: u64, duration: u64, node: *const Node) {
        self.start.store(start, Ordering::Relaxed);
        self.duration.store(duration, Ordering::Relaxed);
        self.node.store(node.cast_mut(), Ordering::Relaxed);
    }

    /// Replaces the call. Relaxed throughout: the container's counter orders it.
    #[inline(always)]
    pub(crate) fn write(&self, record: Record, reclaimer: &Reclaimer) {
        let former = Tag(own_pointer(&self.tag));
        self.start.store(record.start, Ordering::Relaxed);
        self.duration.store(record.duration, Ordering::Relaxed);
        self.node.store(record.node.cast_mut(), Ordering::Relaxed);
        self.tag.store(record.tag.0, Ordering::Relaxed);
        if !former.is_none() {
            reclaimer.retire(former);
        }
    }

    /// What stands here, possibly torn, `None` if nothing ever did.
    #[inline(always)]
    pub(crate) fn read(&self) -> Option<Record> {
        let node = self.node.load(Ordering::Relaxed).cast_const();
        (!node.is_null()).then(|| Record {
            start: self.start.load(Ordering::Relaxed),
            duration: self.duration.load(Ordering::Relaxed),
            node,
            // Acquire: what the writer did to the metadata before is seen.
            tag: Tag(self.tag.load(Ordering::Acquire)),
        })
    }

    /// The duration, for the only writer.
    pub(crate) fn duration(&self) -> u64 {
        own(&self.duration)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let tag = Tag(self.tag.load(Ordering::Acquire));
        // SAFETY: an entry owns its tag, and `&mut self` says that nobody reads it any more.
        drop(unsafe { tag.into_metadata() });
    }
}
