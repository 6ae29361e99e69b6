//! tracing with tracing-flame: an attribute per function, two lines of folded stacks written a call.

use std::io::BufWriter;

use tracing_flame::{FlameLayer, FlushGuard};
use tracing_subscriber::prelude::*;

use super::{Recording, sink::ByteCounter};
use crate::workload::workloads;

workloads!(#[tracing::instrument]);

pub(super) struct Session {
    guard: Option<FlushGuard<BufWriter<ByteCounter>>>,
    sink: ByteCounter,
}

impl Recording for Session {
    fn start() -> Session {
        let sink = ByteCounter::of(b'\n');
        let layer = FlameLayer::new(BufWriter::new(sink.clone()));
        let guard = layer.flush_on_drop();
        tracing_subscriber::registry().with(layer).init();
        Session { guard: Some(guard), sink }
    }

    fn settle(&mut self) {
        self.guard = None; // flushes the buffer
    }

    fn recorded(self) -> Option<u64> {
        Some(self.sink.count() / 2)
    }
}
