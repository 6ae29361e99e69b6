//! Takes a snapshot: walks what threads are recording, without stopping any.
//!
//! 1. Under the lock of the threads: which live, and what ended ones left.
//! 2. Per function, under its own lock: who counts its calls, and what ended threads counted. A
//!    thread that ends meanwhile is in one of the two, as a whole.
//! 3. The table of the paths that ended threads refer to. It only grows, so it also serves those
//!    that ended since step 1, whose memory step 1 or 2 keeps alive.
//! 4. With no lock held, thread by thread: the trees and logs of those that were living, then the
//!    shards.
//! 5. The functions that came since step 2.
//! 6. What was read becomes plain data.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use crate::collector::ThreadCollector;
use crate::entry::Record;
use crate::half::ShardCopy;
use crate::hash::MixMap;
use crate::log::LogCopy;
use crate::registry::{EndedThread, Function, LivingCalls, Parts, RetiredCalls, Session};
use crate::shard::Shard;
use crate::snapshot::{self, Call, ClockFacts, ClockFaults, Dropped, Snapshot};
use crate::statistics::Statistics;
use crate::thread::Thread;
use crate::units::{TickRate, Ticks};

/// A living thread while it is read.
struct Reader<'a> {
    thread: &'a Thread,
    collector: ThreadCollector<'a>,
    log: Vec<Record>,
    shards: Vec<(usize, &'a Shard)>, // with the places of their functions
}

impl<'a> Reader<'a> {
    fn new(thread: &'a Thread) -> Reader<'a> {
        let collector = ThreadCollector::new(thread, usize::MAX);
        Reader { thread, collector, log: Vec::new(), shards: Vec::new() }
    }
}

/// A function while its calls are added up, thread after thread.
struct Sum<'a> {
    function: &'a Function,
    statistics: Statistics,
    retired: &'a [Call],
    slowest: Vec<(Record, usize)>, // the slowest first; each with the place of its reader
}

impl<'a> Sum<'a> {
    fn new((function, parts): &'a (Arc<Function>, Parts)) -> Sum<'a> {
        let RetiredCalls { statistics, slowest: retired } = &*parts.retired;
        Sum { function, statistics: statistics.clone(), retired, slowest: Vec::new() }
    }

    /// Adds what one thread counted; keeps so many of the slowest calls.
    fn add(&mut self, copy: &ShardCopy, reader: usize, kept: usize) {
        self.statistics.merge(&copy.statistics);
        for &record in &copy.slowest {
            if self.slowest.len() == kept {
                match self.slowest.last() {
                    Some((least, _)) if least.duration < record.duration => self.slowest.pop(),
                    _ => continue,
                };
            }
            let slower = |(other, _): &(Record, usize)| other.duration >= record.duration;
            let at = self.slowest.partition_point(slower);
            self.slowest.insert(at, (record, reader));
        }
    }

    /// All of it as plain data, with the function's calls by number.
    fn finish(self, readers: &[Reader<'_>], numbers: &Numbers, kept: usize) -> snapshot::Function {
        let call = |(record, reader): (Record, usize)| readers[reader].collector.call(record);
        let calls = self.slowest.into_iter().map(call);
        let calls = self.retired.iter().cloned().chain(calls);
        let mut slowest: Vec<Call> = calls.map(|call| numbers.renumber(call)).collect();
        slowest.sort_by_key(|call| Reverse(call.duration));
        slowest.truncate(kept);
        snapshot::Function {
            name: Arc::clone(&self.function.name),
            statistics: self.statistics,
            slowest,
        }
    }
}

/// The places of functions in a snapshot, whose list has no gaps, by id.
struct Numbers(Vec<u32>);

impl Numbers {
    /// Of these ids, which ascend.
    fn of(ids: impl Iterator<Item = u32>) -> Numbers {
        let mut numbers = Vec::new();
        for (id, at) in ids.zip(0..) {
            numbers.resize(id as usize, 0);
            numbers.push(at);
        }
        Numbers(numbers)
    }

    fn of_id(&self, id: u32) -> u32 {
        // Every id is there: a function is registered before a tree or a log knows it.
        self.0.get(id as usize).copied().unwrap_or_default()
    }

    fn renumber(&self, call: Call) -> Call {
        Call { function: self.of_id(call.function), ..call }
    }
}

/// Takes a snapshot of a session, but for the clock's rate, its disagreement and the overhead. `unrecorded` calls are
/// known to its recorder only.
pub(crate) fn collect(session: &Session, unrecorded: u64) -> Snapshot {
    let _reading = session.reading();
    let threads = session.threads();
    let living = threads.living.clone();
    let ended: Vec<Arc<EndedThread>> = threads.ended.iter().cloned().collect();
    let (exited, exited_threads) = (threads.merged.clone(), threads.merged_threads);
    let ended_drops = threads.dropped;
    drop(threads);

    // Before the readers, which borrow from it.
    let functions = parts_of(session.functions());
    let mut paths = session.threads().paths.clone();

    let now = session.clock.now();
    let mut snapshot = Snapshot {
        exited,
        exited_threads,
        clock: ClockFacts {
            source: session.clock.source(),
            rate: TickRate::NANOSECOND,
            started: Ticks(session.started),
            now: Ticks(now),
            faults: ClockFaults { negative_calls: session.negative_calls(), disagreement: 0.0 },
        },
        session: Some(session.token),
        ..Snapshot::default()
    };
    for thread in &ended {
        snapshot.threads.push(snapshot::Thread {
            id: thread.id,
            name: thread.name.clone(),
            exited: true,
            nodes: thread.nodes.clone(),
        });
    }
    let mut log_calls = ended_drops.log_calls;
    let mut readers = readers_of(&living, &functions);
    for Reader { thread, collector, log, .. } in &mut readers[..living.len()] {
        let nodes = collector.nodes(&mut paths, now, &mut snapshot.open);
        let (id, name) = (thread.id(), thread.name().cloned());
        snapshot.threads.push(snapshot::Thread { id, name, exited: false, nodes });
        let LogCopy { calls, dropped } = thread.log().read();
        *log = calls;
        log_calls += dropped;
    }
    let kept = session.limits.slowest_per_function;
    let mut sums = sums_of(&functions, &readers, kept);
    readers.iter_mut().for_each(|reader| drop(reader.collector.refresh(&mut paths)));

    // The functions that came meanwhile: trees and logs may know them already. From here on no path
    // is added, so that all functions on paths are in the list; what these calls need more is left out.
    let first_look: HashSet<u32> = functions.iter().map(|(function, _)| function.id).collect();
    let new = session.functions().into_iter().filter(|function| !first_look.contains(&function.id));
    let late = parts_of(new.collect());
    for function in &late {
        let mut sum = Sum { retired: &[], ..Sum::new(function) };
        function.1.living.iter().for_each(|living| sum.add(&living.shard.read(), 0, 0));
        sums.push(sum);
    }
    sums.sort_by_key(|sum| sum.function.id);
    let numbers = Numbers::of(sums.iter().map(|sum| sum.function.id));

    let unnamed = sums.iter().filter(|sum| sum.function.is_other);
    snapshot.dropped = Dropped {
        log_calls,
        truncated_calls: truncated_calls(&snapshot),
        unnamed_calls: unnamed.map(|sum| sum.statistics.count).sum(),
        unrecorded_calls: unrecorded + ended_drops.unrecorded_calls,
    };
    snapshot.paths = paths.into_paths();
    snapshot.paths.iter_mut().for_each(|path| path.function = numbers.of_id(path.function));
    snapshot.calls = calls_by_start(&ended, &readers, &numbers);
    let sums = sums.into_iter();
    snapshot.functions = sums.map(|sum| sum.finish(&readers, &numbers, kept)).collect();
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

/// Readers of these threads, and behind them of those that came meanwhile and have shards.
fn readers_of<'a>(
    living: &'a [Arc<Thread>],
    functions: &'a [(Arc<Function>, Parts)],
) -> Vec<Reader<'a>> {
    let mut readers: Vec<Reader<'a>> = living.iter().map(|thread| Reader::new(thread)).collect();
    let mut at: MixMap<*const Thread, usize> = living.iter().map(Arc::as_ptr).zip(0..).collect();
    for (function, (_, parts)) in functions.iter().enumerate() {
        for LivingCalls { thread, shard } in parts.living.iter() {
            let reader = *at.entry(Arc::as_ptr(thread)).or_insert_with(|| {
                readers.push(Reader::new(thread));
                readers.len() - 1
            });
            readers[reader].shards.push((function, shard));
        }
    }
    readers
}

/// Adds up the shards, thread by thread: a thread made its own one after the other, so the processor
/// fetches their memory ahead of time. Function by function takes twice the time.
fn sums_of<'a>(
    functions: &'a [(Arc<Function>, Parts)],
    readers: &[Reader<'_>],
    kept: usize,
) -> Vec<Sum<'a>> {
    let mut sums: Vec<Sum<'a>> = functions.iter().map(Sum::new).collect();
    for (at, reader) in readers.iter().enumerate() {
        for &(function, shard) in &reader.shards {
            sums[function].add(&shard.read(), at, kept);
        }
    }
    sums
}

