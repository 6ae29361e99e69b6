trait Run {
    #[perprovis::profile]
    fn run(&self);
}

struct Job;

impl Run for Job {
    fn run(&self) {}
}

fn main() {
    Job.run();
}
