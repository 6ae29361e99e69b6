//! The end by a signal.

use std::io;
use std::sync::Mutex;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// Calls `end` when a signal comes that ends the process, then lets it: so the shell sees by which
/// signal. Once per process.
///
/// `end` runs on a thread that waits for the signals, not in a signal handler, where next to nothing is
/// allowed.
pub(super) fn watch(end: fn()) -> io::Result<()> {
    static WATCHED: Mutex<bool> = Mutex::new(false);
    let mut watched = WATCHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if *watched {
        return Ok(());
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let wait = move || {
        for signal in signals.forever() {
            end();
            let _ignored = emulate_default_handler(signal);
        }
    };
    thread::Builder::new().name("perprovis signals".to_owned()).spawn(wait)?;
    *watched = true;
    Ok(())
}
