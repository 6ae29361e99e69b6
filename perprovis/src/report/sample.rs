//! Snapshots made by hand, for tests: call by call, with all numbers derived from the calls.

use std::collections::HashMap;
use std::sync::Arc;

use perprovis_core::histogram::Histogram;
use perprovis_core::metadata::{Metadata, Value};
use perprovis_core::snapshot::{
    Call, ClockSource, Dropped, Function, Node, OpenScope, Overhead, Path, Snapshot, Thread,
};
use perprovis_core::statistics::Statistics;
use perprovis_core::units::{TickRate, Ticks};

use super::Report;

/// Slowest calls kept per function.
const SLOWEST: usize = 16;

/// A recording under construction. Times are ticks since the clock's zero.
#[derive(Default)]
pub(crate) struct Sample {
    pub(crate) snapshot: Snapshot,
    inclusive: HashMap<(u64, u32), u64>, // per thread and path
}

impl Sample {
    /// `started` ticks after the clock's zero, with ticks of a nanosecond.
    pub(crate) fn new(started: u64) -> Sample {
        let mut sample = Sample::default();
        sample.snapshot.clock.started = Ticks(started);
        sample.snapshot.clock.now = Ticks(started);
        sample
    }

    pub(crate) fn function(&mut self, name: &str) -> u32 {
        let functions = &mut self.snapshot.functions;
        let found = functions.iter().position(|function| &*function.name == name);
        found.unwrap_or_else(|| {
            functions.push(Function { name: name.into(), ..Function::default() });
            functions.len() - 1
        }) as u32
    }

    pub(crate) fn path(&mut self, names: &[&str]) -> u32 {
        let mut parent = None;
        for name in names {
            let path = Path { parent, function: self.function(name) };
            let paths = &mut self.snapshot.paths;
            let found = paths.iter().position(|known| *known == path);
            parent = Some(found.unwrap_or_else(|| {
                paths.push(path);
                paths.len() - 1
            }) as u32);
        }
        parent.unwrap()
    }

    fn thread(&mut self, id: u64) -> &mut Thread {
        let threads = &mut self.snapshot.threads;
        if !threads.iter().any(|thread| thread.id == id) {
            threads.push(Thread { id, ..Thread::default() });
            threads.sort_by_key(|thread| thread.id);
        }
        threads.iter_mut().find(|thread| thread.id == id).unwrap()
    }

    pub(crate) fn name_thread(&mut self, id: u64, name: &str) {
        self.thread(id).name = Some(name.into());
    }

    fn node(&mut self, thread: u64, path: u32) -> &mut Node {
        let parent = self.snapshot.paths[path as usize].parent;
        if let Some(parent) = parent {
            self.node(thread, parent);
        }
        let nodes = &mut self.thread(thread).nodes;
        let at = nodes.iter().position(|node| node.path == path).unwrap_or_else(|| {
            nodes.push(Node { path, ..Node::default() });
            nodes.len() - 1
        });
        &mut nodes[at]
    }

    /// One completed call; returns its statistics for further changes.
    pub(crate) fn call(
        &mut self,
        thread: u64,
        stack: &[&str],
        start: u64,
        duration: u64,
    ) -> &mut Statistics {
        let path = self.path(stack);
        self.node(thread, path).calls += 1;
        let time = self.inclusive.entry((thread, path)).or_default();
        *time = time.saturating_add(duration);
        let function = self.snapshot.paths[path as usize].function;
        let call = Call {
            thread,
            function,
            path: Some(path),
            start: Ticks(start),
            duration: Ticks(duration),
            panicked: false,
            metadata: None,
        };
        let now = &mut self.snapshot.clock.now;
        *now = (*now).max(call.start + call.duration);
        self.snapshot.calls.push(call.clone());
        let outermost = !stack[..stack.len() - 1].contains(&stack[stack.len() - 1]);
        let entry = &mut self.snapshot.functions[function as usize];
        entry.slowest.push(call);
        let mut histogram = Histogram::default();
        histogram.record(Ticks(duration));
        entry.statistics.merge(&Statistics {
            count: 1,
            sum: Ticks(duration),
            total: Ticks(if outermost { duration } else { 0 }),
            min: Ticks(duration),
            max: Ticks(duration),
            squares: u128::from(duration) * u128::from(duration),
            histogram,
            ..Statistics::default()
        });
        &mut entry.statistics
    }

