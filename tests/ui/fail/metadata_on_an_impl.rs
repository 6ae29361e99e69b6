struct Engine;

#[perprovis::profile(metadata(id, speed = 1))]
impl Engine {
    fn run(&self, id: u32) -> u32 {
        id
    }
}

fn main() {
    Engine.run(1);
}
