//! Instrumentation profiler: `#[profile]` on a function, run, and see exactly where the time goes.
//!
//! ```
//! use perprovis::profile;
//!
//! #[profile]
//! fn work() -> u32 {
//!     (0..1000).sum()
//! }
//!
//! work();
//! # #[cfg(feature = "report")]
//! println!("{}", perprovis::global().report());
//! ```
//!
//! # For applications
//!
//! Depend on perprovis as it is. One line on `main`, [`#[perprovis::main]`](macro@main), prints the report when the program
//! ends, or writes files; arguments and environment variables say what, see `report_on_exit`.
//!
//! [`profile`] goes on functions, [`profile_block!`] round blocks,
//! [`ProfileFuture`] on futures; [`global`] gives the profiler that they record with, and
//! [`Profiler::report`] a [`Report`] with everything recorded: statistics per function, call tree,
//! flame graph, timeline, log of calls.
//!
//! # For libraries
//!
//! Depend with `default-features = false`: then the attribute leaves functions as they are, there is no
//! third-party dependency, and it is the application that switches recording on by depending on
//! perprovis with the feature `enable`.
//!
//! # Features
//!
//! | feature | default | what it does |
//! | --- | --- | --- |
//! | `enable` | yes | records; without it `#[profile]` gives the item back untouched |
//! | `ordered-clock` | no | reads the clock when everything before has been executed: what functions of less than about 200 ns take is right to a nanosecond, instead of up to 25 ns of it being their caller's, and a call costs 12 ns more (x86-64) |
//! | `report` | yes | [`Report`]: statistics, text, CSV; without `enable` it is empty |
//! | `terminal` | yes | colours and the terminal's width where text is printed on one |
//! | `json` | yes | JSON out and in, Chrome trace events, speedscope; brings serde_json |
//! | `svg` | no | flame graphs as SVG, through inferno |
//! | `pprof` | no | files for `go tool pprof`, through prost and flate2 |
//! | `firefox` | no | files for the Firefox Profiler, through fxprof-processed-profile and flate2 |
//! | `html` | no | a page to explore in any browser |
//! | `signals` | no | reports before SIGINT and SIGTERM end the program, through signal-hook |
//! | `all-formats` | no | every [`Format`] |
//! | `cli` | no | the command `perprovis`, over this library |
//! | `cli` | no | the command `perprovis`, nothing for the library |
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod block;
#[cfg(feature = "report")]
mod compare;
#[cfg(feature = "report")]
mod continuous;
mod error;
#[cfg(feature = "report")]
mod export;
#[cfg(feature = "report")]
mod process;
mod profiler;
mod recording;
#[cfg(feature = "report")]
mod render;
#[cfg(feature = "report")]
mod report;
#[cfg(feature = "report")]
mod run;

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private;

#[cfg(feature = "report")]
pub use compare::{Change, Comparison, FunctionComparison, Verdict};
#[cfg(feature = "report")]
pub use continuous::{ContinuousExport, ContinuousExportBuilder, ExportStatus};
pub use error::Error;
#[cfg(feature = "report")]
pub use export::Format;
#[cfg(feature = "json")]
pub use export::LoggedCalls;
pub use perprovis_core::{Filter, FilterError, Limits, ManualClock, metadata::Value};
pub use perprovis_macros::{main, profile};
pub use profiler::{ProfileFuture, Profiler, ProfilerBuilder, global};
pub use recording::{Profiled, Scope, TaggedScope};
#[cfg(feature = "report")]
pub use render::{ColorChoice, HumanCount, HumanTime, TextOptions};
#[cfg(feature = "report")]
pub use report::{
    CallMetadata, CallNode, CallTree, ClockFacts, ClockSource, Dropped, FunctionCall,
    FunctionStats, Hotspot, Merger, OpenScope, Overhead, Report, SortBy, Source, Summary, ThreadId,
    ThreadInfo,
};
#[cfg(feature = "report")]
pub use run::{ReportOnExit, report_on_exit};

/// The README's code compiles.
#[cfg(all(doctest, feature = "json"))]
#[doc = include_str!("../../README.md")]
struct Readme;
