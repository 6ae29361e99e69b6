struct Engine;

#[perprovis::profile]
impl Engine {
    #[perprovis::profile(skip, name = "run")]
    fn run(&self) {}
}

fn main() {
    Engine.run();
}
