use perprovis::profile;

#[profile]
mod engine {
    pub const fn passed_over() {}

    #[perprovis::profile]
    pub const fn constant() {}

    pub struct Engine;

    impl Engine {
        #[perprovis::profile(label = "run")]
        pub fn run(&self) {}
    }

    pub fn type_error() -> u8 {
        "text"
    }
}

fn main() {
    engine::passed_over();
    engine::constant();
    engine::Engine.run();
    engine::type_error();
}
