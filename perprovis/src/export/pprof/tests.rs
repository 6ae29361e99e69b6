//! Read back by decoding the whole message at once.

use std::io::Read;

use flate2::read::GzDecoder;
use perprovis_core::snapshot::Node;
use perprovis_core::units::Ticks;
use proptest::prelude::*;

use super::*;
use crate::Format;
use crate::report::sample::{Sample as Recording, extreme, service};
use crate::report::tests::any_report;

fn bytes(report: &Report) -> Vec<u8> {
    let mut bytes = Vec::new();
    report.write(Format::Pprof, &mut bytes).unwrap();
    bytes
}

fn decoded(report: &Report) -> Profile {
    let mut message = Vec::new();
    GzDecoder::new(&*bytes(report)).read_to_end(&mut message).unwrap();
    Profile::decode(&*message).unwrap()
}

/// What `pprof -raw` shows, in short.
fn text(profile: &Profile) -> String {
    let string = |at: i64| profile.string_table[at as usize].as_str();
    let mut lines = vec![format!(
        "types {:?}, default {}, duration {} ns",
        profile
            .sample_type
            .iter()
            .map(|value| format!("{}/{}", string(value.r#type), string(value.unit)))
            .collect::<Vec<_>>(),
        string(profile.default_sample_type),
        profile.duration_nanos,
    )];
    lines.extend(profile.comment.iter().map(|&at| format!("comment {}", string(at))));
    for sample in &profile.sample {
        let labels = sample.label.iter().map(|label| match label.str {
            0 => format!("{}={}", string(label.key), label.num),
            text => format!("{}={}", string(label.key), string(text)),
        });
        let labels = labels.collect::<Vec<_>>().join(" ");
        let stack = stack(profile, sample).join(" < ");
        lines.push(format!("{:?} {stack} [{labels}]", sample.value));
    }
    lines.join("\n")
}

/// The names of a sample's functions, the innermost first.
fn stack<'p>(profile: &'p Profile, sample: &Sample) -> Vec<&'p str> {
    let name = |id: &u64| {
        let location = profile.location.iter().find(|location| location.id == *id).unwrap();
        let id = location.line[0].function_id;
        let function = profile.function.iter().find(|function| function.id == id).unwrap();
        profile.string_table[function.name as usize].as_str()
    };
    sample.location_id.iter().map(name).collect()
}

fn total(profile: &Profile, value: usize) -> i64 {
    profile.sample.iter().map(|sample| sample.value[value]).sum()
}

/// What every file must hold.
fn check(report: &Report) -> Profile {
    let profile = decoded(report);
    assert_eq!(total(&profile, 1), whole_nanos(report.clock.rate, report.tree.whole()));
    assert!(profile.sample.iter().flat_map(|sample| &sample.value).all(|&value| value >= 0));
    let calls = report.all_nodes().fold(0u64, |sum, node| {
        sum.saturating_add(node.calls).saturating_add(node.truncated_calls)
    });
    assert_eq!(total(&profile, 0), i64::try_from(calls).unwrap_or(i64::MAX));
    assert_eq!(profile.string_table[0], "");
    assert_eq!(profile.sample.is_empty(), report.tree.whole() == Ticks::ZERO && calls == 0);
    for sample in &profile.sample {
        assert!(stack(&profile, sample).iter().all(|name| !name.is_empty()));
    }
    profile
}

#[test]
fn one_sample_per_path_and_thread() {
    insta::assert_snapshot!("service", text(&check(&service())));
}

#[test]
fn numbers_and_names_out_of_all_bounds_are_kept_in_them() {
    let profile = check(&extreme());
    assert_eq!(total(&profile, 1), i64::MAX);
    assert_eq!(profile.comment.len(), 3);
    assert!(profile.string_table.iter().any(|name| name == "evil  [2J"));
    check(&extreme().compensated());
}

#[test]
fn an_empty_report_says_so() {
    let profile = check(&Report::default());
    assert_eq!(profile.string_table[profile.comment[0] as usize], "Nothing was recorded");
}

#[test]
fn recursion_repeats_the_location() {
    let mut recording = Recording::new(0);
    recording.call(1, &["f"], 0, 100);
    recording.call(1, &["f", "f"], 10, 80);
    recording.call(1, &["f", "f", "f"], 20, 30);
    let profile = check(&recording.report());
    assert_eq!(profile.sample[2].location_id, [1, 1, 1]);
    let times: Vec<i64> = profile.sample.iter().map(|sample| sample.value[1]).collect();
    assert_eq!(times, [20, 50, 30]);
}

#[test]
fn truncated_and_exited_and_open_are_told_apart() {
    let mut recording = Recording::new(0);
    recording.call(7, &["a", "b"], 0, 40);
    recording.open(7, &["a"], 0);
    let mut snapshot = recording.finish();
    let node = &mut snapshot.threads[0].nodes[1];
    (node.truncated_calls, node.truncated_time) = (3, Ticks(5));
    snapshot.exited = vec![Node { path: 1, calls: 2, self_time: Ticks(9), ..Node::default() }];
    snapshot.exited_threads = 4;
    let profile = check(&Report::from_snapshot(snapshot));
    insta::assert_snapshot!("kinds", text(&profile));
}

#[test]
fn fractions_of_a_nanosecond_add_up() {
    let mut recording = Recording::new(0);
    for thread in 1..=30 {
        recording.call(thread, &["f"], 0, 1);
    }
    recording.snapshot.clock.rate = TickRate::new(0.4).unwrap();
    let profile = check(&recording.report());
    assert_eq!((total(&profile, 0), total(&profile, 1)), (30, 12));
}

#[test]
fn the_header_knows_no_time_and_no_system() {
    assert_eq!(bytes(&service())[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, ANY_SYSTEM]);
    assert_eq!(bytes(&service()), bytes(&service()));
}

/// Takes so many bytes and then fails.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
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

#[test]
fn a_writer_that_fails_anywhere_is_an_error() {
    let report = service();
    let whole = bytes(&report).len();
    for room in (0..whole).step_by(7) {
        assert!(write(&report, &mut Full(room)).is_err(), "{room} of {whole}");
    }
    assert!(write(&report, &mut Full(whole)).is_ok());
}

proptest! {
    #[test]
    fn the_times_of_any_report_add_up(report in any_report()) {
        check(&report);
    }
}
