//! Any bytes as a program of three threads: counted as its model says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perprovis_tests::{machine, program};

fuzz_target!(|bytes: &[u8]| machine::check(&program::decode(bytes)));
