//! puffin: a scope macro per function, a frame per turn of the main loop, a sink that takes the frames.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use puffin::GlobalProfiler;

use super::Recording;
use crate::workload::workloads;

macro_rules! enter {
    ($name:literal) => {
        puffin::profile_function!();
    };
}

workloads!(enter);

pub(super) struct Session {
    scope_count: Arc<AtomicU64>,
}

impl Recording for Session {
    fn start() -> Session {
        let scope_count = Arc::new(AtomicU64::new(0));
        let sink_count = Arc::clone(&scope_count);
        GlobalProfiler::lock().add_sink(Box::new(move |frame| {
            sink_count.fetch_add(frame.meta().num_scopes as u64, Ordering::Relaxed);
        }));
        puffin::set_scopes_on(true);
        Session { scope_count }
    }

    fn frame(batch: fn()) {
        GlobalProfiler::lock().new_frame();
        batch();
    }

    fn settle(&mut self) {
        GlobalProfiler::lock().new_frame();
    }

    fn recorded(self) -> Option<u64> {
        Some(self.scope_count.load(Ordering::Relaxed))
    }
}
