struct User {
    id: u64,
}

#[perprovis::profile(metadata(user.id))]
fn work(user: &User) -> u64 {
    user.id
}

fn main() {
    work(&User { id: 1 });
}
