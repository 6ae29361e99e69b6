//! Every view of a report, and every file, for texts and files made to do harm.

use std::io;

use perprovis::{Format, Profiler, Report, TextOptions};

use crate::on_manual_clock;

/// The first character that a terminal would act on instead of showing it.
#[must_use]
pub fn acted_on(text: &str) -> Option<char> {
    let is_acted_on = |&c: &char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    text.chars().find(is_acted_on)
}

/// Shows a report in every way there is, and writes it in every format of this build.
///
/// # Panics
///
/// If one fails, or a terminal would act on a text.
pub fn show(report: &Report) {
    for width in [20, 100] {
        let texts = [
            report.to_text_with(TextOptions::new().width(width).top(20)),
            report.flame_graph_text(width),
            report.timeline_text(50),
            report.call_tree().to_string(),
        ];
        for text in texts {
            assert_eq!(acted_on(&text), None, "{text:?}");
        }
    }
    for &format in Format::ALL {
        let written = report.write(format, io::sink());
        assert!(written.is_ok(), "{format}: {written:?}");
    }
    assert_eq!(report.compensated().functions().len(), report.functions().len());
    assert!(report.calls().iter().all(|call| call.call_stack.last() == Some(&call.name)));
    assert!(report.open_scopes().iter().all(|scope| scope.call_stack.last() == Some(&scope.name)));
    assert!(report.functions().iter().take(20).all(|stats| {
        report.function(&stats.name).is_some_and(|found| found.name == stats.name)
    }));
}

/// A report with a text in every place that takes one: names of functions and threads, keys and values.
///
/// # Panics
///
/// If a thread cannot be started.
#[must_use]
pub fn report_of(texts: &[&str]) -> Report {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.build();
    let work = |profiler: &Profiler, text: &str| {
        let _outer = profiler.block(text).with("key", text);
        clock.advance_nanos(7);
        profiler.measure("inner", || clock.advance_nanos(3));
        let _again = profiler.block(text);
        clock.advance_nanos(1);
    };
    for text in texts {
        let name = text.replace('\0', " "); // which the name of a thread may not hold
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name(name);
            let ended =
                thread.spawn_scoped(scope, || work(&profiler, text)).map(|thread| thread.join());
            assert!(ended.is_ok_and(|ended| ended.is_ok()));
        });
    }
    let _open = texts.first().map(|text| profiler.block(text));
    let report = profiler.report();
    // A key is fixed in a program, so it comes from a file.
    let key = serde_json::Value::from(texts.concat()).to_string();
    let json = report.to_json().replace("[\"key\",", &format!("[{key},"));
    // A text may look like the place of a key; then the file is none.
    Report::from_json(&json).unwrap_or(report)
}
