//! Whether a snapshot from a file agrees with itself, so that nothing behind it needs to ask.

use std::collections::HashSet;

use perprovis_core::snapshot::{Call, Function, Path, Snapshot};

use crate::Error;

use super::read::invalid;

/// Names on the stacks of calls, all together, that a file may ask for beside 512 per path: a
/// chain of paths, each with a call, would otherwise take the square of the file's length.
const MAX_STACKED_NAMES: usize = 1 << 24; // 256 MiB

/// Finds the first contradiction.
pub(super) fn snapshot(snapshot: &Snapshot) -> Result<(), Error> {
    overhead(snapshot)?;
    let mut names = HashSet::new();
    for (index, function) in snapshot.functions.iter().enumerate() {
        if !names.insert(&function.name) {
            let problem = format!("a second function {:?}", function.name);
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
    for (index, one) in snapshot.calls.iter().enumerate() {
        call(snapshot, one, None).map_err(|problem| invalid(format!("calls[{index}]"), problem))?;
    }
    for (index, function) in snapshot.functions.iter().enumerate() {
        for (at, one) in function.slowest.iter().enumerate() {
            let at = || format!("functions[{index}].slowest[{at}]");
            call(snapshot, one, Some(index)).map_err(|problem| invalid(at(), problem))?;
        }
    }
    let falls = snapshot.sources.windows(2).position(|two| two[0].last_thread > two[1].last_thread);
    if let Some(index) = falls {
        let problem = "it is below that of the source before";
        return Err(invalid(format!("sources[{}].last_thread", index + 1), problem));
    }
    stacks(snapshot)
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
    for (index, path) in paths.iter().enumerate() {
        let problem = if path.parent.is_some_and(|parent| parent as usize >= index) {
            "a parent must stand before its children"
        } else if path.function as usize >= functions {
            "there is no such function"
        } else if !seen.insert(*path) {
            "the same path stands here twice"
        } else {
            continue;
        };
        return Err(invalid(format!("paths[{index}]"), problem));
    }
    Ok(())
}

fn call(snapshot: &Snapshot, call: &Call, of: Option<usize>) -> Result<(), &'static str> {
    if call.function as usize >= snapshot.functions.len() {
        return Err("there is no such function");
    }
    if of.is_some_and(|function| function != call.function as usize) {
        return Err("it is a call of another function");
    }
    match call.path {
        Some(path) if path as usize >= snapshot.paths.len() => Err("there is no such path"),
        Some(path) if snapshot.paths[path as usize].function != call.function => {
            Err("its path ends in another function")
        }
        _ => Ok(()),
    }
}

/// Bounds the memory that the calls' stacks will take.
fn stacks(snapshot: &Snapshot) -> Result<(), Error> {
    let mut depths: Vec<usize> = Vec::with_capacity(snapshot.paths.len());
    for path in &snapshot.paths {
        let above = path.parent.map_or(0, |parent| depths[parent as usize]);
        depths.push(above + 1);
    }
    let mut used = vec![false; snapshot.paths.len()];
    let slowest = snapshot.functions.iter().flat_map(|function| &function.slowest);
    let calls = snapshot.calls.iter().chain(slowest).filter_map(|call| call.path);
    for path in calls.chain(snapshot.open.iter().map(|scope| scope.path)) {
        used[path as usize] = true;
    }
    let stacked: usize =
        depths.iter().zip(used).filter(|(_, used)| *used).map(|(&depth, _)| depth).sum();
    if stacked > MAX_STACKED_NAMES + 512 * snapshot.paths.len() {
        return Err(invalid("paths", "they are too deep to be loaded"));
    }
    Ok(())
}
