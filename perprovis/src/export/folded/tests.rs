use std::io::{self, Write};

use perprovis_core::units::{TickRate, Ticks};
use proptest::prelude::*;

use crate::report::sample::{Sample, extreme, service};
use crate::{Format, Report};

/// Refuses to take more than so many bytes.
pub(in crate::export) struct Full(pub(in crate::export) usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Wherever the writer fails, the error comes out and nothing panics.
pub(in crate::export) fn fails_wherever_the_writer_does(report: &Report, format: Format) {
    let length = written(report, format).len();
    for bytes in (0..length).step_by((length / 200).max(1)).chain([length - 1]) {
        assert!(report.write(format, Full(bytes)).is_err(), "{bytes} of {length} bytes");
    }
    report.write(format, Full(length)).unwrap();
}

pub(in crate::export) fn written(report: &Report, format: Format) -> String {
    let mut bytes = Vec::new();
    report.write(format, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Names that break formats.
pub(in crate::export) const HOSTILE: [&str; 16] = [
    "<script>alert(1)</script>",
    "</style></svg>]]>&amp;\"'",
    "of<[u8; 4]>",
    "a\nb\r\nc",
    "",
    " ",
    "# comment",
    "step 2",
    "1 2 3",
    "\u{202e}txet",
    "\u{0}\u{1b}[2J\u{7f}\u{fffe}",
    "a|b`c``d\\",
    "=cmd()",
    "x_[k]",
    "-",
    "漢字 🦀 (ns, 5%)",
];

/// Each of them below the one before and as a root.
pub(in crate::export) fn hostile() -> Report {
    let mut sample = Sample::new(0);
    let long = "long::".repeat(2000);
    let names: Vec<&str> = HOSTILE.into_iter().chain([long.as_str()]).collect();
    for (index, name) in names.iter().enumerate() {
        let index = index as u64;
        sample.call(1, &names[..=index as usize], index * 10, 10_000 - index * 100);
        sample.attach(&[("key \"\n", (*name).into()), ("b", f64::NAN.into())]);
        sample.call(2, &[name], index * 2_000, 1_000 + index);
    }
    sample.name_thread(1, "\",\n;");
    sample.report()
}

/// Recursion to the default depth of the tree.
pub(in crate::export) fn deep() -> Report {
    let mut sample = Sample::new(0);
    let stack = ["app::fib"; 512];
    for depth in 1..=512u64 {
        sample.call(1, &stack[..depth as usize], depth, 1_000_000 - depth * 1000);
    }
    sample.report()
}

/// A report with calls and no time.
pub(in crate::export) fn timeless() -> Report {
    let mut sample = Sample::new(0);
    sample.call(1, &["a"], 0, 0);
    sample.call(1, &["a", "b"], 0, 0);
    sample.report()
}

/// Calls in random paths on several threads, with ticks of random length.
pub(in crate::export) fn any_report() -> impl Strategy<Value = Report> {
    const NAMES: [&str; 5] = ["m", "m::a", "m 1", "of<[u8; 4]>", "m!"];
    let call = (1u64..4, prop::collection::vec(0usize..5, 1..6), 0u64..2_000);
    (prop::collection::vec(call, 0..40), 0.1f64..10.0).prop_map(|(calls, nanos_per_tick)| {
        let mut sample = Sample::new(7);
        for (index, (thread, stack, duration)) in calls.into_iter().enumerate() {
            let stack: Vec<&str> = stack.into_iter().map(|name| NAMES[name]).collect();
            sample.call(thread, &stack, index as u64 * 10, duration);
        }
        sample.snapshot.clock.rate = TickRate::new(nanos_per_tick).unwrap();
        sample.report()
    })
}

/// The profiled time in whole nanoseconds.
pub(in crate::export) fn whole(report: &Report) -> u64 {
    report.tree.rate().nanos(report.tree.whole()).round() as u64
}

fn folded(report: &Report) -> String {
    written(report, Format::Folded)
}

/// Stacks and numbers, read from the right as all readers do.
fn lines(text: &str) -> Vec<(&str, u64)> {
    let split = |line: &'_ str| -> Option<(usize, u64)> {
        let (stack, number) = line.rsplit_once(' ')?;
        Some((stack.len(), number.parse().ok()?))
    };
    text.lines()
        .map(|line| split(line).map(|(end, number)| (&line[..end], number)).unwrap())
        .collect()
}

#[test]
fn a_line_per_path() {
    insta::assert_snapshot!("service", folded(&service()));
    insta::assert_snapshot!("hostile", folded(&hostile()).replace(&"long::".repeat(1999), "…"));
    assert_eq!(folded(&Report::default()), "");
}

#[test]
fn the_lines_add_up_to_the_profiled_time() {
    for report in [service(), extreme(), hostile(), deep(), timeless()] {
        let text = folded(&report);
        assert_eq!(lines(&text).iter().map(|(_, nanos)| nanos).sum::<u64>(), whole(&report));
    }
}

#[test]
fn no_frame_looks_like_a_count_and_none_is_empty() {
    let text = folded(&hostile());
    for (stack, _) in lines(&text) {
        assert!(!stack.starts_with('#') && stack.split(';').all(|frame| frame.trim() == frame));
        assert!(stack.split(';').all(|frame| !frame.is_empty()), "{stack}");
        let last = stack.rsplit(' ').next().unwrap();
        assert!(last == stack || !last.chars().all(|digit| digit.is_ascii_digit()), "{stack}");
    }
    assert_eq!(lines(&text).len(), 2 * (HOSTILE.len() + 1) - 1, "both end in the first name");
}

#[test]
fn a_path_without_time_stands_there_only_if_no_other_line_names_it() {
    assert_eq!(folded(&timeless()), "a;b 0\n");
}

#[test]
fn truncated_calls_have_a_line_of_their_own() {
    let mut sample = Sample::new(0);
    sample.call(1, &["a"], 0, 100);
    sample.snapshot.threads[0].nodes[0].truncated_calls = 3;
    sample.snapshot.threads[0].nodes[0].truncated_time = Ticks(40);
    assert_eq!(folded(&sample.report()), "a 60\na;[truncated] 40\n");
}

#[test]
fn open_scopes_have_their_time_so_far() {
    let mut sample = Sample::new(0);
    sample.call(1, &["main", "load"], 5, 30);
    sample.snapshot.clock.now = Ticks(100);
    sample.open(1, &["main"], 0);
    assert_eq!(folded(&sample.report()), "main 70\nmain;load 30\n");
}

#[test]
fn a_failing_writer_is_an_error() {
    fails_wherever_the_writer_does(&service(), Format::Folded);
}

proptest! {
    #[test]
    fn lines_of_any_report_add_up_and_stand_in_the_order_of_the_tree(report in any_report()) {
        let text = folded(&report);
        let lines = lines(&text);
        prop_assert_eq!(lines.iter().map(|(_, nanos)| nanos).sum::<u64>(), whole(&report));
        // The time of each node of the tree is that of the lines that begin with its path.
        for node in report.call_tree().iter() {
            let mut path = vec![super::frame(node.name()).into_owned()];
            path.extend(std::iter::successors(node.parent(), |node| node.parent())
                .map(|node| super::frame(node.name()).into_owned()));
            path.reverse();
            let path = path.join(";");
            let below = format!("{path};");
            let is_within = |stack: &str| stack == path || stack.starts_with(&below);
            let within = lines.iter().filter(|(stack, _)| is_within(stack));
            let sum: u64 = within.map(|(_, nanos)| nanos).sum();
            prop_assert!((sum as f64 - node.total_nanos()).abs() <= 1.0, "{} {}", path, sum);
            let runs = lines.chunk_by(|a, b| is_within(a.0) == is_within(b.0));
            prop_assert!(runs.filter(|run| is_within(run[0].0)).count() <= 1, "{} is split", path);
        }
    }
}
