//! All samples of all peers, in rounds, so that a noisy moment of the machine hits everybody alike.

use std::process::Command;

use crate::{clock::Clock, peers::Peer, worker::Sample, workload::Workload};

/// CPU time of the process in a sample. Long against start-up and one report, short enough that what a peer keeps
/// in memory stays far below 2 GB.
const SAMPLE_NS: f64 = 200e6;
/// Calls of the trial that tells how many calls fill a sample.
const TRIAL_CALLS: u64 = 100_000;

/// Who takes part, and how.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) peers: Vec<&'static Peer>,
    pub(crate) rounds: usize,
    pub(crate) clock: Clock,
}

/// The best samples, a row per peer.
#[derive(Debug)]
pub(crate) struct Contest {
    pub(crate) rules: Rules,
    pub(crate) rows: Vec<Row>,
}

/// What is known of one peer, a cell per workload, in the order of `Workload::ALL`.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) peer: &'static Peer,
    pub(crate) cells: Vec<Cell>,
    /// The smallest share of calls recorded in any sample; `None` if the peer cannot be asked.
    pub(crate) recorded_share: Option<f64>,
}

/// One peer in one workload.
#[derive(Debug)]
pub(crate) struct Cell {
    /// Calls that fill a sample.
    calls: u64,
    /// The least of all rounds.
    pub(crate) ns_per_call: f64,
}

impl Contest {
    /// Takes a sample of every peer in every workload in every round and keeps the best.
    pub(crate) fn hold(rules: Rules) -> Result<Contest, String> {
        let rows = rules.peers.iter().map(|peer| Row::trial(peer)).collect::<Result<_, _>>()?;
        let mut contest = Contest { rules, rows };
        for round in 1..=contest.rules.rounds {
            eprint!("\rround {round} of {} ", contest.rules.rounds);
            for (column, workload) in Workload::ALL.into_iter().enumerate() {
                for row in &mut contest.rows {
                    row.play(column, workload, contest.rules.clock)?;
                }
            }
        }
        eprintln!();
        Ok(contest)
    }

    /// The row that ratios refer to.
    pub(crate) fn floor(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.peer.key == "floor")
    }
}

impl Row {
    /// A row of which only the lengths of its samples are known.
    fn trial(peer: &'static Peer) -> Result<Row, String> {
        let trial = |workload| {
            let sample = sample(peer, workload, TRIAL_CALLS)?;
            let calls = (SAMPLE_NS / sample.ns_per_call(Clock::Process)) as u64;
            Ok(Cell { calls, ns_per_call: f64::INFINITY })
        };
        let cells = Workload::ALL.into_iter().map(trial).collect::<Result<_, String>>()?;
        Ok(Row { peer, cells, recorded_share: None })
    }

    fn play(&mut self, column: usize, workload: Workload, clock: Clock) -> Result<(), String> {
        let cell = &mut self.cells[column];
        let sample = sample(self.peer, workload, cell.calls)?;
        cell.ns_per_call = cell.ns_per_call.min(sample.ns_per_call(clock));
        if let Some(share) = sample.recorded_share() {
            self.recorded_share = Some(self.recorded_share.map_or(share, |least| least.min(share)));
        }
        Ok(())
    }
}

/// Has a child process take a sample of about `calls` calls.
fn sample(peer: &Peer, workload: Workload, calls: u64) -> Result<Sample, String> {
    let batches = (calls / workload.calls_per_batch() / workload.thread_count()).max(1);
    let program = std::env::current_exe().map_err(|error| format!("own path: {error}"))?;
    let output = Command::new(program)
        .args(["--worker", peer.key, &workload.to_string(), &batches.to_string()])
        .env("HOTPATH_METRICS_SERVER_OFF", "1") // no open port while measuring
        .output()
        .map_err(|error| format!("{} {workload}: {error}", peer.key))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{} {workload}: {}: {message}", peer.key, output.status));
    }
    String::from_utf8_lossy(&output.stdout).parse()
}
