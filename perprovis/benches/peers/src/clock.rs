//! Whose CPU time counts.

use std::fmt;

/// Both are taken in every sample; one of them is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Clock {
    /// Everything a peer costs: all threads of the process, until nothing is queued any more.
    #[default]
    Process,
    /// What the program waits for: the threads that make the calls, while they make them.
    CallingThreads,
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Clock::Process => "CPU time of the process",
            Clock::CallingThreads => "CPU time of the calling threads",
        })
    }
}
