//! A thread as the file has it: its stacks, what each of them weighs, and its part of the log.

use std::collections::HashMap;

use perprovis_core::snapshot::Node;
use perprovis_core::units::Ticks;

use crate::export::lanes::{Bar, Bars};
use crate::report::{OpenScope, Report, ThreadId};

/// Stands in stacks for what a limit kept out of the tree.
const TRUNCATED: &str = "[truncated]";
/// Stands for the threads that are no longer known apart.
const EXITED: &str = "[exited threads]";

/// The names in stacks, each once: the profiler takes functions of one name for one.
pub(super) struct Labels<'r> {
    pub(super) names: Vec<&'r str>,
    of_function: Vec<u32>,
    truncated: u32,
}

impl<'r> Labels<'r> {
    pub(super) fn new(report: &'r Report) -> Labels<'r> {
        let mut known: HashMap<&str, u32> = HashMap::new();
        let mut names = Vec::new();
        let mut label = |name: &'r str| {
            *known.entry(name).or_insert_with(|| {
                names.push(name);
                names.len() as u32 - 1
            })
        };
        let of_function = report.functions.iter().map(|function| label(&function.name)).collect();
        let truncated = label(TRUNCATED);
        Labels { names, of_function, truncated }
    }
}

/// One stack: a label below another stack. Its index is that of the file's table of stacks.
pub(super) struct Stack {
    pub(super) parent: Option<u32>,
    pub(super) label: u32,
    pub(super) time: Ticks, // its self time: what its samples weigh together
    truncated: Option<u32>, // the stack of what a limit kept out of the tree below this one
    is_truncated: bool,
}

/// A thread.
pub(super) struct Track<'r> {
    pub(super) name: String,
    pub(super) id: Option<ThreadId>,
    pub(super) stacks: Vec<Stack>, // a parent stands before its children
    of_path: HashMap<u32, u32>,
    log: Log<'r>,
    open: Vec<&'r OpenScope>,
}

/// The logged calls of one thread.
#[derive(Clone, Copy)]
struct Log<'r> {
    calls: &'r [u32], // indexes, by start
    bars: &'r Bars<'r>,
}

/// The indexes of the calls in the log by thread, and by start for each.
pub(super) fn by_thread(report: &Report) -> Vec<u32> {
    let log = report.log.plain();
    let mut indexes: Vec<u32> = (0..log.len() as u32).collect();
    indexes.sort_by_key(|&index| log[index as usize].thread);
    indexes
}

/// All threads, at least one.
pub(super) fn tracks<'r>(
    report: &'r Report,
    labels: &Labels<'_>,
    by_thread: &'r [u32],
    bars: &'r Bars<'r>,
) -> Vec<Track<'r>> {
    let known = report.threads.iter().zip(&report.nodes).map(|(info, nodes)| {
        let name = report.thread_name(info.id);
        let thread = |&index: &u32| ThreadId(report.log.plain()[index as usize].thread);
        let from = by_thread.partition_point(|index| thread(index) < info.id);
        let to = by_thread.partition_point(|index| thread(index) <= info.id);
        let log = Log { calls: &by_thread[from..to], bars };
        let open = report.open.iter().filter(|scope| scope.thread_id == info.id).collect();
        Track::new(report, labels, (name, Some(info.id)), nodes, (log, open))
    });
    let mut tracks: Vec<Track<'_>> = known.collect();
    if tracks.is_empty() || !report.exited.is_empty() {
        let name = if report.tree.is_empty() { "main" } else { EXITED }.to_owned();
        let log = Log { calls: &[], bars };
        tracks.push(Track::new(report, labels, (name, None), &report.exited, (log, vec![])));
    }
    tracks
}

impl<'r> Track<'r> {
    fn new(
        report: &'r Report,
        labels: &Labels<'_>,
        (name, id): (String, Option<ThreadId>),
        nodes: &[Node],
        (log, open): (Log<'r>, Vec<&'r OpenScope>),
    ) -> Track<'r> {
        let mut builder = Builder {
            report,
            labels,
            stacks: vec![],
            of_path: HashMap::new(),
            known: HashMap::new(),
        };
        for node in nodes {
            let stack = builder.of_path(node.path);
            builder.stacks[stack as usize].time += node.self_time;
            if node.truncated_calls > 0 || node.truncated_time > Ticks::ZERO {
                let cut = builder.stack(Some(stack), labels.truncated);
                builder.stacks[cut as usize].time += node.truncated_time;
                builder.stacks[cut as usize].is_truncated = true;
                builder.stacks[stack as usize].truncated = Some(cut);
            }
        }
        for scope in &open {
            builder.of_path(scope.path);
        }
        let Builder { stacks, of_path, .. } = builder;
        Track { name, id, stacks, of_path, log, open }
    }

    /// Its logged calls and open scopes, by start.
    pub(super) fn bars(&'r self, report: &'r Report) -> impl Iterator<Item = Bar<'r>> + 'r {
        let Log { calls, bars } = self.log;
        let calls = calls.iter().map(|&index| &report.log.plain()[index as usize]);
        bars.in_order(calls, self.open.iter().copied())
    }

    /// The stack of `bar`, which begins while that of `around` runs. None if the tree has none.
    pub(super) fn stack_of(&self, bar: &Bar<'_>, around: Option<u32>) -> Option<u32> {
        match bar.path {
            Some(path) => self.of_path.get(&path).copied(),
            None => around.and_then(|around| {
                let stack = &self.stacks[around as usize];
                if stack.is_truncated { Some(around) } else { stack.truncated }
            }),
        }
    }
}

struct Builder<'r, 'l> {
    report: &'r Report,
    labels: &'l Labels<'l>,
    stacks: Vec<Stack>,
    of_path: HashMap<u32, u32>,
    known: HashMap<(Option<u32>, u32), u32>, // by parent and label
}

impl Builder<'_, '_> {
    /// The stack of a path, made if need be, together with those above it.
    fn of_path(&mut self, path: u32) -> u32 {
        let mut missing = Vec::new();
        let (mut next, mut stack) = (Some(path), None);
        while let Some(path) = next {
            if let Some(&known) = self.of_path.get(&path) {
                stack = Some(known);
                break;
            }
            missing.push(path);
            next = self.report.paths[path as usize].parent;
        }
        for path in missing.into_iter().rev() {
            let function = self.report.paths[path as usize].function;
            let made = self.stack(stack, self.labels.of_function[function as usize]);
            self.of_path.insert(path, made);
            stack = Some(made);
        }
        stack.unwrap_or_default() // there is one: `path` itself is known or missing
    }

    fn stack(&mut self, parent: Option<u32>, label: u32) -> u32 {
        *self.known.entry((parent, label)).or_insert_with(|| {
            let time = Ticks::ZERO;
            self.stacks.push(Stack { parent, label, time, truncated: None, is_truncated: false });
            self.stacks.len() as u32 - 1
        })
    }
}