    /// One completed call of an async function, which is in the tree with what it was busy; returns its
    /// statistics for further changes.
    pub(crate) fn async_call(
        &mut self,
        thread: u64,
        stack: &[&str],
        start: u64,
        duration: u64,
        busy: u64,
    ) -> &mut Statistics {
        self.call(thread, stack, start, duration);
        let path = self.path(stack);
        // What saturated before stays there.
        let time = self.inclusive.entry((thread, path)).or_default();
        *time = time.saturating_sub(duration - busy);
        let function = self.snapshot.paths[path as usize].function as usize;
        let statistics = &mut self.snapshot.functions[function].statistics;
        statistics.polls += 1;
        statistics.busy += Ticks(busy);
        statistics.idle += Ticks(duration - busy);
        statistics
    }

    pub(crate) fn last_call(&mut self) -> &mut Call {
        self.snapshot.calls.last_mut().unwrap()
    }

    pub(crate) fn attach(&mut self, pairs: &[(&'static str, Value)]) {
        let pairs: Metadata =
            pairs.iter().map(|(key, value)| ((*key).into(), value.clone())).collect();
        let metadata = Some(Arc::new(pairs));
        self.last_call().metadata.clone_from(&metadata);
        let function = self.last_call().function as usize;
        self.snapshot.functions[function].slowest.last_mut().unwrap().metadata = metadata;
    }

    /// A scope open since `since`.
    pub(crate) fn open(&mut self, thread: u64, stack: &[&str], since: u64) {
        let path = self.path(stack);
        self.node(thread, path);
        let elapsed = self.snapshot.clock.now.since(Ticks(since)).0;
        let time = self.inclusive.entry((thread, path)).or_default();
        *time = time.saturating_add(elapsed);
        self.snapshot.open.push(OpenScope { thread, path, since: Ticks(since) });
    }

    /// The snapshot, with self times and slowest calls derived.
    pub(crate) fn finish(mut self) -> Snapshot {
        let paths = self.snapshot.paths.clone();
        for thread in &mut self.snapshot.threads {
            for node in &mut thread.nodes {
                let children = self.inclusive.iter().filter(|((id, path), _)| {
                    *id == thread.id && paths[*path as usize].parent == Some(node.path)
                });
                let below = children.fold(0u64, |sum, (_, time)| sum.saturating_add(*time));
                let own = self.inclusive.get(&(thread.id, node.path)).copied().unwrap_or(0);
                let own = own.saturating_sub(node.truncated_time.0);
                node.self_time = Ticks(own.saturating_sub(below));
                let function = paths[node.path as usize].function as usize;
                if node.calls > 0 {
                    self.snapshot.functions[function].statistics.self_time += node.self_time;
                }
            }
        }
        for function in &mut self.snapshot.functions {
            function.slowest.sort_by_key(|call| std::cmp::Reverse(call.duration));
            function.slowest.truncate(SLOWEST);
        }
        self.snapshot.calls.sort_by_key(|call| call.start);
        self.snapshot
    }

    pub(crate) fn report(self) -> Report {
        Report::from_snapshot(self.finish())
    }
}

/// A web service at work: three threads, nesting, recursion, async, a panic, open scopes, drops.
pub(crate) fn service() -> Report {
    let mut sample = Sample::new(1_000_000);
    let at = |ms: f64| 1_000_000 + (ms * 1e6) as u64;
    let ms = |ms: f64| (ms * 1e6) as u64;
    let main = "shop::main";
    sample.name_thread(1, "main");
    sample.name_thread(2, "worker-1");
    let load = [main, "shop::config::load"];
    sample.call(1, &load, at(0.5), ms(12.25));
    sample.call(1, &[main, load[1], "shop::config::parse::<toml::Value>"], at(2.0), ms(9.5));
    for (index, took) in [31.0, 28.0, 44.5, 29.25, 180.0].into_iter().enumerate() {
        let start = 20.0 + index as f64 * 60.0;
        let handle = [main, "shop::Server<_>::handle"];
        sample.call(1, &handle, at(start), ms(took));
        sample.attach(&[
            ("user_id", Value::from(1000 + index as u64)),
            ("action", Value::from("create")),
        ]);
        let query = [main, handle[1], "shop::db::Pool<_>::query"];
        sample.call(1, &query, at(start + 2.0), ms(took * 0.6)).panicked += u64::from(index == 4);
        let render = [main, handle[1], "shop::html::render"];
        sample.call(1, &render, at(start + 2.5 + took * 0.6), ms(took * 0.2));
        for escape in 0..40 {
            let path = [main, handle[1], render[2], "shop::html::escape"];
            sample.call(1, &path, at(start + 3.0 + took * 0.6) + escape * 9_000, 740 + escape * 3);
        }
    }
    for index in 0..60u64 {
        let fetch = ["shop::sync::fetch"];
        let start = 5.0 + index as f64 * 6.0;
        let busy = 400_000 + index * 1000;
        let statistics = sample.async_call(2, &fetch, at(start), ms(5.0), busy);
        statistics.polls += 2;
        statistics.cancelled += u64::from(index % 20 == 0);
        sample.call(3, &["shop::Tree::walk"], at(start), ms(3.0));
        sample.call(3, &["shop::Tree::walk", "shop::Tree::walk"], at(start + 0.5), ms(2.0));
    }
    sample.snapshot.clock.now = Ticks(at(450.0));
    sample.open(1, &[main], at(0.0));
    let snapshot = &mut sample.snapshot;
    snapshot.clock.source = ClockSource::Counter;
    snapshot.overhead = Overhead { inside_nanos: 11.2, outside_nanos: 14.1 };
    snapshot.dropped = Dropped { log_calls: 12_000, ..Dropped::default() };
    sample.report()
}

/// What cannot be larger: saturated numbers, a coarse clock, hostile names.
pub(crate) fn extreme() -> Report {
    let mut sample = Sample::new(0);
    let long = "a::".repeat(100) + "漢字e\u{301}\u{202e}\x1b[31m";
    sample.call(u64::MAX, &[&long, "", "::"], 0, u64::MAX);
    sample.attach(&[
        ("nan", Value::Float(f64::NAN)),
        ("infinite", Value::Float(f64::NEG_INFINITY)),
        ("third", Value::Float(1.0 / 3.0)),
        ("large", Value::Uint(u64::MAX)),
        ("small", Value::Int(i64::MIN)),
        ("text\n", Value::from("\u{202e}\"\\")),
        ("flag", Value::from(false)),
        ("one", Value::Float(1.0)),
        ("flag", Value::from(true)),
    ]);
    sample.name_thread(u64::MAX, "evil\n\x1b[2J");
    sample.open(1, &[&long], 0);
    let snapshot = &mut sample.snapshot;
    snapshot.clock.rate = TickRate::new(1e9 / 3.0).unwrap();
    snapshot.exited_threads = u64::MAX;
    let all = u64::MAX;
    snapshot.dropped =
        Dropped { log_calls: all, truncated_calls: all, unnamed_calls: all, unrecorded_calls: all };
    snapshot.calls[0].path = None;
    let mut snapshot = sample.finish();
    snapshot.functions[2].statistics.squares = u128::MAX;
    Report::from_snapshot(snapshot)
}
