use perprovis::profile as measure;

struct Engine;

#[measure]
impl Engine {
    #[measure(skip)]
    fn run(&self) {}
}

fn main() {
    Engine.run();
}
