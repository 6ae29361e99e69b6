#[perprovis::profile]
struct Request {
    id: u32,
}

fn main() {
    let _request = Request { id: 1 };
}
