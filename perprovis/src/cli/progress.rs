//! How far a long read has got, on standard error: only in a terminal, only after a second.

use std::io::{self, IsTerminal, Read, Write};
use std::time::{Duration, Instant};

/// Nobody wonders before.
const FIRST: Duration = Duration::from_secs(1);
/// Often enough to see it move.
const EVERY: Duration = Duration::from_millis(100);
/// Cells of the bar.
const CELLS: u64 = 24;
/// Columns of the name at most, so that the line fits 80.
const NAME_COLUMNS: usize = 20;

/// Shows how much of `inner` was read, and wipes that away at the end.
pub(super) struct Progress<R> {
    inner: R,
    name: String,
    bytes: u64,
    whole: Option<u64>, // unknown of a pipe
    began: Instant,
    next: Option<Instant>, // when to draw; `None` where nobody looks
    drawn: bool,
}

impl<R: Read> Progress<R> {
    pub(super) fn new(inner: R, name: &str, whole: Option<u64>) -> Progress<R> {
        let began = Instant::now();
        let next = io::stderr().is_terminal().then(|| began + FIRST);
        let letters = name.chars().count();
        let name = match letters {
            ..=NAME_COLUMNS => name.to_owned(),
            _ => format!("…{}", name.chars().skip(letters + 1 - NAME_COLUMNS).collect::<String>()),
        };
        Progress { inner, name, bytes: 0, whole, began, next, drawn: false }
    }

    fn draw(&mut self, now: Instant) {
        self.next = Some(now + EVERY);
        self.drawn = true;
        let line = line(&self.name, self.bytes, self.whole, now - self.began);
        // Progress that cannot be shown is no error.
        let _ = write!(io::stderr(), "\r{line}\x1b[K");
    }
}

impl<R: Read> Read for Progress<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes += count as u64;
        if let Some(next) = self.next {
            let now = Instant::now();
            if now >= next {
                self.draw(now);
            }
        }
        Ok(count)
    }
}

impl<R> Drop for Progress<R> {
    fn drop(&mut self) {
        if self.drawn {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

fn line(name: &str, bytes: u64, whole: Option<u64>, passed: Duration) -> String {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let speed = megabytes(bytes) / passed.as_secs_f64().max(1e-3);
    match whole {
        Some(whole @ 1..) => {
            let full = (bytes.min(whole) * CELLS / whole) as usize;
            let bar = "█".repeat(full) + &"░".repeat(CELLS as usize - full);
            let percent = bytes.min(whole) * 100 / whole;
            format!("{name} {bar} {percent:>3}% of {:.0} MB, {speed:.0} MB/s", megabytes(whole))
        }
        _ => format!("{name} {:.0} MB, {speed:.0} MB/s", megabytes(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_much_of_how_much_and_how_fast() {
        let second = Duration::from_secs(1);
        assert_eq!(
            line("a.json", 250_000_000, Some(1_000_000_000), second),
            "a.json ██████░░░░░░░░░░░░░░░░░░  25% of 1000 MB, 250 MB/s"
        );
        assert_eq!(line("-", 3_000_000, None, second), "- 3 MB, 3 MB/s");
        let grown = line("a.json", 7, Some(5), second);
        assert!(grown.contains("100%"), "a file that grows meanwhile: {grown}");
    }

    #[test]
    fn everything_is_passed_on() {
        let mut text = String::new();
        Progress::new(&b"abc"[..], "x", Some(3)).read_to_string(&mut text).unwrap();
        assert_eq!(text, "abc");
    }
}
