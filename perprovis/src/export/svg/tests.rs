use perprovis_core::snapshot::{Function, Node, Path};
use perprovis_core::units::{TickRate, Ticks};
use proptest::prelude::*;

use super::super::folded::tests::{
    Full, any_report, deep, fails_wherever_the_writer_does, hostile, timeless, whole, written,
};
use crate::report::sample::{Sample, extreme, service};
use crate::{Format, Report};

fn svg(report: &Report) -> String {
    written(report, Format::Svg)
}

fn difference(before: &Report, after: &Report) -> String {
    let mut bytes = Vec::new();
    after.write_svg_difference(before, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// What is drawn: title, row, left edge and width in nanoseconds, colour.
fn frames(svg: &str) -> Vec<(&str, u64, u64, u64, &str)> {
    let attribute = |text: &'_ str, name: &str| -> (usize, usize) {
        let from = text.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
        (from, from + text[from..].find('"').unwrap())
    };
    let frame = |part| {
        let (title, rest): (&str, &str) = str::split_once(part, "</title>").unwrap();
        let text = |name| {
            let (from, to) = attribute(rest, name);
            &rest[from..to]
        };
        let number = |name| text(name).parse().unwrap();
        (title, number(" y"), number("fg:x"), number("fg:w"), text("fill"))
    };
    svg.split("<title>").skip(1).map(frame).collect()
}

/// The picture without the script and what else is `inferno`'s, a frame a line.
fn shape(svg: &str) -> String {
    let texts = svg.split("<text ").skip(1).map(|text| text.split("</text>").next().unwrap());
    let texts = texts.filter(|text| text.contains("id=\"")).map(str::to_owned);
    let frames = frames(svg).into_iter().map(|frame| format!("{frame:?}"));
    texts.chain(frames).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_frame_per_path() {
    insta::assert_snapshot!("service", shape(&svg(&service())));
    insta::assert_snapshot!("icicle", shape(&written(&service(), Format::Icicle)));
}

/// The service, with a slower query, a faster walk, and without its configuration.
fn later() -> Report {
    let mut sample = Sample::new(0);
    let query = ["shop::main", "shop::Server<_>::handle", "shop::db::Pool<_>::query"];
    sample.call(1, &query[..1], 0, 500_000_000);
    sample.call(1, &query[..2], 10_000_000, 400_000_000);
    sample.call(1, &query, 20_000_000, 300_000_000);
    sample.call(3, &["shop::Tree::walk"], 0, 40_000_000);
    sample.report()
}

#[test]
fn a_difference_is_red_where_slower_and_blue_where_faster() {
    let svg = difference(&service(), &later());
    insta::assert_snapshot!("difference", shape(&svg));
    let fill = |name: &str| {
        let frames = frames(&svg).into_iter();
        frames.filter(|frame| frame.0.contains(name)).map(|frame| frame.4).next().unwrap()
    };
    assert!(fill("query").starts_with("rgb(255,") && fill("walk").ends_with(",255)"), "{svg}");
    assert!(svg.contains("gone: "), "{svg}");
}

#[test]
fn a_report_does_not_differ_from_itself() {
    for report in [service(), hostile(), deep()] {
        let svg = difference(&report, &report);
        assert!(frames(&svg).iter().all(|frame| frame.4 == "rgb(250,250,250)"));
        assert!(!svg.contains("gone"));
    }
}

#[test]
fn differences_of_centuries_do_not_overflow() {
    for (before, after) in [(extreme(), service()), (service(), extreme()), (extreme(), extreme())]
    {
        assert!(frames(&difference(&before, &after)).len() > 1);
    }
}

#[test]
fn no_time_is_a_picture_that_says_so() {
    for report in [Report::default(), timeless()] {
        for text in [svg(&report), difference(&service(), &report)] {
            assert!(text.contains("Nothing to show") && text.ends_with("</svg>\n"));
        }
    }
    assert!(frames(&difference(&Report::default(), &service())).len() > 1);
}

#[test]
fn the_whole_width_is_the_profiled_time() {
    for report in [service(), extreme(), hostile(), deep()] {
        for format in [Format::Svg, Format::Icicle] {
            let text = written(&report, format);
            let all = frames(&text).into_iter().filter(|frame| frame.0.starts_with("all ("));
            assert_eq!(
                all.map(|frame| (frame.2, frame.3)).collect::<Vec<_>>(),
                [(0, whole(&report))]
            );
        }
    }
}

#[test]
fn of_too_many_frames_the_widest_are_drawn() {
    let mut sample = Sample::new(0);
    sample.call(1, &["a"], 0, 0);
    let mut snapshot = sample.finish();
    for index in 1..=super::MAX_FRAMES as u32 + 500 {
        let name = format!("f{index}").into();
        snapshot.functions.push(Function { name, ..Function::default() });
        snapshot.paths.push(Path { parent: Some(0), function: index });
        let self_time = Ticks(u64::from(index) * 10);
        snapshot.threads[0].nodes.push(Node { path: index, self_time, ..Node::default() });
    }
    let svg = svg(&Report::from_snapshot(snapshot));
    let frames = frames(&svg);
    assert_eq!(frames.len(), super::MAX_FRAMES + 1, "and `all`");
    assert!(frames.iter().all(|frame| frame.3 > 5_000));
}

#[test]
fn hostile_names_are_text() {
    let text = svg(&hostile());
    assert_eq!(text.matches("<script").count(), 1, "inferno's own");
    assert!(text.contains("&lt;script&gt;alert(1)") && !text.contains('\u{202e}'));
    assert!(text.contains("<title>of&lt;[u8; 4]&gt; ("));
    assert!(text.contains("<title>漢字 🦀 (ns, 5%) ("));
    assert_eq!(text.matches("</style>").count(), 1);
}

#[test]
fn a_failing_writer_is_an_error() {
    fails_wherever_the_writer_does(&service(), Format::Svg);
    let (before, after) = (service(), later());
    for bytes in (0..difference(&before, &after).len()).step_by(1_000) {
        assert!(after.write_svg_difference(&before, Full(bytes)).is_err());
    }
    fails_wherever_the_writer_does(&Report::default(), Format::Icicle);
}

#[test]
fn a_difference_goes_to_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("difference.svg");
    later().export_svg_difference(&service(), &path).unwrap();
    assert_eq!(std::fs::read_to_string(path).unwrap(), difference(&service(), &later()));
    assert!(later().export_svg_difference(&service(), directory.path()).is_err());
}

#[test]
fn ticks_of_different_length_compare_as_times() {
    let at_rate = |ticks, rate| {
        let mut sample = Sample::new(0);
        sample.call(1, &["a"], 0, ticks);
        sample.snapshot.clock.rate = TickRate::new(rate).unwrap();
        sample.report()
    };
    let svg = difference(&at_rate(100, 4.0), &at_rate(800, 0.5));
    assert!(frames(&svg).iter().all(|frame| frame.4 == "rgb(250,250,250)"), "{svg}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn frames_of_any_report_lie_within_their_callers_and_are_drawn_once(report in any_report()) {
        let text = svg(&report);
        let frames = frames(&text);
        prop_assume!(whole(&report) > 0);
        let row = |y: u64| frames.iter().filter(move |frame| frame.1 == y);
        for &(title, y, x, width, _) in &frames {
            prop_assert!(width > 0);
            let overlapping = row(y).filter(|other| other.2 < x + width && x < other.2 + other.3);
            prop_assert_eq!(overlapping.count(), 1, "{}", title);
            if !title.starts_with("all (") {
                let below = row(y + super::FRAME_HEIGHT as u64).filter(|caller| caller.2 <= x && x + width <= caller.2 + caller.3);
                prop_assert_eq!(below.count(), 1, "{}", title);
            }
        }
        prop_assert!(frames.len() <= report.call_tree().len() + 1, "a frame is drawn twice");
    }
}
