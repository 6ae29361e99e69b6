//! Attributes inside of a container stay where they are, so names mean what they mean without it; and
//! several conditions may choose between them.
#![deny(warnings)]

use perprovis::profile;

#[perprovis::profile(prefix = "db")]
mod database {
    use perprovis::profile;

    #[profile(skip)]
    pub(crate) fn skipped() {}

    #[crate::profile(skip)]
    pub(crate) fn skipped_by_path() {}

    #[super::profile(name = "named by path")]
    pub(crate) fn named_by_path() {}

    #[cfg_attr(any(), profile(skip))]
    #[cfg_attr(not(any()), cfg_attr(all(), profile(metadata(of))))]
    pub(crate) fn chosen(of: u8) -> u8 {
        of
    }

    pub(crate) struct Rows;

    #[profile(prefix = "rows")]
    impl Rows {
        pub(crate) fn scan(&self) {}
    }
}

fn main() {
    database::skipped();
    database::skipped_by_path();
    database::named_by_path();
    assert_eq!(database::chosen(3), 3);
    database::Rows.scan();
    let report = perprovis::global().report();
    let mut names: Vec<&str> = report.functions().iter().map(|stats| &*stats.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["db::chosen", "named by path", "rows::scan"]);
    let calls = report.calls();
    let chosen = calls.iter().find(|call| &*call.name == "db::chosen").unwrap();
    assert_eq!(chosen.metadata.get("of"), Some(&perprovis::Value::Int(3)));
}
