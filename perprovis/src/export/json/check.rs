//! Whether a snapshot from a file agrees with itself, so that nothing behind it needs to ask.

use std::collections::HashSet;

use perprovis_core::Limits;
use perprovis_core::snapshot::{Call, Function, Path, Snapshot};

use crate::Error;

use super::read::{invalid, shown};

/// Names on the stacks of calls, all together, that a file may ask for beside 512 per path: a
/// chain of paths, each with a call, would otherwise take the square of the file's length.
const MAX_STACKED_NAMES: usize = 1 << 24; // 256 MiB
/// Bytes that the stacks of all paths, or of all calls, may take as text beside [`PATH_BYTES`] and
/// [`CALL_BYTES`] for each: some formats write them out, and a long name at the foot of many paths would
/// otherwise stand in the file once and there in all.
const MAX_BYTES: u64 = 1 << 28;
/// As many as 1,024 names of 64 bytes: deeper than the default limit goes.
const PATH_BYTES: u64 = 1 << 16;
/// As many as the deepest stack with names of 256 bytes. What is made of calls is never held in memory.
const CALL_BYTES: u64 = 1 << 19;

/// Finds the first contradiction outside of the logged calls. What it gives checks these.
pub(super) fn head(snapshot: &Snapshot) -> Result<Calls, Error> {
    overhead(snapshot)?;
    let mut names = HashSet::new();
    for (index, function) in snapshot.functions.iter().enumerate() {
        if !names.insert(&function.name) {
            let problem = format!("a second function `{}`", shown(&function.name));
            return Err(invalid(format!("functions[{index}].name"), problem));
        }
        statistics(index, function)?;
    }
    paths(&snapshot.paths, snapshot.functions.len())?;
    let nodes = |at: &str, nodes: &[perprovis_core::snapshot::Node]| {
        let lost = nodes.iter().position(|node| node.path as usize >= snapshot.paths.len());
        lost.map_or(Ok(()), |index| {
            Err(invalid(format!("{at}.nodes[{index}]"), "there is no such path"))
        })
    };
    let mut ids = HashSet::new();
    for (index, thread) in snapshot.threads.iter().enumerate() {
        if !ids.insert(thread.id) {
            let problem = format!("a second thread {}", thread.id);
            return Err(invalid(format!("threads[{index}].id"), problem));
        }
        nodes(&format!("threads[{index}]"), &thread.nodes)?;
    }
    nodes("exited", &snapshot.exited)?;
    for (index, scope) in snapshot.open.iter().enumerate() {
        if scope.path as usize >= snapshot.paths.len() {
            return Err(invalid(format!("open[{index}]"), "there is no such path"));
        }
    }
    let mut calls = Calls::new(snapshot);
    for (index, function) in snapshot.functions.iter().enumerate() {
        for (at, call) in function.slowest.iter().enumerate() {
            let at = || format!("functions[{index}].slowest[{at}]");
            if call.function as usize != index {
                return Err(invalid(at(), "it is a call of another function"));
            }
            calls.call(call, at)?;
        }
    }
    let falls = snapshot.sources.windows(2).position(|two| two[0].last_thread > two[1].last_thread);
    if let Some(index) = falls {
        let problem = "it is below that of the source before";
        return Err(invalid(format!("sources[{}].last_thread", index + 1), problem));
    }
    snapshot.open.iter().try_for_each(|scope| calls.stack(scope.path))?;
    texts(snapshot, &calls)?;
    Ok(calls)
}

fn overhead(snapshot: &Snapshot) -> Result<(), Error> {
    let overhead = &snapshot.overhead;
    for (field, nanos) in
        [("inside_nanos", overhead.inside_nanos), ("outside_nanos", overhead.outside_nanos)]
    {
        if !(0.0..=1e12).contains(&nanos) {
            let problem = "expected a number in 0..=1e12";
            return Err(invalid(format!("overhead.{field}"), problem));
        }
    }
    Ok(())
}

fn statistics(index: usize, function: &Function) -> Result<(), Error> {
    let statistics = &function.statistics;
    let at =
        |field: &str, problem: String| Err(invalid(format!("functions[{index}].{field}"), problem));
    let (count, min, max) = (statistics.count, statistics.min.0, statistics.max.0);
    let in_histogram = statistics.histogram.count();
    if in_histogram != count {
        return at("histogram", format!("it holds {in_histogram} calls, `count` says {count}"));
    }
    if statistics.panicked > count {
        return at("panicked", format!("{} of {count} calls", statistics.panicked));
    }
    if min > max {
        return at("min", format!("{min} is above `max`, {max}"));
    }
    if count == 0 && max > 0 {
        return at("max", "there is no call that could have taken that long".to_owned());
    }
    let of_all = |each: u64| u128::from(each) * u128::from(count);
    let sum = u128::from(statistics.sum.0);
    let is_saturated = statistics.sum.0 == u64::MAX;
    if !is_saturated && !(of_all(min)..=of_all(max)).contains(&sum) {
        return at("sum", format!("{sum} / {count} is not between `min` and `max`"));
    }
    if statistics.total > statistics.sum {
        return at("total", "it is above `sum`".to_owned());
    }
    Ok(())
}

