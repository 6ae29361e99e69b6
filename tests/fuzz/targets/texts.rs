//! Any texts as names and metadata: every view can be shown, every file written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perprovis_tests::views::{report_of, show};

fuzz_target!(|text: &str| {
    let texts: Vec<&str> = text.splitn(5, '\u{1}').collect();
    show(&report_of(&texts));
});
