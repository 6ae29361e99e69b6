//! One trace event.

use perprovis_core::units::Ticks;
use serde::Serialize;
use serde::ser::Serializer;

use crate::export::lanes;
use crate::report::Report;

use super::args::Args;

/// The only process.
pub(super) const PROCESS: u64 = 1;

/// An event of any phase.
#[derive(Clone, Copy, Default, Serialize)]
pub(super) struct Event<'e> {
    pub(super) ph: &'static str,
    pub(super) name: &'e str,
    pub(super) cat: &'static str,
    pub(super) pid: u64,
    pub(super) tid: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id2: Option<Id>,
    pub(super) ts: Micros,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dur: Option<Micros>,
    /// What an instant belongs to: `p` for the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) s: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cname: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) args: Option<Args<'e>>,
}

/// What an async event and its end have in common. Local: Perfetto shows it with its process, and not
/// with the events of the whole system.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Id {
    pub(super) local: u64,
}

/// A moment or a duration, kept in nanoseconds and written in microseconds.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Micros {
    nanos: u64, // at most `i64::MAX`
}

impl Micros {
    pub(super) fn at(report: &Report, moment: Ticks) -> Micros {
        let nanos = lanes::nanos(report.clock.rate, moment);
        Micros { nanos: u64::try_from(nanos).unwrap_or(u64::MAX).min(i64::MAX as u64) }
    }

    /// A nanosecond later.
    pub(super) fn next(self) -> Micros {
        Micros { nanos: self.nanos.saturating_add(1).min(i64::MAX as u64) }
    }

    pub(super) fn since(self, earlier: Micros) -> Micros {
        Micros { nanos: self.nanos.saturating_sub(earlier.nanos) }
    }
}

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The nearest double prints as the decimal it came from, up to 101 days.
        serializer.serialize_f64(self.nanos as f64 / 1e3)
    }
}

/// An event that says what to call something, or where to place it.
#[derive(Serialize)]
pub(super) struct Name<A> {
    ph: &'static str,
    name: &'static str,
    pid: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tid: Option<u64>,
    args: A,
}

#[derive(Serialize)]
pub(super) struct Called<'n> {
    name: &'n str,
}

#[derive(Serialize)]
pub(super) struct Placed {
    sort_index: usize,
}

impl<'n> Name<Called<'n>> {
    pub(super) fn of_process(name: &'n str) -> Name<Called<'n>> {
        Name { ph: "M", name: "process_name", pid: PROCESS, tid: None, args: Called { name } }
    }

    pub(super) fn of_thread(tid: u64, name: &'n str) -> Name<Called<'n>> {
        Name { ph: "M", name: "thread_name", pid: PROCESS, tid: Some(tid), args: Called { name } }
    }
}

impl Name<Placed> {
    pub(super) fn place_of_thread(tid: u64, sort_index: usize) -> Name<Placed> {
        let args = Placed { sort_index };
        Name { ph: "M", name: "thread_sort_index", pid: PROCESS, tid: Some(tid), args }
    }
}
