//! Calling-context tree of one thread: a node per distinct call path.
//!
//! Only the owner thread adds nodes and writes to them. A reader walks the list of all nodes, which
//! grows at its head; nodes are never moved or freed before the tree is. A node holds at most one
//! open call, since a recursive call is a node of its own, further down.

#![expect(unsafe_code, reason = "nodes point to each other; readers follow the pointers")]

use std::cell::Cell;
use std::ptr;
use std::sync::Arc;

use crate::registry::Function;
use crate::shard::Shard;
use crate::sync::{AtomicPtr, AtomicU64, Ordering, own_pointer};
use crate::thread::Thread;

/// Identity of what is called: the address of its callsite, or of its function if it is named at
/// run time. Zero is nothing.
pub(crate) type Key = usize;

/// The calls of one thread on one path.
///
/// The first cache line is what entering a child and leaving a call touch. Cells belong to the
/// owner thread; atomics are written by it alone and read by all.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Node {
    pub(crate) key: Key,
    /// Siblings in a ring, in the order of their first calls.
    pub(crate) next: Cell<*const Node>,
    /// The child entered last; a node without children has the tree's `nobody` here.
    pub(crate) last_child: Cell<*const Node>,
    pub(crate) last_key: Cell<Key>, // of `last_child`: one load less to find it
    pub(crate) parent: *const Node, // null for the root and for overflow nodes
    pub(crate) shard: *const Shard, // null for the root
    /// When the open call began, in ticks; zero if none is open.
    pub(crate) open_since: AtomicU64,
    /// Time of the completed callees of the open call.
    pub(crate) callees: AtomicU64,

    pub(crate) calls: AtomicU64,
    pub(crate) self_time: AtomicU64,
    /// All bits set if the same function stands above on the path, else zero.
    pub(crate) recursive: u64,
    /// When the latest call began that was made while its thread was unwinding already.
    pub(crate) entered_unwinding: Cell<u64>, // ticks
    pub(crate) depth: u32, // 0 for the root
    pub(crate) id: u32,    // counted from 0 in a tree, parents before children
    pub(crate) truncated_calls: AtomicU64,
    pub(crate) truncated_time: AtomicU64,
    /// When the call began that is open below and kept out of the tree; zero if there is none.
    pub(crate) truncated_since: AtomicU64,
    pub(crate) function: Option<Arc<Function>>, // none for the root
    pub(crate) owner: *const Thread,            // whose tree it is; null for the root
    older: *mut Node,                           // next in the list of all nodes
}

/// The nodes of one thread.
#[derive(Debug)]
pub(crate) struct Tree {
    newest: AtomicPtr<Node>,
    count: Cell<u32>,
    root: *const Node,
    nobody: *const Node, // equal to no key, its own sibling; a pointer, since nodes point to it
}

impl Node {
    fn new(key: Key, parent: *const Node, depth: u32, nobody: *const Node) -> Node {
        Node {
            key,
            next: Cell::new(nobody),
            last_child: Cell::new(nobody),
            last_key: Cell::new(0),
            parent,
            shard: ptr::null(),
            open_since: AtomicU64::new(0),
            callees: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            self_time: AtomicU64::new(0),
            recursive: 0,
            entered_unwinding: Cell::new(0),
            depth,
            id: 0,
            truncated_calls: AtomicU64::new(0),
            truncated_time: AtomicU64::new(0),
            truncated_since: AtomicU64::new(0),
            function: None,
            owner: ptr::null(),
            older: ptr::null_mut(),
        }
    }

    /// A node outside of the tree, for the calls of a function that a limit keeps out of it.
    pub(crate) fn overflow(
        owner: *const Thread,
        function: Arc<Function>,
        shard: *const Shard,
    ) -> Node {
        let node = Node::new(0, ptr::null(), u32::MAX, ptr::null());
        Node { shard, function: Some(function), owner, ..node }
    }

    /// Makes `child` the one that is found first the next time.
    #[inline(always)]
    pub(crate) fn enter_next(&self, child: &Node) {
        self.last_child.set(child);
        self.last_key.set(child.key);
    }

