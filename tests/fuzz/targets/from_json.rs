//! Any bytes as a file: an error, or a report that can be shown and comes back as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perprovis::Report;
use perprovis_tests::views::{acted_on, show};

fuzz_target!(|bytes: &[u8]| {
    let Ok(json) = std::str::from_utf8(bytes) else { return };
    match Report::from_json(json) {
        Ok(report) => {
            show(&report);
            let written = report.to_json();
            let back = Report::from_json(&written).map(|report| report.to_json());
            assert_eq!(back.ok(), Some(written));
        }
        Err(error) => assert_eq!(acted_on(&error.to_string()), None),
    }
});
