//! The API with recording off: everything compiles as with recording on, and does nothing.
#![deny(warnings)]
#![forbid(unsafe_code)]

use std::fmt;

use perprovis::{
    Filter, Limits, ManualClock, ProfileFuture, Profiler, TaggedScope, Value, profile, profile_block,
};

static PROFILER: Profiler = Profiler::new();

/// A function, with every argument of the attribute.
#[profile(name = "add", profiler = PROFILER, metadata(left, ?right, %left, sum = left + right))]
#[must_use]
pub fn add(left: u32, right: u32) -> u32 {
    left + right
}

/// An async function.
#[profile]
pub async fn shout<T: fmt::Display>(text: T) -> Result<String, fmt::Error> {
    let text = async { text.to_string() }.profiled("format").await;
    if text.is_empty() {
        return Err(fmt::Error);
    }
    Ok(text.to_uppercase())
}

/// A type with profiled methods.
#[derive(Debug)]
pub struct Engine<T>(pub T);

impl<T: Clone> Engine<T> {
    /// A method.
    #[profile]
    pub fn part(&self) -> T {
        self.0.clone()
    }
}

impl<T> Drop for Engine<T> {
    #[profile]
    fn drop(&mut self) {}
}

/// Every form of `profile_block!`; `?` and `return` leave the function.
///
/// # Errors
///
/// If `text` is no number.
pub fn blocks(text: &str, name: &str) -> Result<i32, std::num::ParseIntError> {
    let number: i32 = profile_block!("parse", { text.parse()? });
    let doubled = profile_block!("double", number, ?text, %name, { number * 2 });
    let _scope = profile_block!(name, key = 1);
    let _other = profile_block!(profiler = PROFILER, "rest");
    if doubled > 100 {
        profile_block!(profiler = PROFILER, "early", { return Ok(100) });
    }
    Ok(doubled)
}

/// A `main` that would report on its exit: as it is, whatever the arguments.
pub mod program {
    /// Unchanged.
    ///
    /// # Errors
    ///
    /// Never.
    #[perprovis::main(report, export = "profile.html", anything(else))]
    pub fn main() -> Result<u32, std::num::ParseIntError> {
        "7".parse()
    }
}

/// The whole of `Profiler` that needs no report.
#[must_use]
pub fn drive() -> u32 {
    let Ok(filter) = "my_app,-my_app::db".parse::<Filter>() else { return 0 };
    let profiler = Profiler::builder()
        .enabled(true)
        .limits(Limits::DEFAULT)
        .calls_per_thread(1)
        .calls_in_all(1)
        .slowest_per_function(1)
        .depth(1)
        .call_paths(1)
        .names(1)
        .exited_threads(1)
        .filter(filter.clone())
        .clock(ManualClock::new())
        .build();
    profiler.enable();
    profiler.disable();
    profiler.clear();
    profiler.set_filter(Some(filter));
    let mut scope: TaggedScope = profiler.block("x").with("key", 1.5);
    scope.set("more", Value::from("text"));
    drop(scope);
    profiler.measure("y", || 7)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use perprovis::{Profiled, Scope};

    use super::*;

    fn output<F: Future>(future: F) -> F::Output {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("pending"),
        }
    }

    #[test]
    fn all_types_have_no_size() {
        assert_eq!(size_of::<Profiler>(), 0);
        assert_eq!(size_of::<Scope>(), 0);
        assert_eq!(size_of::<TaggedScope>(), 0);
        assert_eq!(size_of::<Profiled<u32>>(), 4);
    }

    #[test]
    fn functions_and_blocks_give_their_values() {
        assert_eq!(add(1, 2), 3);
        assert_eq!(Engine(7).part(), 7);
        assert_eq!(blocks("21", "name"), Ok(42));
        assert_eq!(blocks("99", "name"), Ok(100));
        assert!(blocks("x", "name").is_err());
        assert_eq!(output(shout("quiet")), Ok("QUIET".to_owned()));
        assert_eq!(output(shout("")), Err(fmt::Error));
        assert_eq!(drive(), 7);
        assert_eq!(program::main(), Ok(7));
    }

    #[test]
    fn metadata_is_not_evaluated() {
        fn never() -> u32 {
            unreachable!("evaluated")
        }
        let _scope = profile_block!("x", key = never());
    }

    #[test]
    fn a_profiler_is_never_enabled() {
        perprovis::global().enable();
        assert!(!perprovis::global().is_enabled());
        assert!(!PROFILER.is_enabled());
    }

    #[cfg(feature = "report")]
    #[test]
    fn nothing_is_written_at_the_end_nor_meanwhile() {
        let every = std::time::Duration::from_nanos(1);
        let report = perprovis::report_on_exit().report(1).export("x.csv").every(every);
        drop(report.filter("a").calls(1));
        let export = PROFILER.export_every(every, "x.csv").expect("it begins");
        assert_eq!(export.stop().written, 0);
        assert!(!std::path::Path::new("x.csv").exists());
    }

    #[cfg(feature = "report")]
    #[test]
    fn reports_are_empty() {
        let report = PROFILER.report();
        assert!(report.is_empty());
        assert_eq!(report, perprovis::Report::default());
        assert_eq!(PROFILER.summary().total_calls, 0);
        assert!(PROFILER.function_stats("add").is_none());
        assert!(report.to_string().contains("the feature `enable`"), "{report}");
    }
}