    pub(crate) fn is_overflow(&self) -> bool {
        self.depth == u32::MAX
    }
}

impl Tree {
    pub(crate) fn new() -> Tree {
        let nobody = Box::into_raw(Box::new(Node::new(0, ptr::null(), u32::MAX, ptr::null())));
        let root = Box::into_raw(Box::new(Node::new(0, ptr::null(), 0, nobody)));
        let tree = Tree { newest: AtomicPtr::new(root), count: Cell::new(1), root, nobody };
        tree.get(nobody).next.set(nobody);
        tree.get(nobody).last_child.set(nobody);
        tree
    }

    pub(crate) fn root(&self) -> *const Node {
        self.root
    }

    /// What a node pointer of this tree points to.
    #[inline(always)]
    pub(crate) fn get(&self, node: *const Node) -> &Node {
        debug_assert!(!node.is_null());
        // SAFETY: pointers to nodes are only ever taken from nodes of this tree (`current`,
        // `last_child`, `next`, `parent` of all but the root), which live as long as the tree.
        unsafe { &*node }
    }

    /// A node that has no children and is nobody's child: while it is the current one, every call
    /// is looked up the long way.
    pub(crate) fn nobody(&self) -> *const Node {
        self.nobody
    }

    /// How many paths there are.
    pub(crate) fn paths(&self) -> usize {
        self.count.get() as usize - 1
    }

    /// Adds a child behind the one entered last. Owner thread only; `parent` is of this tree.
    pub(crate) fn add(
        &self,
        parent: &Node,
        key: Key,
        owner: *const Thread,
        function: Arc<Function>,
        shard: *const Shard,
    ) -> &Node {
        let recursive = if self.on_path(parent, &function) { u64::MAX } else { 0 };
        let template = Node::new(key, parent, parent.depth + 1, self.nobody());
        let owned = Box::into_raw(Box::new(Node {
            shard,
            recursive,
            id: self.count.get(),
            function: Some(function),
            owner,
            older: own_pointer(&self.newest),
            ..template
        }));
        // SAFETY: made just now, and freed with the tree.
        let node = unsafe { &*owned };
        let sibling = self.get(parent.last_child.get());
        if ptr::eq(sibling, self.nobody()) {
            node.next.set(node);
        } else {
            node.next.set(sibling.next.replace(node));
        }
        parent.enter_next(node);
        self.count.set(node.id + 1);
        // Release: pairs with the acquire in `nodes`; the node is seen whole. The pointer that owns
        // it, since `drop` frees through the list.
        self.newest.store(owned, Ordering::Release);
        node
    }

    /// Whether `function` stands on the path down to `node`.
    pub(crate) fn on_path(&self, node: &Node, function: &Arc<Function>) -> bool {
        let is = |node: &Node| node.function.as_ref().is_some_and(|on| Arc::ptr_eq(on, function));
        std::iter::successors(Some(node), |node| self.parent(node)).any(is)
    }

    /// The node above, `None` for the root.
    pub(crate) fn parent(&self, node: &Node) -> Option<&Node> {
        // SAFETY: null, or a node of this tree.
        unsafe { node.parent.as_ref() }
    }

    /// All nodes there are now, children before their parents, the root last.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        // SAFETY: the list ends in null, and its nodes live as long as the tree.
        let next = |pointer: *mut Node| unsafe { pointer.as_ref() };
        std::iter::successors(next(self.newest.load(Ordering::Acquire)), move |node| {
            next(node.older)
        })
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // SAFETY: from `Box::into_raw`, and in no list.
        drop(unsafe { Box::from_raw(self.nobody.cast_mut()) });
        let mut node = self.newest.load(Ordering::Acquire);
        while !node.is_null() {
            // SAFETY: every node of the list came from `Box::into_raw`, and stands in it once.
            let owned = unsafe { Box::from_raw(node) };
            node = owned.older;
        }
    }
}
