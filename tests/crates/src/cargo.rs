//! Runs cargo on a folder, for a limited time.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// The longest a single command may take: a test that waits for itself must not stop the program. The
/// slowest known, a first build with all dependencies, takes two minutes on two cores.
const TIME_LIMIT: Duration = Duration::from_secs(20 * 60);

/// How cargo is called for one folder.
pub(crate) struct Cargo<'a> {
    folder: &'a Path,
    target: &'a Path,
    variables: Vec<(&'static str, &'a OsStr)>,
}

/// What a command printed to both of its outputs, in that order.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) success: bool,
    pub(crate) text: String,
}

impl<'a> Cargo<'a> {
    pub(crate) fn new(folder: &'a Path, target: &'a Path) -> Cargo<'a> {
        Cargo { folder, target, variables: Vec::new() }
    }

    /// Sets an environment variable.
    pub(crate) fn with(
        mut self,
        name: &'static str,
        value: &'a (impl AsRef<OsStr> + ?Sized),
    ) -> Cargo<'a> {
        self.variables.push((name, value.as_ref()));
        self
    }

    /// Runs to the end, also of a failure: that is for the caller to judge.
    ///
    /// # Errors
    ///
    /// If cargo does not start, or is not done within the time limit.
    pub(crate) fn run(&self, arguments: &[impl AsRef<str>]) -> Result<Output> {
        let (mut reader, writer) = std::io::pipe()?;
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        command
            .args(arguments.iter().map(AsRef::as_ref))
            .current_dir(self.folder)
            .env("CARGO_TARGET_DIR", self.target)
            .env("CARGO_TERM_COLOR", "never")
            // Nothing is built twice, and the disk is small.
            .env("CARGO_INCREMENTAL", "0")
            .envs(self.variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        own_group(&mut command);
        let mut child = command.spawn().context("starts cargo")?;
        drop(command); // with its ends of the pipe, or there would be no end of file

        // It is done when it and all it started have closed their ends.
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // The receiver is gone if the time was up.
            let _ = sender.send(reader.read_to_end(&mut bytes).map(|_| bytes));
        });
        let Ok(bytes) = receiver.recv_timeout(TIME_LIMIT) else {
            kill(&mut child);
            child.wait()?;
            let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
            let (arguments, folder) = (arguments.join(" "), self.folder.display());
            bail!("cargo {arguments} in {folder}: not done after {} s", TIME_LIMIT.as_secs());
        };
        let (bytes, status) = (bytes?, child.wait()?);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Output { success: status.success(), text })
    }
}

impl Output {
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }
}

/// Cargo and all it starts become one group, so that the test that hangs can be ended with it.
#[cfg(unix)]
fn own_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(unix)]
fn kill(child: &mut Child) {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;
    if let Ok(id) = i32::try_from(child.id()) {
        // It may just have ended by itself.
        let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
    }
}

#[cfg(not(unix))]
fn own_group(_: &mut Command) {}

#[cfg(not(unix))]
fn kill(child: &mut Child) {
    let _ = child.kill();
}
