//! All functions and threads of one session: the time between two clears.
//!
//! The map from names to functions is touched when a thread first meets a name, when a thread ends,
//! and by readers; never while recording. `clear` begins a new session and leaves the old one to the
//! calls that are still open in it, so recording threads are never stopped for it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};

use dashmap::DashMap;

use crate::clock::Clock;
use crate::clock::calibrate;
use crate::collector::ThreadCollector;
use crate::filter::Filter;
use crate::limits::Limits;
use crate::paths::PathTable;
use crate::shard::Shard;
use crate::snapshot::{Call, Node};
use crate::statistics::Statistics;
use crate::sync::{AtomicUsize, Mutex, MutexGuard, Ordering, lock};
use crate::thread::Thread;

/// Counts the calls of all names past the limit.
const OTHER: &str = "[other]";

/// Everything recorded between two clears.
#[derive(Debug)]
pub(crate) struct Session {
    /// Unique in the process, never zero; what a thread compares to know whether its memory is of
    /// this session.
    pub(crate) token: u64,
    pub(crate) limits: Limits,
    pub(crate) filter: Option<Arc<Filter>>,
    pub(crate) clock: Clock,
    pub(crate) started: u64, // ticks
    functions: DashMap<Arc<str>, Arc<Function>>,
    next_function: AtomicU32,
    threads: Mutex<Threads>,
    /// Nobody will read what is recorded here from now on.
    closed: AtomicBool,
    log_slots: AtomicUsize,    // of the rings of all living threads
    negative_calls: AtomicU64, // ended before they began, by the clock
    /// Held by whoever reads all of it or lets it all go: a shard has one reader at a time, and what
    /// trees refer to stays while they are read. Taken before any other lock.
    reading: Mutex<()>,
}

/// One function of a session.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) id: u32, // in the order of registration, from 0
    pub(crate) name: Arc<str>,
    /// Whether it stands for all names past the limit.
    pub(crate) is_other: bool,
    parts: Mutex<Parts>,
}

/// The retired totals of a function, and who else counts its calls.
#[derive(Debug, Default, Clone)]
pub(crate) struct Parts {
    /// Of the threads that ended; shared with readers, copied when it changes under them.
    pub(crate) retired: Arc<RetiredCalls>,
    /// The living threads that met the function; shared in the same way.
    pub(crate) living: Arc<Vec<LivingCalls>>,
}

/// What a living thread counts.
#[derive(Debug, Clone)]
pub(crate) struct LivingCalls {
    pub(crate) thread: Arc<Thread>,
    pub(crate) shard: Arc<Shard>,
}

/// What ended threads counted.
#[derive(Debug, Default, Clone)]
pub(crate) struct RetiredCalls {
    pub(crate) statistics: Statistics,
    pub(crate) slowest: Vec<Call>, // the slowest first; paths are of the session's table
}

/// The threads of a session.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    pub(crate) living: Vec<Arc<Thread>>,
    /// The latest to end, the oldest first.
    pub(crate) ended: VecDeque<Arc<EndedThread>>,
    /// The trees of all that ended before, by path.
    pub(crate) merged: Vec<Node>,
    pub(crate) merged_threads: u64,
    /// The paths that ended threads refer to. Only grows.
    pub(crate) paths: PathTable,
    pub(crate) dropped: EndedDrops,
}

/// A thread that ended.
#[derive(Debug)]
pub(crate) struct EndedThread {
    pub(crate) id: u64,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) calls: Vec<Call>,
}

/// What ended threads dropped.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct EndedDrops {
    pub(crate) log_calls: u64,
    pub(crate) unrecorded_calls: u64,
}

impl Session {
    pub(crate) fn new(token: u64, limits: Limits, clock: Clock) -> Session {
        calibrate::start();
        Session {
            token,
            limits,
            filter: None,
            started: clock.now(),
            clock,
            functions: DashMap::new(),
            next_function: AtomicU32::new(0),
            threads: Mutex::default(),
            closed: AtomicBool::new(false),
            log_slots: AtomicUsize::new(0),
            negative_calls: AtomicU64::new(0),
            reading: Mutex::default(),
        }
    }

    /// Counts a call that ended before it began.
    #[cold]
    pub(crate) fn count_negative_call(&self) {
        self.negative_calls.fetch_add(1, Ordering::Relaxed); // a number of its own
    }

    pub(crate) fn negative_calls(&self) -> u64 {
        self.negative_calls.load(Ordering::Relaxed)
    }

    /// The function called `name`; the one for all others if there are too many names.
    pub(crate) fn function(&self, name: &str) -> Arc<Function> {
        if let Some(known) = self.functions.get(name) {
            return Arc::clone(&known);
        }
        // Two threads can both find the last place free: the limit is kept within their number.
        let full = self.functions.len() >= self.limits.names;
        let name = if full { OTHER } else { name };
        if full && let Some(other) = self.functions.get(OTHER) {
            return Arc::clone(&other);
        }
        let name: Arc<str> = name.into();
        let entry = self.functions.entry(Arc::clone(&name));
        let function = entry.or_insert_with(|| {
            Arc::new(Function {
                id: self.next_function.fetch_add(1, Ordering::Relaxed), // only has to be unique
                name,
                is_other: full,
                parts: Mutex::default(),
            })
        });
        Arc::clone(&function)
    }

    /// All functions there are now, in the order of their ids.
    pub(crate) fn functions(&self) -> Vec<Arc<Function>> {
        let mut functions: Vec<Arc<Function>> =
            self.functions.iter().map(|entry| Arc::clone(entry.value())).collect();
        functions.sort_unstable_by_key(|function| function.id);
        functions
    }

