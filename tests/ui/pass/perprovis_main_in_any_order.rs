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

fn is_open(name: &str) {
    let report = perprovis::global().report();
    let open = report.open_scopes();
    assert!(open.len() == 1 && open[0].name.ends_with(name), "{open:?}");
}

fn main() -> ExitCode {
    assert_eq!(above::main(), ExitCode::SUCCESS);
    between::main();
    below::main()
}
