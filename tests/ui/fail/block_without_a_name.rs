fn main() {
    let _scope = perprovis::profile_block!();
}
