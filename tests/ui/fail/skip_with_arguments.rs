struct Engine;

#[perprovis::profile]
impl Engine {
    #[profile(skip, name = "run")]
    fn run(&self) {}
}

fn main() {
    Engine.run();
}
