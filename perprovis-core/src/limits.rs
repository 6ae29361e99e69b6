//! The limits that bound the profiler's memory. What goes past one is counted.

/// How much is kept at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls kept in the log of a thread; past it the oldest go. 32 bytes each.
    pub calls_per_thread: usize,
    /// Calls kept in the logs of all threads; past it those of exited threads go first, then
    /// threads keep fewer.
    /// Granted by 256: below that, nothing is logged.
    pub calls_in_all: usize,
    /// Slowest calls kept per function. Exact whatever the log dropped.
    pub slowest_per_function: usize,
    /// Scopes nested in each other that a call path holds, at most [`Limits::MAX_DEPTH`]; deeper calls count in full for their
    /// function, and in the tree as `[truncated]` below the last node.
    pub depth: u32,
    /// Distinct call paths per thread, and of all exited threads together; past it as with `depth`.
    /// Outermost calls always have their path.
    pub call_paths: usize,
    /// Distinct names; past it calls are counted under `[other]`.
    pub names: usize,
    /// Exited threads whose tree and log are kept apart; past it the oldest's log goes and its
    /// tree is merged into one.
    pub exited_threads: usize,
}

impl Limits {
    /// The longest call path that can be asked for: reports hold the names along every path.
    pub const MAX_DEPTH: u32 = 2048;

    /// What holds unless asked otherwise.
    pub const DEFAULT: Limits = Limits {
        calls_per_thread: 16_384,
        calls_in_all: 1_048_576,
        slowest_per_function: 16,
        depth: 512,
        call_paths: 65_536,
        names: 65_536,
        exited_threads: 64,
    };

    /// Keeps the latest `calls`, all of them of one thread if the others make none.
    pub fn keep_calls(&mut self, calls: usize) {
        /// What is granted at once, and the least that a log takes.
        const CHUNK: usize = 256;
        self.calls_per_thread = calls;
        // A thread's log has a slot more than it shows: that of the call in the making.
        self.calls_in_all = if calls == 0 { 0 } else { calls.saturating_add(1).max(CHUNK) };
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::DEFAULT
    }
}
