//! The attribute, and others beside it, under `#[cfg_attr]`.
#![deny(warnings)]

#[cfg_attr(all(), perprovis::profile)]
fn measured() -> u8 {
    1
}

#[cfg_attr(any(), perprovis::profile)]
fn unmeasured() -> u8 {
    2
}

#[cfg_attr(all(), perprovis::profile(name = "named"), inline)]
fn with_arguments() -> u8 {
    3
}

#[cfg_attr(all(), inline)]
#[perprovis::profile]
#[cfg_attr(any(), no_such_attribute)]
#[cfg_attr(all(), must_use, doc = "documented")]
async fn beside() -> u8 {
    4
}

struct Job;

impl Job {
    #[cfg_attr(not(any()), perprovis::profile)]
    fn run(&self) -> u8 {
        5
    }
}

fn main() {
    let sum = measured() + unmeasured() + with_arguments() + Job.run();
    assert_eq!(sum + futures::executor::block_on(beside()), 15);
    let report = perprovis::global().report();
    assert_eq!(report.functions().len(), 4, "{report}");
    assert!(report.function("unmeasured").is_none() && report.function("named").is_some());
}
