//! What is left of a snapshot when something was taken out of it.

use perprovis_core::snapshot::{Function, Snapshot, Thread};

/// Leaves out functions, paths and threads of which nothing is left.
pub(super) fn retain_used(snapshot: &mut Snapshot) {
    let Snapshot { functions, paths, threads, exited, calls, open, .. } = snapshot;
    let busy = |thread: &Thread| {
        !thread.nodes.is_empty()
            || open.iter().any(|scope| scope.thread == thread.id)
            || calls.iter().any(|call| call.thread == thread.id)
    };
    threads.retain(busy);

    let mut used = vec![false; paths.len()];
    let nodes = threads.iter().flat_map(|thread| &thread.nodes).chain(&*exited);
    let slowest = functions.iter().flat_map(|function| &function.slowest);
    nodes.for_each(|node| used[node.path as usize] = true);
    open.iter().for_each(|scope| used[scope.path as usize] = true);
    calls.iter().chain(slowest).filter_map(|call| call.path).for_each(|path| {
        used[path as usize] = true;
    });
    // Children stand behind their parents.
    for index in (0..paths.len()).rev().filter(|&index| paths[index].parent.is_some()) {
        if let (true, Some(parent)) = (used[index], paths[index].parent) {
            used[parent as usize] = true;
        }
    }
    let new_path = renumber(&used);

    let is_counted =
        |function: &Function| function.statistics.count > 0 || function.statistics.cancelled > 0;
    let mut called: Vec<bool> = functions.iter().map(is_counted).collect();
    for (path, _) in paths.iter().zip(&used).filter(|(_, used)| **used) {
        called[path.function as usize] = true;
    }
    let new_function = renumber(&called);

    let mut at = 0..;
    functions.retain(|_| called[at.next().unwrap_or_default()]);
    let mut at = 0..;
    paths.retain(|_| used[at.next().unwrap_or_default()]);
    for path in paths {
        path.parent = path.parent.map(|parent| new_path[parent as usize]);
        path.function = new_function[path.function as usize];
    }
    let nodes = threads.iter_mut().flat_map(|thread| &mut thread.nodes).chain(exited);
    nodes.for_each(|node| node.path = new_path[node.path as usize]);
    open.iter_mut().for_each(|scope| scope.path = new_path[scope.path as usize]);
    let slowest = functions.iter_mut().flat_map(|function| &mut function.slowest);
    for call in calls.iter_mut().chain(slowest) {
        call.function = new_function[call.function as usize];
        call.path = call.path.map(|path| new_path[path as usize]);
    }
}

/// The new index of each that is kept.
fn renumber(kept: &[bool]) -> Vec<u32> {
    let mut next = 0;
    let number = |&kept: &bool| {
        let number = next;
        next += u32::from(kept);
        number
    };
    kept.iter().map(number).collect()
}
