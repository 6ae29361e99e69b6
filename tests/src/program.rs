//! Programs that a test makes up: what three threads do, one step after the other, so that a simple
//! model can say what must come of it. See [`truth`](crate::truth) and [`machine`](crate::machine).

/// Threads that a program has at a time.
pub const THREADS: usize = 3;
/// Futures that a program has at a time.
pub const TASKS: usize = 3;
/// What is called: scopes and futures alike.
pub const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// What one thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which one, below [`THREADS`].
    pub thread: usize,
    /// What it does.
    pub action: Action,
    /// By how much the clock moves before, in nanoseconds: at least one, so that no two calls begin at
    /// the same time.
    pub nanos: u64,
}

/// What is done. Names, guards and tasks go by number; what is not there is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Opens a scope.
    Enter(usize),
    /// Opens a scope with metadata.
    EnterTagged(usize),
    /// Closes the innermost scope.
    Leave,
    /// Closes any scope.
    Close(usize),
    /// Forgets a scope: its guard is never dropped.
    Forget(usize),
    /// Opens two scopes and unwinds through them.
    Unwind(usize, usize),
    /// Goes on with a future, or makes one of this name.
    Poll(usize, usize, Polled),
    /// Drops a future.
    Cancel(usize),
    /// The thread ends, with its guards forgotten, and another begins in its place.
    End,
    /// Clears the profiler.
    Clear,
    /// Switches the profiler off.
    Disable,
    /// Switches the profiler on.
    Enable,
    /// Compares a report.
    Report,
}

/// What a future does when it is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polled {
    /// Is pending.
    Pending,
    /// Calls a function, is pending.
    Calls(usize),
    /// Closes a scope that was open around the poll, is pending.
    ClosesAround,
    /// Is ready.
    Ready,
    /// Unwinds.
    Unwinds,
}

/// The steps that bytes stand for, three a step. Any bytes are a program.
#[must_use]
pub fn decode(bytes: &[u8]) -> Vec<Step> {
    bytes
        .as_chunks::<3>()
        .0
        .iter()
        .map(|&[action, number, nanos]| {
            let (thread, kind) = (usize::from(action) % THREADS, usize::from(action) / THREADS);
            let number = usize::from(number);
            let (name, more) = (number % NAMES.len(), number / NAMES.len());
            let action = match kind % 32 {
                0..=7 => Action::Enter(name),
                8 => Action::EnterTagged(name),
                9..=14 => Action::Leave,
                15 | 16 => Action::Close(number),
                17 => Action::Forget(number),
                18 | 19 => Action::Unwind(name, more % NAMES.len()),
                20..=25 => Action::Poll(
                    more % TASKS,
                    name,
                    match more / TASKS {
                        0..=5 => Polled::Pending,
                        6..=9 => Polled::Calls(more % NAMES.len()),
                        10 | 11 => Polled::ClosesAround,
                        12..=18 => Polled::Ready,
                        _ => Polled::Unwinds,
                    },
                ),
                26 => Action::Cancel(number % TASKS),
                27 => Action::End,
                28 => match number % 4 {
                    0 => Action::Clear,
                    _ => Action::Report,
                },
                29 if number.is_multiple_of(3) => Action::Disable,
                29 | 30 => Action::Enable,
                _ => Action::Report,
            };
            Step { thread, action, nanos: 1 + u64::from(nanos) }
        })
        .collect()
}
