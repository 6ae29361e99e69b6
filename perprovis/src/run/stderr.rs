//! Standard error, without its lock: the thread that ends the process may hold that.

use std::fs::File;
use std::io::{self, Write};

/// Standard error. What is written to it goes out at once.
fn open() -> Option<File> {
    #[cfg(unix)]
    let own = std::os::fd::AsFd::as_fd(&io::stderr()).try_clone_to_owned();
    #[cfg(windows)]
    let own = std::os::windows::io::AsHandle::as_handle(&io::stderr()).try_clone_to_owned();
    #[cfg(any(unix, windows))]
    return own.ok().map(File::from);
    #[cfg(not(any(unix, windows)))]
    None
}

/// Writes a text. If nobody can read it, that is no reason to disturb the program.
pub(super) fn write(text: &str) {
    let _unread = match open() {
        Some(mut file) => file.write_all(text.as_bytes()),
        None => io::stderr().write_all(text.as_bytes()),
    };
}

/// Says in one line what is wrong.
pub(super) fn complain(problem: impl std::fmt::Display) {
    let line = format!("perprovis: {problem}").replace(['\n', '\r'], " ");
    write(&(line + "\n"));
}
