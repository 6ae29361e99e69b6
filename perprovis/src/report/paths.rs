//! The table of call paths, and the stacks of names made from it.

use std::sync::Arc;

use perprovis_core::snapshot::Path;

/// Stands in stacks and trees for calls that a limit kept out of the tree.
pub(crate) const TRUNCATED: &str = "[truncated]";

/// Makes the stack of each path once; all calls of a path share it.
pub(crate) struct Stacks<'p> {
    paths: &'p [Path],
    names: &'p [Arc<str>],
    truncated: Arc<str>,
    whole: Vec<Option<Arc<[Arc<str>]>>>, // by path
    cut: Vec<Option<Arc<[Arc<str>]>>>,   // by function
}

impl<'p> Stacks<'p> {
    pub(crate) fn new(paths: &'p [Path], names: &'p [Arc<str>]) -> Stacks<'p> {
        let (whole, cut) = (vec![None; paths.len()], vec![None; names.len()]);
        Stacks { paths, names, truncated: Arc::from(TRUNCATED), whole, cut }
    }

    /// The names along a path, outermost first.
    pub(crate) fn of_path(&mut self, path: u32) -> Arc<[Arc<str>]> {
        let (paths, names) = (self.paths, self.names);
        let make = || names_along(paths, names, path).into();
        self.whole[path as usize].get_or_insert_with(make).clone()
    }

    /// The mark for what is not known of a truncated call, then its function.
    pub(crate) fn of_truncated(&mut self, function: u32) -> Arc<[Arc<str>]> {
        let (mark, name) = (&self.truncated, &self.names[function as usize]);
        let make = || [mark.clone(), name.clone()].into();
        self.cut[function as usize].get_or_insert_with(make).clone()
    }
}

fn names_along(paths: &[Path], names: &[Arc<str>], path: u32) -> Vec<Arc<str>> {
    let mut stack = Vec::new();
    let mut next = Some(path);
    while let Some(path) = next {
        let path = paths[path as usize];
        stack.push(names[path.function as usize].clone());
        next = path.parent;
    }
    stack.reverse();
    stack
}
