fn main() {
    let user = 1;
    let _scope = perprovis::profile_block!("load", user => 2);
}
