//! The peers: how each is switched on, how it marks a function, how it is asked what it has recorded.

mod sink;

use std::fmt;

use crate::{machine, worker, worker::Sample, workload::Workload};

/// A peer that is recording, in a process of its own.
pub(crate) trait Recording {
    /// Switches recording on, as the peer's documentation tells applications to.
    fn start() -> Self;

    /// Runs a batch within what the peer expects around a frame, a request, a turn of the main loop.
    fn frame(batch: fn()) {
        batch();
    }

    /// Returns when nothing that was recorded is still waiting to be processed.
    fn settle(&mut self) {}

    /// The number of calls that were recorded; `None` if the peer cannot be asked.
    fn recorded(self) -> Option<u64>;
}

/// One row of the table.
pub(crate) struct Peer {
    /// Its module, and its name on the command line.
    pub(crate) key: &'static str,
    /// What to call it, if it is not a package.
    title: &'static str,
    /// The packages it consists of.
    packages: &'static [&'static str],
    /// Takes a sample of that many batches.
    pub(crate) run: fn(Workload, u64) -> Sample,
}

impl Peer {
    pub(crate) fn named(key: &str) -> Result<&'static Peer, String> {
        PEERS.iter().find(|peer| peer.key == key).ok_or_else(|| {
            let known: Vec<&str> = PEERS.iter().map(|peer| peer.key).collect();
            format!("no peer `{key}`; there are {}", known.join(", "))
        })
    }

    /// The name in the table, with the versions that were built.
    pub(crate) fn name(&self) -> String {
        if self.packages.is_empty() {
            return self.title.to_owned();
        }
        let versioned = self.packages.iter().map(|package| {
            format!("{package} {}", machine::locked_version(package).unwrap_or("(unknown version)"))
        });
        versioned.collect::<Vec<_>>().join(" + ")
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key)
    }
}

/// Declares the modules, and `PEERS` with an entry for each.
macro_rules! peers {
    ($($module:ident $title:literal $packages:tt)*) => {
        $(mod $module;)*

        /// Everybody who takes part.
        pub(crate) const PEERS: &[Peer] = &[$(Peer {
            key: stringify!($module),
            title: $title,
            packages: &$packages,
            run: |workload, batches| {
                worker::run::<$module::Session>($module::batch(workload), workload, batches)
            },
        }),*];
    };
}

peers! {
    bare "no instrumentation" []
    floor "floor: two clock reads, one add" []
    perprovis "" ["perprovis"]
    hotpath "" ["hotpath"]
    puffin "" ["puffin"]
    fastrace "" ["fastrace"]
    tracy "" ["tracy-client"]
    tracing_chrome "" ["tracing", "tracing-chrome"]
    tracing_flame "" ["tracing", "tracing-flame"]
    naive "naive: `Instant`, `Mutex<HashMap<_, Vec<_>>>`" []
}
