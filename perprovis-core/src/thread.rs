//! What one thread records in one session: its call stack in its call tree, its statistics, its log.
//!
//! The owner thread alone enters and leaves; it takes no lock and waits for nobody. Others only read
//! what is atomic, and may keep the memory alive past the thread's end.
//!
//! The stack is the path from the current node up to the root. A guard says which call it is by its
//! node and its start. Closing a call closes, as far as the stack goes, every call opened inside it
//! that is still open (its guard was leaked, or will be dropped later): such a *stray* call takes no
//! more time in the tree, and counts for its function with its full duration when its guard is
//! dropped. So at any moment exactly one open call of the stack takes the self time.

#![expect(
    unsafe_code,
    reason = "cells that only the owner thread touches, in memory that others read"
)]

use std::cell::{Cell, UnsafeCell};
use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::ptr;
use std::sync::atomic::AtomicU64 as StdAtomicU64;
use std::sync::{Arc, Weak};

use crate::callsite::Callsite;
use crate::clock::{self, Clock};
use crate::entry::{Record, Tag};
use crate::half::{Completed, Polled};
use crate::hash::MixMap;
use crate::limits::Limits;
use crate::log::Log;
use crate::reclaim::Reclaimer;
use crate::registry::{Function, LivingCalls, Session};
use crate::shard::Shard;
use crate::slot;
use crate::sync::{OnceBox, Ordering, bump, own};
use crate::tree::{Key, Node, Tree};

/// Siblings that are looked at one by one before the map of all children is asked.
const NEAR_SIBLINGS: usize = 6;

/// What is called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Callee<'a> {
    /// A place in the source.
    Site(&'static Callsite),
    /// A name known at run time only.
    Named(&'a str),
}

/// An open call: what its guard remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenCall {
    pub(crate) node: *const Node, // alive as long as the call is open and its thread not torn down
    pub(crate) start: u64,        // ticks
}

/// The time a call took off the stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elapsed {
    pub(crate) duration: u64,
    pub(crate) self_time: u64,
}

/// One thread's memory in one session.
pub(crate) struct Thread {
    /// The current node, while another thread memory is in use; else it is in the slot.
    parked: Cell<*const Node>,
    pub(crate) clock: Clock,
    tree: Tree,
    log: Log,
    reclaimer: Reclaimer,
    /// The calls below the tree's last node, outermost first.
    truncated: UnsafeCell<Vec<TruncatedCall>>,
    /// The tree's last node above these.
    truncated_below: Cell<*const Node>,
    /// Calls that left the stack with their guards still to be dropped.
    strays: Cell<u64>,
    lookup: UnsafeCell<Lookup>,
    slowest_kept: usize,
    session: Arc<Session>,
    me: Weak<Thread>,
    id: u64,
    name: Option<Arc<str>>,
}

/// An open call that a limit keeps out of the tree.
#[derive(Clone, Copy, Debug)]
struct TruncatedCall {
    call: OpenCall, // its node is the function's overflow node
    callees: u64,
    recursive: u64,
    entered_unwinding: u64, // see `Node`; calls of a function share its overflow node
}

/// What a thread found out before. Owner thread only.
#[derive(Default)]
struct Lookup {
    children: MixMap<(u32, Key), *const Node>,
    functions: MixMap<Key, Known>,
    shards: MixMap<u32, Known>, // by function
    named: HashMap<Arc<str>, Arc<Function>>,
    /// By function. Not `Box`es, which may not be moved while others point into them.
    overflow: MixMap<u32, OnceBox<Node>>,
}

#[derive(Clone)]
struct Known {
    function: Arc<Function>,
    shard: Arc<Shard>,
}

// SAFETY: the cells, `truncated` and `lookup` are touched by the owner thread alone, or when it has
// ended, in `hand_over` on the same thread; all that others read is atomic. The pointers are to
// memory that the value owns.
unsafe impl Send for Thread {}
// SAFETY: as above.
unsafe impl Sync for Thread {}

