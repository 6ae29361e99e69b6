//! hotpath: an attribute per function, and a guard that writes the report when it goes.

use std::{fs, path::PathBuf};

use hotpath::{Format, HotpathGuard, HotpathGuardBuilder};

use super::Recording;
use crate::workload::workloads;

workloads!(#[hotpath::measure]);

/// The name of the whole session in the report, which is not a call of ours.
const CALLER: &str = "session";

pub(super) struct Session {
    guard: Option<HotpathGuard>,
    report: PathBuf,
}

impl Recording for Session {
    fn start() -> Session {
        let file = format!("perprovis-peers-{}.json", std::process::id());
        let report = std::env::temp_dir().join(file);
        let guard = HotpathGuardBuilder::new(CALLER).format(Format::Json).output_path(&report);
        Session { guard: Some(guard.build()), report }
    }

    fn settle(&mut self) {
        // Its worker thread sweeps the queues every 50 ms; there is no other way to wait for the last sweep.
        self.guard = None;
    }

    fn recorded(self) -> Option<u64> {
        let text = fs::read(&self.report).ok()?;
        fs::remove_file(&self.report).ok()?;
        let report: serde_json::Value = serde_json::from_slice(&text).ok()?;
        let functions = report["functions_timing"]["data"].as_array()?;
        let calls = functions
            .iter()
            .filter(|function| function["name"] != CALLER)
            .filter_map(|function| function["calls"].as_u64());
        Some(calls.sum())
    }
}
