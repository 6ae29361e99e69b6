async fn plain<'a, 'b>(left: &'a str, right: &'b str) -> &'a str {
    if left.is_empty() { right } else { left }
}

#[perprovis::profile]
async fn profiled<'a, 'b>(left: &'a str, right: &'b str) -> &'a str {
    if left.is_empty() { right } else { left }
}

fn main() {
    drop((plain("x", "y"), profiled("x", "y")));
}
