struct Request;

#[perprovis::profile(metadata(request))]
fn handle(request: &Request) {}

fn main() {
    handle(&Request);
}