fn paths(paths: &[Path], functions: usize) -> Result<(), Error> {
    let mut seen = HashSet::with_capacity(paths.len());
    let mut depths: Vec<u32> = Vec::with_capacity(paths.len());
    for (index, path) in paths.iter().enumerate() {
        let above = path.parent.and_then(|parent| depths.get(parent as usize));
        depths.push(above.copied().unwrap_or(0) + 1);
        let problem = if path.parent.is_some_and(|parent| parent as usize >= index) {
            "a parent must stand before its children"
        } else if path.function as usize >= functions {
            "there is no such function"
        } else if depths[index] > Limits::MAX_DEPTH {
            "it is too deep: no recorder makes paths of more than 2048 calls"
        } else if !seen.insert(*path) {
            "the same path stands here twice"
        } else {
            continue;
        };
        return Err(invalid(format!("paths[{index}]"), problem));
    }
    Ok(())
}

/// Checks calls one by one, in the same time however many there are.
#[derive(Default)]
pub(super) struct Calls {
    functions: usize,
    paths: Vec<CheckedPath>,
    stacked: usize, // names on the stacks met so far
    met: u64,       // calls with a stack
    bytes: u64,     // of their stacks as text
}

struct CheckedPath {
    function: u32,
    depth: usize,
    bytes: u64, // of its names as text
    is_stacked: bool,
}

impl Calls {
    fn new(snapshot: &Snapshot) -> Calls {
        let mut paths: Vec<CheckedPath> = Vec::with_capacity(snapshot.paths.len());
        for path in &snapshot.paths {
            let above = path.parent.map(|parent| &paths[parent as usize]);
            let function = path.function;
            let name = snapshot.functions[function as usize].name.len() as u64;
            paths.push(CheckedPath {
                function,
                depth: above.map_or(0, |above| above.depth) + 1,
                bytes: above.map_or(0, |above| above.bytes).saturating_add(name + 1),
                is_stacked: false,
            });
        }
        Calls { functions: snapshot.functions.len(), paths, ..Calls::default() }
    }

    /// Checks the call that stands at `at`.
    #[inline]
    pub(super) fn call(&mut self, call: &Call, at: impl FnOnce() -> String) -> Result<(), Error> {
        let problem = if call.function as usize >= self.functions {
            "there is no such function"
        } else if let Some(path) = call.path {
            match self.paths.get(path as usize) {
                None => "there is no such path",
                Some(known) if known.function != call.function => {
                    "its path ends in another function"
                }
                Some(known) => {
                    self.met += 1;
                    self.bytes = self.bytes.saturating_add(known.bytes);
                    if self.bytes > CALL_BYTES.saturating_mul(self.met).saturating_add(MAX_BYTES) {
                        let problem = "the names on their paths are too long for so many";
                        return Err(invalid("calls", problem));
                    }
                    return if known.is_stacked { Ok(()) } else { self.stack(path) };
                }
            }
        } else {
            return Ok(());
        };
        Err(invalid(at(), problem))
    }

    /// Bounds the memory that the stacks of calls and scopes will take.
    #[cold]
    fn stack(&mut self, path: u32) -> Result<(), Error> {
        let limit = MAX_STACKED_NAMES + 512 * self.paths.len();
        let path = &mut self.paths[path as usize];
        if !path.is_stacked {
            path.is_stacked = true;
            self.stacked += path.depth;
        }
        if self.stacked > limit {
            return Err(invalid("paths", "they are too deep to be loaded"));
        }
        Ok(())
    }
}

/// Bounds the text that the stacks of all paths will take.
fn texts(snapshot: &Snapshot, calls: &Calls) -> Result<(), Error> {
    let sum = calls.paths.iter().fold(0, |sum: u64, path| sum.saturating_add(path.bytes));
    if sum > MAX_BYTES + PATH_BYTES * snapshot.paths.len() as u64 {
        return Err(invalid("paths", "their names are too long for so many and so deep ones"));
    }
    Ok(())
}
