#[perprovis::profile(prefix = db)]
mod database {
    pub fn load() {}
}

fn main() {
    database::load();
}
