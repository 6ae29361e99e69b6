//! Turns what one thread records into plain data: its tree, its log, its slowest calls.

#![expect(
    unsafe_code,
    reason = "records point to nodes and metadata of a thread that is kept alive"
)]

use crate::entry::Record;
use crate::hash::MixMap;
use crate::paths::PathTable;
use crate::reclaim::Reading;
use crate::snapshot::{self, Call, OpenScope, Path, PathIndex};
use crate::sync::{AtomicU64, Ordering};
use crate::thread::Thread;
use crate::tree::Node;
use crate::units::Ticks;

/// Turns one thread's nodes and records into plain data with paths of a table. Functions go by
/// their ids.
pub(crate) struct ThreadCollector<'a> {
    thread: &'a Thread,
    limit: usize,
    known: Vec<Known>, // by node id
    _reading: Reading<'a>,
}

/// What is known of a node, so that a call of it takes no look at the node's function.
struct Known {
    function: u32,
    place: Place,
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
    pub(crate) fn refresh(&mut self, paths: &mut PathTable) -> Vec<&'a Node> {
        let known = self.known.len() as u32;
        let tree = self.thread.tree();
        let mut fresh: Vec<&Node> = tree.nodes().take_while(|node| node.id >= known).collect();
        fresh.reverse();
        for node in &fresh {
            let function = function_of(node);
            let place = match tree.parent(node) {
                Some(parent) => match self.known[parent.id as usize].place {
                    Place::Nowhere => self.place(paths, None, function),
                    Place::At(parent) => self.place(paths, Some(parent), function),
                    full @ Place::Below(_) => full,
                },
                None => Place::Nowhere,
            };
            self.known.push(Known { function, place });
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
            let (path, read) = match self.known[node.id as usize].place {
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

    /// One of the thread's calls, whose node is known since the last look.
    pub(crate) fn call(&self, record: Record) -> Call {
        // SAFETY: records point to nodes of their thread, which `self.thread` keeps alive.
        let node = unsafe { &*record.node };
        let known = if node.is_overflow() { None } else { self.known.get(node.id as usize) };
        // SAFETY: read under `_reading`, so the metadata is alive.
        let owned = unsafe { record.tag.duplicate() };
        Call {
            thread: self.thread.id(),
            function: known.map_or_else(|| function_of(node), |known| known.function),
            path: match known.map(|known| known.place) {
                Some(Place::At(path)) => Some(path),
                _ => None,
            },
            start: Ticks(record.start),
            duration: Ticks(record.duration),
            panicked: record.tag.panicked(),
            // SAFETY: duplicated just now.
            metadata: unsafe { owned.into_metadata() },
        }
    }
}

/// The id of a node's function; that of the root is never asked for.
fn function_of(node: &Node) -> u32 {
    node.function.as_ref().map_or(0, |function| function.id)
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
