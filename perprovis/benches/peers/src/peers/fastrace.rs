//! fastrace: an attribute per function, a root span per request, a reporter that takes the spans.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use fastrace::{
    collector::{Config, Reporter},
    prelude::{Span, SpanContext, SpanRecord},
};

use super::Recording;
use crate::workload::workloads;

workloads!(#[fastrace::trace]);

/// The name of the root spans, which are not calls of ours.
const ROOT: &str = "request";

struct Counter {
    span_count: Arc<AtomicU64>,
}

impl Reporter for Counter {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        let calls = spans.iter().filter(|span| span.name != ROOT).count();
        self.span_count.fetch_add(calls as u64, Ordering::Relaxed);
    }
}

pub(super) struct Session {
    span_count: Arc<AtomicU64>,
}

impl Recording for Session {
    fn start() -> Session {
        let span_count = Arc::new(AtomicU64::new(0));
        let reporter = Counter { span_count: Arc::clone(&span_count) };
        fastrace::set_reporter(reporter, Config::default());
        Session { span_count }
    }

    fn frame(batch: fn()) {
        let root = Span::root(ROOT, SpanContext::random());
        let _local_parent = root.set_local_parent();
        batch();
    }

    fn settle(&mut self) {
        fastrace::flush();
    }

    fn recorded(self) -> Option<u64> {
        Some(self.span_count.load(Ordering::Relaxed))
    }
}
