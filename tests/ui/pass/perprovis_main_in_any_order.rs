//! `#[perprovis::main]` above and below `#[profile]`: its guard comes first, so that a filter does not
//! cost the call of `main`.
#![deny(warnings)]

use std::process::ExitCode;

mod above {
    use std::process::ExitCode;

    #[perprovis::main(filter = "-x")]
    #[perprovis::profile]
    pub fn main() -> ExitCode {
        super::is_open("above::main");
        ExitCode::SUCCESS
    }
}

mod below {
    #[perprovis::profile]
    #[perprovis::main(calls = 1000)]
    pub fn main() -> std::process::ExitCode {
        super::is_open("below::main");
        std::process::ExitCode::SUCCESS
    }
}

mod between {
    #[cfg_attr(all(), perprovis::profile(name = "between"))]
    #[perprovis::main]
    #[cfg_attr(all(), allow(unused))]
    pub fn main() {
        super::is_open("between");
    }
}

mod other_name {
    use perprovis::profile as measure;

    #[perprovis::main]
    #[measure]
    pub fn main() {
        super::is_open("other_name::main");
    }
}

mod from_a_macro {
    macro_rules! with_attributes {
        ($(#[$attribute:meta])* fn main() $body:block) => {
            #[perprovis::main]
            $(#[$attribute])*
            pub fn main() $body
        };
    }

    with_attributes! {
        #[perprovis::profile]
        fn main() {
            super::is_open("from_a_macro::main");
        }
    }
}

fn is_open(name: &str) {
    let report = perprovis::global().report();
    let open = report.open_scopes();
    assert!(open.len() == 1 && open[0].name.ends_with(name), "{open:?}");
}

fn main() -> ExitCode {
    assert_eq!(above::main(), ExitCode::SUCCESS);
    between::main();
    other_name::main();
    from_a_macro::main();
    below::main()
}
