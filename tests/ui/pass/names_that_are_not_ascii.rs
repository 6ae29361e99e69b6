//! Names in any script.
#![deny(warnings)]

use perprovis::profile;

#[profile(metadata(größe))]
fn fläche(größe: u8, ß: u8) -> u8 {
    größe * ß
}

#[profile]
async fn 面積(数: u8) -> u8 {
    数
}

fn main() {
    assert_eq!(fläche(2, 3), 6);
    assert_eq!(futures::executor::block_on(面積(4)), 4);
    let report = perprovis::global().report();
    assert_eq!(report.function("fläche").unwrap().call_count, 1);
    assert_eq!(report.function("面積").unwrap().call_count, 1);
    assert!(report.to_string().contains("fläche"), "{report}");
}
