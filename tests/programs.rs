//! Made-up programs against a simple model: scopes closed in any order or never, unwinding, futures that
//! go from thread to thread, threads that end, clears and switches. `tests/fuzz` tries many more.

use perprovis_tests::{machine, program};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_program_of_three_threads_is_counted_as_its_model_says(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        machine::check(&program::decode(&bytes));
    }
}

#[test]
fn every_action_is_made_of_some_bytes() {
    let all: Vec<u8> =
        (0..=255).flat_map(|kind| (0..=255).flat_map(move |number| [kind, number, 0])).collect();
    let steps = program::decode(&all);
    let debug: Vec<String> = steps.iter().map(|step| format!("{:?}", step.action)).collect();
    for action in [
        "Enter",
        "EnterTagged",
        "Leave",
        "Close",
        "Forget",
        "Unwind",
        "Pending",
        "Calls",
        "ClosesAround",
        "Ready",
        "Unwinds",
        "Cancel",
        "End",
        "Clear",
        "Disable",
        "Enable",
        "Report",
    ] {
        assert!(debug.iter().any(|debug| debug.contains(action)), "{action}");
    }
}
