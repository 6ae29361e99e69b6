//! Functions inside of functions, methods, closures, blocks, constants and impls in bodies.
#![deny(warnings)]

use perprovis::profile;

#[profile]
fn outer() -> u32 {
    #[profile]
    fn inner() -> u32 {
        #[profile]
        fn innermost() -> u32 {
            1
        }
        innermost() + 1
    }

    struct Local;

    impl Local {
        #[profile]
        fn method(&self) -> u32 {
            #[profile]
            fn inner() -> u32 {
                10
            }
            inner()
        }
    }

    let closure = || {
        #[profile]
        fn in_a_closure() -> u32 {
            100
        }
        in_a_closure()
    };
    inner() + Local.method() + closure()
}

const FUNCTION: fn() -> u32 = {
    #[profile]
    fn in_a_constant() -> u32 {
        1000
    }
    in_a_constant
};

fn main() {
    assert_eq!(outer() + FUNCTION(), 1112);
    let report = perprovis::global().report();
    let names: Vec<&str> = report.functions().iter().map(|stats| stats.name.as_str()).collect();
    assert_eq!(names.len(), 7, "{names:?}");
    for name in ["outer::inner::innermost", "outer::in_a_closure", "FUNCTION::in_a_constant"] {
        assert!(names.iter().any(|found| found.ends_with(name)), "{names:?}");
    }
}
