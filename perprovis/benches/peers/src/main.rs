//! Measures the cost of one recorded call, in perprovis and in its peers.
//!
//! The process that the user starts only asks and prints: every sample is taken by a child process of its own
//! (`--worker PEER WORKLOAD BATCHES`), because most peers install process-wide state.

mod clock;
mod contest;
mod machine;
mod peers;
mod table;
mod worker;
mod workload;

use std::process::ExitCode;

use clock::Clock;
use contest::{Contest, Rules};
use peers::{PEERS, Peer};
use workload::Workload;

const USAGE: &str =
    "usage: perprovis-peers [--calling-threads] [--markdown] [--rounds N] [PEER ...]";
const DEFAULT_ROUNDS: usize = 5;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["--worker", peer, workload, batches] => work(peer, workload, batches),
        _ => compare(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The child: takes one sample and prints it as one line.
fn work(peer: &str, workload: &str, batches: &str) -> Result<(), String> {
    let peer = Peer::named(peer)?;
    let workload = Workload::named(workload)?;
    let batches = batches.parse().map_err(|error| format!("batches `{batches}`: {error}"))?;
    println!("{}", (peer.run)(workload, batches));
    Ok(())
}

/// The parent: takes all samples and prints the table.
fn compare(arguments: &[&str]) -> Result<(), String> {
    let mut render: fn(&Contest) -> String = table::text;
    let mut clock = Clock::default();
    let mut rounds = DEFAULT_ROUNDS;
    let mut chosen = Vec::new();
    let mut rest = arguments.iter();
    while let Some(&argument) = rest.next() {
        match argument {
            "--calling-threads" => clock = Clock::CallingThreads,
            "--markdown" => render = table::markdown,
            "--rounds" => {
                let count = rest.next().ok_or(USAGE)?;
                rounds = count.parse().map_err(|error| format!("rounds `{count}`: {error}"))?;
            }
            _ if argument.starts_with('-') => return Err(USAGE.into()),
            _ => chosen.push(Peer::named(argument)?.key),
        }
    }
    // The floor is what everything is compared with, so it always takes part.
    let takes_part =
        |peer: &&Peer| chosen.is_empty() || peer.key == "floor" || chosen.contains(&peer.key);
    let peers = PEERS.iter().filter(takes_part).collect();
    print!("{}", render(&Contest::hold(Rules { peers, rounds, clock })?));
    Ok(())
}
