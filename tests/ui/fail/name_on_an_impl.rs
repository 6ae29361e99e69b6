struct Engine;

#[perprovis::profile(name = "engine")]
impl Engine {
    fn run(&self) {}
}

fn main() {
    Engine.run();
}
