//! One logged call.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use perprovis_core::metadata::{Metadata, Value};
use perprovis_core::snapshot::{Call, Path};
use perprovis_core::units::{TickRate, Ticks};

use super::paths::Stacks;
use super::{Report, ThreadId};

/// One completed call.
///
/// Names and stacks are shared by all calls of a path, so a call costs 128 bytes and no
/// allocation, however deep its stack.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FunctionCall {
    /// The full name of the function.
    pub name: Arc<str>,
    /// When it began, since the profiler's start.
    pub start_time: Duration,
    /// When it ended, since the profiler's start.
    pub end_time: Duration,
    /// How long it took.
    pub duration: Duration,
    /// The names from the outermost call to this one, which is the last. If a limit kept its
    /// path out of the tree, `[truncated]` stands for its callers.
    pub call_stack: Arc<[Arc<str>]>,
    /// The thread it completed on.
    pub thread_id: ThreadId,
    /// What the program attached to it.
    pub metadata: CallMetadata,
    /// Whether it unwound.
    pub panicked: bool,
    pub(crate) function: u32, // index into the report's functions
    pub(crate) path: Option<u32>,
    pub(crate) start_ticks: Ticks, // since the profiler's start
    pub(crate) duration_ticks: Ticks,
}

impl FunctionCall {
    /// As a snapshot has it, with its function's index and its start as the report counts them.
    pub(crate) fn to_plain(&self) -> Call {
        Call {
            thread: self.thread_id.0,
            function: self.function,
            path: self.path,
            start: self.start_ticks,
            duration: self.duration_ticks,
            panicked: self.panicked,
            metadata: self.metadata.0.clone(),
        }
    }
}

/// The calls in the log, by start. Most reports are never asked for them, so they get their names
/// and stacks when they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallLog {
    plain: Vec<Call>, // see `FunctionCall::to_plain`
    named: OnceLock<Vec<FunctionCall>>,
}

impl CallLog {
    pub(super) fn new(plain: Vec<Call>) -> CallLog {
        CallLog { plain, named: OnceLock::new() }
    }

    pub(crate) fn plain(&self) -> &[Call] {
        &self.plain
    }

    pub(super) fn named(&self, report: &Report) -> &[FunctionCall] {
        self.named.get_or_init(|| {
            let names = report.names();
            let mut converter = CallConverter::new(&report.paths, &names, report.clock.rate);
            self.plain.iter().map(|call| converter.convert(call)).collect()
        })
    }
}

impl PartialEq for CallLog {
    fn eq(&self, other: &CallLog) -> bool {
        self.plain == other.plain
    }
}

/// Gives calls their names and stacks.
pub(super) struct CallConverter<'a> {
    pub(super) stacks: Stacks<'a>,
    names: &'a [Arc<str>],
    rate: TickRate,
}

impl<'a> CallConverter<'a> {
    pub(super) fn new(
        paths: &'a [Path],
        names: &'a [Arc<str>],
        rate: TickRate,
    ) -> CallConverter<'a> {
        CallConverter { stacks: Stacks::new(paths, names), names, rate }
    }

    pub(super) fn convert(&mut self, call: &Call) -> FunctionCall {
        let call_stack = match call.path {
            Some(path) => self.stacks.of_path(path),
            None => self.stacks.of_truncated(call.function),
        };
        FunctionCall {
            name: self.names[call.function as usize].clone(),
            start_time: self.rate.duration(call.start),
            end_time: self.rate.duration(call.start + call.duration),
            duration: self.rate.duration(call.duration),
            call_stack,
            thread_id: ThreadId(call.thread),
            metadata: CallMetadata(call.metadata.clone()),
            panicked: call.panicked,
            function: call.function,
            path: call.path,
            start_ticks: call.start,
            duration_ticks: call.duration,
        }
    }
}

/// The key-value pairs of a call, in the order in which the program gave them.
///
/// Reads as a slice of pairs. Cloning shares the pairs.
#[derive(Clone, Default, PartialEq)]
pub struct CallMetadata(pub(crate) Option<Arc<Metadata>>);

impl CallMetadata {
    /// The value of `key`, the last one if it was given several times.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

impl Deref for CallMetadata {
    type Target = [(Cow<'static, str>, Value)];

    fn deref(&self) -> &Self::Target {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl<'m> IntoIterator for &'m CallMetadata {
    type Item = &'m (Cow<'static, str>, Value);
    type IntoIter = std::slice::Iter<'m, (Cow<'static, str>, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for CallMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(key, value)| (key, value))).finish()
    }
}

/// `key=value` pairs, separated by spaces.
impl fmt::Display for CallMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, value)) in self.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{key}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_as_small_as_its_documentation_says() {
        assert!(size_of::<FunctionCall>() <= 128, "{}", size_of::<FunctionCall>());
    }

    #[test]
    fn metadata_keeps_order_and_the_last_of_a_key_wins() {
        let pairs: Metadata = vec![
            ("user".into(), Value::from(1)),
            ("ok".into(), Value::from(true)),
            ("user".into(), Value::from(2)),
        ];
        let metadata = CallMetadata(Some(Arc::new(pairs)));
        assert_eq!(metadata.to_string(), "user=1 ok=true user=2");
        assert_eq!(metadata.get("user"), Some(&Value::Int(2)));
        assert_eq!(metadata.len(), 3);
        assert!(CallMetadata::default().is_empty());
    }
}
