//! Table of distinct call paths, so that a path is a number.

use crate::hash::MixMap;
use crate::snapshot::{Path, PathIndex};

/// Paths in the order in which they came; a parent stands before its children.
#[derive(Clone, Debug, Default)]
pub(crate) struct PathTable {
    paths: Vec<Path>,
    index: MixMap<Path, PathIndex>,
}

impl PathTable {
    /// The number of a path, a new one if it is not known.
    pub(crate) fn intern(&mut self, path: Path) -> PathIndex {
        *self.index.entry(path).or_insert_with(|| {
            self.paths.push(path);
            (self.paths.len() - 1) as PathIndex
        })
    }

    /// The number of a path, if it is known.
    pub(crate) fn find(&self, path: Path) -> Option<PathIndex> {
        self.index.get(&path).copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.paths.len()
    }

    pub(crate) fn into_paths(self) -> Vec<Path> {
        self.paths
    }
}