impl Thread {
    /// Memory for the calling thread, announced to the session; `None` if that is closed.
    pub(crate) fn register(session: &Arc<Session>) -> Option<Arc<Thread>> {
        static NEXT_ID: StdAtomicU64 = StdAtomicU64::new(1);
        thread_local!(static ID: Cell<u64> = const { Cell::new(0) });
        let id = ID.with(|id| {
            if id.get() == 0 {
                id.set(NEXT_ID.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            }
            id.get()
        });
        let thread = Arc::new_cyclic(|me| {
            let tree = Tree::new();
            Thread {
                parked: Cell::new(tree.root()),
                clock: session.clock.clone(),
                tree,
                log: Log::new(session.limits.calls_per_thread),
                reclaimer: Reclaimer::new(),
                truncated: UnsafeCell::default(),
                truncated_below: Cell::new(ptr::null()),
                strays: Cell::new(0),
                lookup: UnsafeCell::default(),
                slowest_kept: session.limits.slowest_per_function,
                session: Arc::clone(session),
                me: Weak::clone(me),
                id,
                name: std::thread::current().name().map(Arc::from),
            }
        });
        session.admit(&thread).then_some(thread)
    }

    pub(crate) fn token(&self) -> u64 {
        self.session.token
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn name(&self) -> Option<&Arc<str>> {
        self.name.as_ref()
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) fn reclaimer(&self) -> &Reclaimer {
        &self.reclaimer
    }

    /// Whether it can be freed: its session was cleared away, and no guard points to its nodes.
    pub(crate) fn is_disposable(&self) -> bool {
        self.session.is_closed()
            && ptr::eq(self.current(), self.tree.root())
            && self.strays.get() == 0
    }

    /// The node of the innermost open call, or the root.
    fn current(&self) -> &Node {
        self.tree.get(self.current_cell().get())
    }

    fn set_current(&self, node: *const Node) {
        self.current_cell().set(node);
    }

    fn current_cell(&self) -> &Cell<*const Node> {
        let slot = slot::get();
        if ptr::eq(slot.thread.get(), self) { &slot.current } else { &self.parked }
    }

    /// Where the current node is kept while this memory is not in use.
    pub(crate) fn parked(&self) -> &Cell<*const Node> {
        &self.parked
    }

    /// Opens a call below `parent`, the current node, if that has made it lately, and nothing else is
    /// special: as good as always, and what [`Thread::enter`] would do.
    ///
    /// This and [`Thread::leave_usual`] call nothing, so that no register has to be saved, and keep
    /// their chains of loads short: the counter's instruction waits for everything before it.
    #[inline(always)]
    pub(crate) fn enter_usual(slot: &slot::Slot, key: Key) -> Option<OpenCall> {
        // SAFETY: the slot's current node belongs to its thread memory, which this thread owns.
        let parent = unsafe { &*slot.current.get() };
        if parent.last_key.get() != key {
            Thread::turn_to_next(parent, key)?;
        }
        let child = parent.last_child.get();
        slot.current.set(child);
        // SAFETY: children belong to the same tree as their parent.
        let child = unsafe { &*child };
        child.callees.store(0, Ordering::Relaxed);
        let start = clock::counter();
        // Relaxed: a reader that sees it late shows the call as not yet open.
        child.open_since.store(start, Ordering::Relaxed);
        Some(OpenCall { node: child, start })
    }

    /// Makes the sibling after the child entered last the last one, if it is the one sought: calls in
    /// turn.
    #[inline(always)]
    fn turn_to_next(parent: &Node, key: Key) -> Option<()> {
        // SAFETY: children belong to the same tree as their parent.
        let last = unsafe { &*parent.last_child.get() };
        // SAFETY: so do siblings.
        let next = unsafe { &*last.next.get() };
        (next.key == key).then(|| parent.enter_next(next))
    }

    /// Closes the current call if nothing about it is special: as good as always, and what
    /// [`Thread::leave`] would do. False if it did nothing.
    #[inline(always)]
    pub(crate) fn leave_usual(&self, slot: &slot::Slot, call: OpenCall, end: u64) -> bool {
        // SAFETY: if it is the current node, it belongs to this memory.
        let node = unsafe { &*call.node };
        if slot.current.get() != call.node
            || own(&node.open_since) != call.start
            || end < call.start
        {
            return false;
        }
        let duration = end - call.start;
        let Some(self_time) = duration.checked_sub(own(&node.callees)) else {
            return false;
        };
        // One after the other, and the likelier obstacle first: asked together, the compiler merges
        // the answers by conditional moves, which make every store below wait for the clock.
        let Some(usual) = self.shard(node).usual(duration) else { return false };
        let Some(place) = self.log.usual() else { return false };
        // SAFETY: a node that was entered has a parent, of the same tree.
        let parent = unsafe { &*node.parent };
        slot.current.set(parent);
        node.open_since.store(0, Ordering::Relaxed);
        bump(&parent.callees, duration);
        bump(&node.calls, 1);
        bump(&node.self_time, self_time);
        usual.add(duration, self_time, node.recursive);
        self.log.append_usual(place, call.start, duration, call.node);
        true
    }

    /// Opens a call below the current one.
    pub(crate) fn enter(&self, key: Key, callee: Callee<'_>) -> OpenCall {
        let parent = self.current();
        let Some(child) = self.find_child(parent, key, callee) else {
            return self.enter_truncated(key, callee);
        };
        parent.enter_next(child);
        self.set_current(child);
        child.callees.store(0, Ordering::Relaxed);
        let start = self.clock.now();
        child.entered_unwinding.set(if std::thread::panicking() { start } else { 0 });
        child.open_since.store(start, Ordering::Relaxed);
        OpenCall { node: child, start }
    }

    fn find_child(&self, parent: &Node, key: Key, callee: Callee<'_>) -> Option<&Node> {
        let mut sibling = self.tree.get(parent.last_child.get());
        for _ in 0..NEAR_SIBLINGS {
            if sibling.key == key {
                return Some(sibling);
            }
            sibling = self.tree.get(sibling.next.get());
        }
        if ptr::eq(parent, self.tree.nobody()) {
            return None;
        }
        // SAFETY: owner thread, and nothing called while borrowed comes back here.
        let known = unsafe { &*self.lookup.get() }.children.get(&(parent.id, key)).copied();
        match known {
            Some(known) => Some(self.tree.get(known)),
            None => slot::exclusive(|| self.add_child(parent, key, callee)),
        }
    }

    #[cold]
    fn add_child(&self, parent: &Node, key: Key, callee: Callee<'_>) -> Option<&Node> {
        let limits = &self.session.limits;
        // Outermost calls always find a place: what is truncated is truncated below something.
        let outermost = ptr::eq(parent, self.tree.root());
        let depth = limits.depth.min(Limits::MAX_DEPTH);
        let full = parent.depth >= depth || self.tree.paths() >= limits.call_paths;
        if full && !outermost {
            return None;
        }
        let Known { function, shard } = self.known(key, callee);
        let node = self.tree.add(parent, key, self, function, Arc::as_ptr(&shard));
        // SAFETY: owner thread, exclusive: nothing else borrows the lookup now.
        unsafe { &mut *self.lookup.get() }.children.insert((parent.id, key), node);
        Some(node)
    }

    /// The function of a callee and this thread's statistics of it, registered if they are new.
    fn known(&self, key: Key, callee: Callee<'_>) -> Known {
        // SAFETY: owner thread, exclusive: nothing else borrows the lookup now.
        let lookup = unsafe { &mut *self.lookup.get() };
        if let Some(known) = lookup.functions.get(&key) {
            return known.clone();
        }
        let function = match callee {
            Callee::Site(site) => self.session.function(&site.name()),
            Callee::Named(name) => self.session.function(name),
        };
        let known = lookup.shards.entry(function.id).or_insert_with(|| {
            let shard = Arc::new(Shard::new());
            if let Some(thread) = self.me.upgrade() {
                function.join(&self.session, LivingCalls { thread, shard: Arc::clone(&shard) });
            }
            Known { function, shard }
        });
        let known = known.clone();
        lookup.functions.insert(key, known.clone());
        known
    }

    /// The key of a place, which is its address; `None` if the filter leaves it out.
    pub(crate) fn key_of_site(&self, site: &'static Callsite) -> Option<Key> {
        let admitted = match &self.session.filter {
            Some(filter) => {
                site.is_admitted(self.token())
                    || slot::exclusive(|| site.decide(self.token(), filter))
            }
            None => true,
        };
        admitted.then(|| ptr::from_ref(site).addr())
    }

    /// The key of a name known at run time only: the address of its function; `None` if the filter
    /// leaves it out.
    pub(crate) fn key_of(&self, name: &str) -> Option<Key> {
        // SAFETY: owner thread, and nothing called while borrowed comes back here.
        if let Some(function) = unsafe { &*self.lookup.get() }.named.get(name) {
            return Some(Arc::as_ptr(function).addr());
        }
        // Not kept per name, of which there may be any number.
        if self.session.filter.as_ref().is_some_and(|filter| !filter.records(name)) {
            return None;
        }
        slot::exclusive(|| {
            let function = self.session.function(name);
            let key = Arc::as_ptr(&function).addr();
            if !function.is_other {
                // SAFETY: owner thread, exclusive: nothing else borrows the lookup now.
                let lookup = unsafe { &mut *self.lookup.get() };
                lookup.named.insert(Arc::clone(&function.name), function);
            }
            Some(key)
        })
    }

    #[cold]
    #[inline(never)]
    fn enter_truncated(&self, key: Key, callee: Callee<'_>) -> OpenCall {
        slot::exclusive(|| {
            let Known { function, shard } = self.known(key, callee);
            // SAFETY: owner thread, exclusive: nothing else borrows the lookup now.
            let overflow = unsafe { &mut *self.lookup.get() }
                .overflow
                .entry(function.id)
                .or_insert_with(OnceBox::new)
                .get_or_init(|| Node::overflow(self, Arc::clone(&function), Arc::as_ptr(&shard)));
            // SAFETY: owner thread, exclusive: nothing else borrows the stack now.
            let truncated = unsafe { &mut *self.truncated.get() };
            if truncated.is_empty() {
                self.truncated_below.set(self.current());
                self.set_current(self.tree.nobody());
            }
            let last = self.tree.get(self.truncated_below.get());
            // An overflow node is never entered itself; its `calls` are those open now.
            let recursive = own(&overflow.calls) > 0 || self.tree.on_path(last, &function);
            bump(&overflow.calls, 1);
            let call = OpenCall { node: overflow, start: self.clock.now() };
            if truncated.is_empty() {
                last.truncated_since.store(call.start, Ordering::Relaxed);
            }
            let recursive = if recursive { u64::MAX } else { 0 };
            let entered_unwinding = if std::thread::panicking() { call.start } else { 0 };
            truncated.push(TruncatedCall { call, callees: 0, recursive, entered_unwinding });
            call
        })
    }

    /// Whether `call` is the innermost open one, in the tree.
    fn is_current(&self, call: OpenCall) -> bool {
        ptr::eq(self.current(), call.node)
            && own(&self.tree.get(call.node).open_since) == call.start
    }

    /// How long a call took: no time, and the report says so, if the clock stepped back.
    fn elapsed(&self, call: OpenCall, end: u64) -> u64 {
        end.checked_sub(call.start).unwrap_or_else(|| {
            self.session.count_negative_call();
            0
        })
    }

    /// Takes the current call, which is in the tree, off the stack.
    fn pop(&self, call: OpenCall, end: u64) -> Elapsed {
        let node = self.tree.get(call.node);
        let duration = self.elapsed(call, end);
        let self_time = duration.saturating_sub(own(&node.callees));
        node.open_since.store(0, Ordering::Relaxed);
        bump(&node.self_time, self_time);
        bump(&self.tree.get(node.parent).callees, duration);
        self.set_current(node.parent);
        Elapsed { duration, self_time }
    }

    /// Takes a call off the stack wherever it is, and the calls opened inside it; `None` if it is
    /// on the stack no more.
    #[cold]
    fn pop_out_of_order(&self, call: OpenCall, end: u64) -> Option<(Elapsed, u64)> {
        // SAFETY: owner thread, and nothing called while borrowed comes back here.
        let truncated = unsafe { &mut *self.truncated.get() };
        if let Some(at) = truncated.iter().rposition(|open| open.call == call) {
            while truncated.len() > at + 1 {
                self.stray_truncated(truncated, end);
            }
            let recursive = truncated[at].recursive;
            return self.pop_truncated(truncated, end).map(|elapsed| (elapsed, recursive));
        }
        let mut stacked = match truncated.is_empty() {
            true => self.current(),
            false => self.tree.get(self.truncated_below.get()),
        };
        loop {
            let since = own(&stacked.open_since);
            if ptr::eq(stacked, call.node) && since == call.start {
                break;
            }
            stacked = self.tree.parent(stacked)?;
        }
        while !truncated.is_empty() {
            self.stray_truncated(truncated, end);
        }
        while !ptr::eq(self.current(), call.node) {
            self.stray(end);
        }
        Some((self.pop(call, end), self.tree.get(call.node).recursive))
    }

    /// Takes the current call off the stack while its guard lives on: what it took so far is
    /// counted now, the call itself when its guard is dropped.
    fn stray(&self, end: u64) {
        let node = self.current();
        let start = own(&node.open_since);
        let elapsed = self.pop(OpenCall { node, start }, end);
        self.shard(node).record_self_time(elapsed.self_time);
        self.strays.set(self.strays.get() + 1);
    }

    fn stray_truncated(&self, truncated: &mut Vec<TruncatedCall>, end: u64) {
        let Some(&TruncatedCall { call, .. }) = truncated.last() else { return };
        if let Some(elapsed) = self.pop_truncated(truncated, end) {
            self.shard(self.tree.get(call.node)).record_self_time(elapsed.self_time);
        }
        self.strays.set(self.strays.get() + 1);
    }

    fn pop_truncated(&self, truncated: &mut Vec<TruncatedCall>, end: u64) -> Option<Elapsed> {
        let TruncatedCall { call, callees, entered_unwinding, .. } = truncated.pop()?;
        self.tree.get(call.node).entered_unwinding.set(entered_unwinding);
        let duration = self.elapsed(call, end);
        let open = &self.tree.get(call.node).calls;
        open.store(own(open).saturating_sub(1), Ordering::Relaxed);
        let last = self.tree.get(self.truncated_below.get());
        bump(&last.truncated_calls, 1);
        match truncated.last_mut() {
            Some(caller) => caller.callees = caller.callees.saturating_add(duration),
            None => {
                bump(&last.callees, duration);
                bump(&last.truncated_time, duration);
                last.truncated_since.store(0, Ordering::Relaxed);
                self.set_current(last);
                if truncated.capacity() > 1024 {
                    slot::exclusive(|| *truncated = Vec::new());
                }
            }
        }
        Some(Elapsed { duration, self_time: duration.saturating_sub(callees) })
    }

    /// Counts a completed call for its function, and logs it.
    pub(crate) fn complete(
        &self,
        call: OpenCall,
        elapsed: Elapsed,
        recursive: u64,
        polled: Option<Polled>,
        tag: Tag,
    ) {
        let OpenCall { node, start } = call;
        let record = Record { start, duration: elapsed.duration, node, tag };
        let completed = Completed { record, self_time: elapsed.self_time, recursive, polled };
        self.shard(self.tree.get(node)).record(completed, self.slowest_kept, &self.reclaimer);
        self.log.append(record, &self.reclaimer, |slots| self.session.grant_log_slots(slots));
    }

    /// Closes a call: takes it off the stack, counts and logs it.
    pub(crate) fn leave(&self, call: OpenCall, end: u64, metadata: Tag) {
        let (elapsed, recursive) = self.leave_stack(call, end);
        self.count_on_path(call);
        self.complete(call, elapsed, recursive, None, self.tag(call, metadata));
    }

    /// The metadata of a call that ends now, and whether it unwinds.
    pub(crate) fn tag(&self, call: OpenCall, metadata: Tag) -> Tag {
        let entered_unwinding = self.tree.get(call.node).entered_unwinding.get();
        let unwinds = std::thread::panicking() && entered_unwinding != call.start;
        if unwinds { metadata.of_panicked() } else { metadata }
    }

    /// Takes a call off the stack and counts nothing yet. Also says whether it was inside another
    /// call of its function.
    pub(crate) fn leave_stack(&self, call: OpenCall, end: u64) -> (Elapsed, u64) {
        if self.is_current(call) {
            return (self.pop(call, end), self.tree.get(call.node).recursive);
        }
        self.pop_out_of_order(call, end).unwrap_or_else(|| self.collect_stray(call, end))
    }

    /// The time of a call that left the stack before its guard was dropped.
    fn collect_stray(&self, call: OpenCall, end: u64) -> (Elapsed, u64) {
        self.strays.set(self.strays.get().saturating_sub(1));
        // Its self time was counted when it left the stack.
        let elapsed = Elapsed { duration: self.elapsed(call, end), self_time: 0 };
        (elapsed, self.tree.get(call.node).recursive)
    }

    /// Counts a completed call on its path, if it is in the tree.
    pub(crate) fn count_on_path(&self, call: OpenCall) {
        let node = self.tree.get(call.node);
        if !node.is_overflow() {
            bump(&node.calls, 1);
        }
    }

    /// Counts an async call that was dropped before its completion.
    pub(crate) fn cancel(&self, key: Key, callee: Callee<'_>) {
        let known = slot::exclusive(|| self.known(key, callee));
        known.shard.record_cancelled();
    }

    fn shard(&self, node: &Node) -> &Shard {
        debug_assert!(!node.shard.is_null());
        // SAFETY: every node that can be called has a shard, which `lookup` keeps until the end.
        unsafe { &*node.shard }
    }

    /// Gives everything to the session, at the thread's end.
    pub(crate) fn hand_over(&self) {
        let now = self.clock.now();
        // SAFETY: owner thread, at its end.
        let truncated = unsafe { &mut *self.truncated.get() };
        while !truncated.is_empty() {
            self.stray_truncated(truncated, now);
        }
        while !ptr::eq(self.current(), self.tree.root()) {
            self.stray(now);
        }
        // SAFETY: owner thread, at its end.
        let lookup = unsafe { &*self.lookup.get() };
        let known = lookup.shards.values().map(|known| (&known.function, &known.shard));
        self.session.retire(self, known, self.strays.get());
    }
}

impl Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