/// The logs of ended and living threads, by start. What is sorted is small: the calls' places.
fn calls_by_start(
    ended: &[Arc<EndedThread>],
    readers: &[Reader<'_>],
    numbers: &Numbers,
) -> Vec<Call> {
    let of_ended = ended.iter().map(|thread| thread.calls.len());
    let count = of_ended.chain(readers.iter().map(|reader| reader.log.len())).sum();
    let mut order: Vec<(u64, u32, u32)> = Vec::with_capacity(count); // start, thread, call
    for (thread, at) in ended.iter().zip(0..) {
        order.extend(thread.calls.iter().zip(0..).map(|(call, nth)| (call.start.0, at, nth)));
    }
    for (reader, at) in readers.iter().zip(ended.len() as u32..) {
        order.extend(reader.log.iter().zip(0..).map(|(call, nth)| (call.start, at, nth)));
    }
    order.sort_by_key(|&(start, ..)| start);
    let call = |(_, thread, nth): (u64, u32, u32)| {
        let (thread, nth) = (thread as usize, nth as usize);
        match ended.get(thread) {
            Some(ended) => ended.calls[nth].clone(),
            None => {
                let Reader { collector, log, .. } = &readers[thread - ended.len()];
                collector.call(log[nth])
            }
        }
    };
    order.into_iter().map(|place| numbers.renumber(call(place))).collect()
}

fn truncated_calls(snapshot: &Snapshot) -> u64 {
    let nodes = snapshot.threads.iter().flat_map(|thread| &thread.nodes).chain(&snapshot.exited);
    nodes.map(|node| node.truncated_calls).sum()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn functions_are_numbered_without_gaps() {
        let numbers = Numbers::of([1, 2, 5].into_iter());
        assert_eq!([1, 2, 5].map(|id| numbers.of_id(id)), [0, 1, 2]);
        assert_eq!(Numbers::of(std::iter::empty()).of_id(7), 0);
    }
}