    pub(crate) fn threads(&self) -> MutexGuard<'_, Threads> {
        lock(&self.threads)
    }

    /// Keeps other readers and `close` away.
    pub(crate) fn reading(&self) -> MutexGuard<'_, ()> {
        lock(&self.reading)
    }

    /// Whether it takes threads and calls no more.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire) // pairs with the store in `close`
    }

    /// Lets everything go that was recorded. Open calls of it end without being counted.
    pub(crate) fn close(&self) {
        let _reading = self.reading();
        let mut threads = self.threads();
        self.closed.store(true, Ordering::Release);
        *threads = Threads::default();
        drop(threads);
        // A function that comes after this look finds the session closed when it is joined.
        self.functions().iter().for_each(|function| *lock(&function.parts) = Parts::default());
        self.functions.clear();
    }

    /// Takes a thread in, unless the session is closed.
    pub(crate) fn admit(&self, thread: &Arc<Thread>) -> bool {
        let mut threads = self.threads();
        if self.is_closed() {
            return false;
        }
        threads.living.push(Arc::clone(thread));
        true
    }

    /// Replaces a thread that ends by plain data: its tree and log as a whole, and each function's
    /// calls as a whole.
    pub(crate) fn retire<'a>(
        &self,
        thread: &Thread,
        known: impl Iterator<Item = (&'a Arc<Function>, &'a Arc<Shard>)>,
        never_recorded: u64,
    ) {
        let mut threads = self.threads();
        if self.is_closed() {
            return;
        }
        let threads = &mut *threads;
        let paths = &mut threads.paths;
        let mut collector = ThreadCollector::new(thread, self.limits.call_paths);
        let nodes = collector.nodes(paths, 0, &mut Vec::new()); // nothing is open any more
        let (calls, dropped) = collector.calls(paths);
        for (function, shard) in known {
            let copy = shard.read();
            let slowest = collector.slowest(paths, copy.slowest);
            let retired = RetiredCalls { statistics: copy.statistics, slowest };
            function.retire(shard, retired, self.limits.slowest_per_function);
        }
        drop(collector);
        threads.dropped.log_calls += dropped;
        threads.dropped.unrecorded_calls += never_recorded;
        threads.living.retain(|living| !std::ptr::eq(Arc::as_ptr(living), thread));
        self.log_slots.fetch_sub(thread.log().capacity(), Ordering::Relaxed);
        let name = thread.name().cloned();
        self.keep_ended(threads, EndedThread { id: thread.id(), name, nodes, calls });
    }

    /// Whether a thread's log may have `slots` more. Logs of ended threads make room.
    pub(crate) fn grant_log_slots(&self, slots: usize) -> bool {
        let within = |taken: &usize| *taken <= self.limits.calls_in_all;
        let more = |taken: usize| taken.checked_add(slots).filter(within);
        let Ok(before) = self.log_slots.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
        else {
            return false;
        };
        let taken = before + slots;
        let mut threads = self.threads();
        while taken + threads.ended_calls() > self.limits.calls_in_all && threads.forget_oldest() {}
        true
    }

    /// Takes a thread that ended among the others.
    fn keep_ended(&self, threads: &mut Threads, ended: EndedThread) {
        threads.ended.push_back(Arc::new(ended));
        let living = self.log_slots.load(Ordering::Relaxed);
        while threads.ended.len() > self.limits.exited_threads
            || living + threads.ended_calls() > self.limits.calls_in_all
        {
            if !threads.forget_oldest() {
                break;
            }
        }
    }
}

impl Function {
    /// Adds a living thread, unless nobody will ever ask.
    pub(crate) fn join(&self, session: &Session, calls: LivingCalls) {
        let mut parts = lock(&self.parts);
        // Looked at under the lock: `close` empties the parts after it has closed the session.
        if !session.is_closed() {
            Arc::make_mut(&mut parts.living).push(calls);
        }
    }

    /// Replaces a thread by what it counted, at one moment.
    pub(crate) fn retire(&self, shard: &Arc<Shard>, copy: RetiredCalls, kept: usize) {
        let mut parts = lock(&self.parts);
        Arc::make_mut(&mut parts.living).retain(|living| !Arc::ptr_eq(&living.shard, shard));
        let retired = Arc::make_mut(&mut parts.retired);
        retired.statistics.merge(&copy.statistics);
        retired.slowest.extend(copy.slowest);
        retired.slowest.sort_by_key(|call| std::cmp::Reverse(call.duration));
        retired.slowest.truncate(kept);
        retired.slowest.shrink_to_fit();
    }

    /// Both parts at one moment.
    pub(crate) fn parts(&self) -> Parts {
        lock(&self.parts).clone()
    }
}

impl Threads {
    fn ended_calls(&self) -> usize {
        self.ended.iter().map(|thread| thread.calls.len()).sum()
    }

    /// Drops the log of the thread that ended first and merges its tree; false if there is none.
    fn forget_oldest(&mut self) -> bool {
        let Some(oldest) = self.ended.pop_front() else { return false };
        self.dropped.log_calls += oldest.calls.len() as u64;
        self.merged_threads += 1;
        for node in &oldest.nodes {
            let at = node.path as usize;
            if self.merged.len() <= at {
                let paths = self.merged.len() as u32..=node.path;
                self.merged.extend(paths.map(|path| Node { path, ..Node::default() }));
            }
            self.merged[at].add(node);
        }
        true
    }
}
