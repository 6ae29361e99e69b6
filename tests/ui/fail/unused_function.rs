#![deny(dead_code)]

#[perprovis::profile]
fn plain() {}

#[perprovis::profile]
async fn later() {}

struct Job;

impl Job {
    #[perprovis::profile(name = "job")]
    fn method(&self) {}
}

mod module {
    #[perprovis::profile]
    pub fn public() {}
}

#[perprovis::profile]
fn only_recursive(rounds: u8) {
    if rounds > 0 {
        only_recursive(rounds - 1);
    }
}

fn main() {
    let _job = Job;
}
