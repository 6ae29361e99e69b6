//! Functions with a symbol of their own, above and below the attribute.
#![deny(warnings)]

use perprovis::profile;

#[profile]
#[unsafe(no_mangle)]
pub extern "C" fn perprovis_ui_below(number: i32) -> i32 {
    number + 1
}

#[unsafe(export_name = "perprovis_ui_renamed")]
#[profile]
pub extern "C" fn above(number: i32) -> i32 {
    number + 2
}

mod c {
    unsafe extern "C" {
        pub safe fn perprovis_ui_below(number: i32) -> i32;
        pub safe fn perprovis_ui_renamed(number: i32) -> i32;
    }
}

fn main() {
    assert_eq!(c::perprovis_ui_below(1), 2);
    assert_eq!(c::perprovis_ui_renamed(1), 3);
    assert_eq!(above(1) + perprovis_ui_below(1), 5);
    assert_eq!(perprovis::global().function_stats("above").unwrap().call_count, 2);
}
