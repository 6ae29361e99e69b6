//! Takes a snapshot: walks what threads are recording, without stopping any.
//!
//! 1. Under the lock of the threads: which live, and what ended ones left.
//! 2. Per function, under its own lock: who counts its calls, and what ended threads counted. A
//!    thread that ends meanwhile is in one of the two, as a whole.
//! 3. The table of the paths that ended threads refer to. It only grows, so it also serves those
//!    that ended since step 1, whose memory step 1 or 2 keeps alive.
//! 4. With no lock held: the shards, trees and logs of the threads that were living.

#![expect(
    unsafe_code,
    reason = "records point to nodes and metadata of a thread that is kept alive"
)]

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::entry::Record;
use crate::half::ShardCopy;
use crate::hash::MixMap;
use crate::paths::PathTable;
use crate::reclaim::Reading;
use crate::registry::{EndedThread, Function, LivingCalls, Parts, Session};
use crate::snapshot::{self, Call, ClockFacts, Dropped, OpenScope, Path, PathIndex, Snapshot};
use crate::sync::{AtomicU64, Ordering};
use crate::thread::Thread;
use crate::tree::Node;
use crate::units::{TickRate, Ticks};

/// Turns one thread's nodes and records into plain data with paths of a table. Functions go by
/// their ids.
pub(crate) struct ThreadCollector<'a> {
    thread: &'a Thread,
    limit: usize,
    known: Vec<Place>, // by node id
    _reading: Reading<'a>,
}

/// Where a node is found in the table.
#[derive(Clone, Copy)]
enum Place {
    /// The root.
    Nowhere,
    At(PathIndex),
    /// The table is full; the last path above that found a place.
    Below(PathIndex),
}

impl<'a> ThreadCollector<'a> {
    /// Keeps to `limit` paths in the tables that it is used with.
    pub(crate) fn new(thread: &'a Thread, limit: usize) -> Self {
        let reading = thread.reclaimer().read();
        ThreadCollector { thread, limit, known: Vec::new(), _reading: reading }
    }

    /// Finds the places of the nodes that came since the last time; gives them parents first.
    fn refresh(&mut self, paths: &mut PathTable) -> Vec<&'a Node> {
        let known = self.known.len() as u32;
        let tree = self.thread.tree();
        let mut fresh: Vec<&Node> = tree.nodes().take_while(|node| node.id >= known).collect();
        fresh.reverse();
        for node in &fresh {
            let place = match (tree.parent(node), &node.function) {
                (Some(parent), Some(function)) => match self.known[parent.id as usize] {
                    Place::Nowhere => self.place(paths, None, function.id),
                    Place::At(parent) => self.place(paths, Some(parent), function.id),
                    full @ Place::Below(_) => full,
                },
                _ => Place::Nowhere,
            };
            self.known.push(place);
        }
        fresh
    }

    fn place(&self, paths: &mut PathTable, parent: Option<PathIndex>, function: u32) -> Place {
        let path = Path { parent, function };
        match parent {
            // As in the threads' trees, outermost calls always find a place: there are no more of
            // them than names.
            Some(parent) if paths.len() >= self.limit => {
                paths.find(path).map_or(Place::Below(parent), Place::At)
            }
            _ => Place::At(paths.intern(path)),
        }
    }

    /// The tree. What is open now is counted as far as it went at `now`, and reported to `scopes`.
    pub(crate) fn nodes(
        &mut self,
        paths: &mut PathTable,
        now: u64,
        scopes: &mut Vec<OpenScope>,
    ) -> Vec<snapshot::Node> {
        let nodes = self.refresh(paths);
        let stack = stack_of(&nodes);
        let open_at: MixMap<u32, &Open<'_>> =
            stack.iter().map(|open| (open.node.id, open)).collect();
        let inside: MixMap<usize, &Open<'_>> =
            stack.iter().map(|open| (open.node.parent.addr(), open)).collect();
        let mut plain: Vec<snapshot::Node> = Vec::with_capacity(nodes.len());
        let mut at: MixMap<PathIndex, usize> = MixMap::default(); // callsites can share a path
        for node in nodes {
            let load = |field: &AtomicU64| field.load(Ordering::Relaxed);
            let open = open_at.get(&node.id);
            // Below an open call, at most one is open: in the tree, or kept out of it.
            let truncated_since = match load(&node.truncated_since) {
                0 => now,
                since => since.min(now),
            };
            let so_far = open.map_or(0, |open| {
                let callee = inside.get(&std::ptr::from_ref(node).addr());
                let until = callee.map_or(truncated_since, |callee| callee.since.min(now));
                until.saturating_sub(open.since).saturating_sub(open.callees)
            });
            let (calls, self_time) =
                (load(&node.calls), Ticks(load(&node.self_time)) + Ticks(so_far));
            let truncated_calls = load(&node.truncated_calls);
            let truncated_time =
                Ticks(load(&node.truncated_time)) + Ticks(now.saturating_sub(truncated_since));
            let (path, read) = match self.known[node.id as usize] {
                Place::Nowhere => continue,
                Place::At(path) => (
                    path,
                    snapshot::Node { path, calls, self_time, truncated_calls, truncated_time },
                ),
                Place::Below(path) => {
                    let truncated_calls = calls + truncated_calls;
                    let truncated_time = self_time + truncated_time;
                    let none = snapshot::Node::default();
                    (path, snapshot::Node { path, truncated_calls, truncated_time, ..none })
                }
            };
            if let Some(&&Open { since, .. }) = open {
                scopes.push(OpenScope { thread: self.thread.id(), path, since: Ticks(since) });
            }
            let place = *at.entry(path).or_insert(plain.len());
            match plain.get_mut(place) {
                Some(same) => same.add(&read),
                None => plain.push(read),
            }
        }
        plain
    }

    /// The log, and how many calls it has dropped.
    pub(crate) fn calls(&mut self, paths: &mut PathTable) -> (Vec<Call>, u64) {
        let log = self.thread.log().read();
        self.refresh(paths);
        (log.calls.into_iter().map(|record| self.call(record)).collect(), log.dropped)
    }

    /// Calls of a list of slowest calls.
    pub(crate) fn slowest(
        &mut self,
        paths: &mut PathTable,
        records: impl IntoIterator<Item = Record>,
    ) -> Vec<Call> {
        self.refresh(paths);
        records.into_iter().map(|record| self.call(record)).collect()
    }

    fn call(&self, record: Record) -> Call {
        // SAFETY: records point to nodes of their thread, which `self.thread` keeps alive.
        let node = unsafe { &*record.node };
        let place = if node.is_overflow() { None } else { self.known.get(node.id as usize) };
        // SAFETY: read under `_reading`, so the metadata is alive.
        let owned = unsafe { record.tag.duplicate() };
        Call {
            thread: self.thread.id(),
            function: node.function.as_ref().map_or(0, |function| function.id),
            path: if let Some(&Place::At(path)) = place { Some(path) } else { None },
            start: Ticks(record.start),
            duration: Ticks(record.duration),
            panicked: record.tag.panicked(),
            // SAFETY: duplicated just now.
            metadata: unsafe { owned.into_metadata() },
        }
    }
}

