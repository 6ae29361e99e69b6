//! Takes a snapshot: walks what threads are recording, without stopping any.
//!
//! 1. Under the lock of the threads: which live, and what ended ones left.
//! 2. Per function, under its own lock: who counts its calls, and what ended threads counted. A
//!    thread that ends meanwhile is in one of the two, as a whole.
//! 3. The table of the paths that ended threads refer to. It only grows, so it also serves those
//!    that ended since step 1, whose memory step 1 or 2 keeps alive.
//! 4. With no lock held: the shards, trees and logs of the threads that were living.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::collector::ThreadCollector;
use crate::entry::Record;
use crate::half::ShardCopy;
use crate::paths::PathTable;
use crate::registry::{EndedThread, Function, LivingCalls, Parts, Session};
use crate::snapshot::{self, ClockFacts, Dropped, Snapshot};
use crate::thread::Thread;
use crate::units::{TickRate, Ticks};

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
