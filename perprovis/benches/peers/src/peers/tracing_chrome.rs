//! tracing with tracing-chrome: an attribute per function, a thread that writes two JSON objects a call.

use tracing_chrome::{ChromeLayerBuilder, FlushGuard};
use tracing_subscriber::prelude::*;

use super::{Recording, sink::ByteCounter};
use crate::workload::workloads;

workloads!(#[tracing::instrument]);

pub(super) struct Session {
    guard: Option<FlushGuard>,
    sink: ByteCounter,
}

impl Recording for Session {
    fn start() -> Session {
        // A call ends with an object of phase `E`, a letter that nothing else in our trace contains.
        let sink = ByteCounter::of(b'E');
        let (layer, guard) = ChromeLayerBuilder::new().writer(sink.clone()).build();
        tracing_subscriber::registry().with(layer).init();
        Session { guard: Some(guard), sink }
    }

    fn settle(&mut self) {
        self.guard = None; // joins the writer
    }

    fn recorded(self) -> Option<u64> {
        Some(self.sink.count())
    }
}