/// An open call of a thread's stack.
#[derive(Clone, Copy)]
struct Open<'a> {
    node: &'a Node,
    since: u64,
    callees: u64, // time of those that completed
}

/// The calls that are open now, as of one moment if the thread lets us: several looks, until two
/// are the same. Otherwise its calls are short, and so is the time by which they are off.
fn stack_of<'a>(nodes: &[&'a Node]) -> Vec<Open<'a>> {
    let load = |field: &AtomicU64| field.load(Ordering::Relaxed);
    let look = || -> Vec<Open<'a>> {
        let open = nodes.iter().filter_map(|&node| {
            let (since, callees) = (load(&node.open_since), load(&node.callees));
            (since != 0).then_some(Open { node, since, callees })
        });
        open.collect()
    };
    let mut stack = look();
    for _ in 0..4 {
        let again = look();
        let id = |open: &Open<'_>| (open.node.id, open.since, open.callees);
        let same = again.iter().map(id).eq(stack.iter().map(id));
        stack = again;
        if same {
            break;
        }
    }
    stack
}

/// By thread: each knows the places of its nodes, which takes a walk through the tree.
type Collectors<'a> = HashMap<*const Thread, ThreadCollector<'a>>;

/// Takes a snapshot of a session, but for the clock's rate and the overhead. `unrecorded` calls are
/// known to its recorder only.
pub(crate) fn collect(session: &Session, unrecorded: u64) -> Snapshot {
    let _reading = session.reading();
    let threads = session.threads();
    let living = threads.living.clone();
    let ended: Vec<Arc<EndedThread>> = threads.ended.iter().cloned().collect();
    let (exited, exited_threads) = (threads.merged.clone(), threads.merged_threads);
    let ended_drops = threads.dropped;
    drop(threads);

    // Before the collectors, which borrow from it.
    let functions: Vec<(Arc<Function>, Parts)> = parts_of(session.functions());
    let mut paths = session.threads().paths.clone();
    let mut late: Vec<Arc<Function>> = Vec::new();

    let now = session.clock.now();
    let mut snapshot = Snapshot {
        exited,
        exited_threads,
        clock: ClockFacts {
            source: session.clock.source(),
            rate: TickRate::NANOSECOND,
            started: Ticks(session.started),
            now: Ticks(now),
        },
        ..Snapshot::default()
    };
    let mut log_calls = ended_drops.log_calls;
    for thread in &ended {
        snapshot.calls.extend_from_slice(&thread.calls);
        snapshot.threads.push(snapshot::Thread {
            id: thread.id,
            name: thread.name.clone(),
            exited: true,
            nodes: thread.nodes.clone(),
        });
    }
    let mut collectors = Collectors::new();
    for thread in &living {
        let collector = collectors
            .entry(Arc::as_ptr(thread))
            .or_insert_with(|| ThreadCollector::new(thread, usize::MAX));
        let nodes = collector.nodes(&mut paths, now, &mut snapshot.open);
        let (calls, dropped) = collector.calls(&mut paths);
        log_calls += dropped;
        snapshot.calls.extend(calls);
        let (id, name) = (thread.id(), thread.name().cloned());
        snapshot.threads.push(snapshot::Thread { id, name, exited: false, nodes });
    }

    let kept = session.limits.slowest_per_function;
    let read =
        |(function, parts)| read_function(function, parts, &mut collectors, &mut paths, kept);
    let mut read: Vec<snapshot::Function> =
        functions.iter().map(|(function, parts)| (&**function, parts)).map(read).collect();

    // The functions that came meanwhile: trees and logs may know them already. From here on no path
    // is added, so that all functions on paths are in the list; what these calls need more is left out.
    let first_look: HashSet<u32> = functions.iter().map(|(function, _)| function.id).collect();
    let new = session.functions().into_iter().filter(|function| !first_look.contains(&function.id));
    for (function, parts) in parts_of(new.collect()) {
        let mut statistics = parts.retired.statistics.clone();
        parts.living.iter().for_each(|living| statistics.merge(&living.shard.read().statistics));
        let name = Arc::clone(&function.name);
        read.push(snapshot::Function { name, statistics, slowest: Vec::new() });
        late.push(function);
    }
    let ids = functions.iter().map(|(function, _)| function).chain(&late);
    let mut numbered: Vec<(&Arc<Function>, snapshot::Function)> = ids.zip(read).collect();
    numbered.sort_by_key(|(function, _)| function.id);
    let unnamed = numbered.iter().filter(|(function, _)| function.is_other);
    let unnamed_calls = unnamed.map(|(_, read)| read.statistics.count).sum();
    let place: HashMap<u32, u32> =
        numbered.iter().zip(0..).map(|((function, _), at)| (function.id, at)).collect();
    snapshot.functions = numbered.into_iter().map(|(_, read)| read).collect();
    snapshot.paths = paths.into_paths();
    snapshot.dropped = Dropped {
        log_calls,
        truncated_calls: truncated_calls(&snapshot),
        unnamed_calls,
        unrecorded_calls: unrecorded + ended_drops.unrecorded_calls,
    };
    number_functions(&mut snapshot, &place);
    snapshot.calls.sort_by_key(|call| call.start);
    snapshot.threads.sort_by_key(|thread| thread.id);
    snapshot.open.sort_by_key(|scope| scope.thread); // stable: still from the outermost inwards
    snapshot
}

fn parts_of(functions: Vec<Arc<Function>>) -> Vec<(Arc<Function>, Parts)> {
    functions
        .into_iter()
        .map(|function| {
            let parts = function.parts();
            (function, parts)
        })
        .collect()
}

fn read_function<'a>(
    function: &Function,
    parts: &'a Parts,
    collectors: &mut Collectors<'a>,
    paths: &mut PathTable,
    slowest_kept: usize,
) -> snapshot::Function {
    let mut statistics = parts.retired.statistics.clone();
    let mut records: Vec<(Record, &Arc<Thread>)> = Vec::new();
    for LivingCalls { thread, shard } in &parts.living {
        // The collector first: it keeps alive what the shard's records point to.
        collectors
            .entry(Arc::as_ptr(thread))
            .or_insert_with(|| ThreadCollector::new(thread, usize::MAX));
        let ShardCopy { statistics: counted, slowest } = shard.read();
        statistics.merge(&counted);
        records.extend(slowest.into_iter().map(|record| (record, thread)));
    }
    // Only those that stay are worth being turned into calls.
    if records.len() > slowest_kept {
        records.select_nth_unstable_by_key(slowest_kept, |(record, _)| Reverse(record.duration));
        records.truncate(slowest_kept);
    }
    let mut slowest = parts.retired.slowest.clone();
    for (record, thread) in records {
        if let Some(collector) = collectors.get_mut(&Arc::as_ptr(thread)) {
            slowest.extend(collector.slowest(paths, [record]));
        }
    }
    slowest.sort_by_key(|call| Reverse(call.duration));
    slowest.truncate(slowest_kept);
    snapshot::Function { name: Arc::clone(&function.name), statistics, slowest }
}

fn truncated_calls(snapshot: &Snapshot) -> u64 {
    let nodes = snapshot.threads.iter().flat_map(|thread| &thread.nodes).chain(&snapshot.exited);
    nodes.map(|node| node.truncated_calls).sum()
}

/// Replaces the ids of functions by their places in the list, which has no gaps.
fn number_functions(snapshot: &mut Snapshot, place: &HashMap<u32, u32>) {
    // Every id is there: a function is registered before a tree or a log knows it.
    let number = |id: &mut u32| *id = place.get(id).copied().unwrap_or_default();
    snapshot.paths.iter_mut().for_each(|path| number(&mut path.function));
    let slowest = snapshot.functions.iter_mut().flat_map(|function| &mut function.slowest);
    slowest.chain(&mut snapshot.calls).for_each(|call| number(&mut call.function));
}
