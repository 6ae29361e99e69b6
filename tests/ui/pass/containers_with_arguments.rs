//! Arguments of a container pass down to its functions, whose own ones win.
#![deny(warnings)]

use perprovis::{Profiler, profile};

static OUTER: Profiler = Profiler::new();
static OWN: Profiler = Profiler::new();

#[profile(profiler = crate::OUTER, prefix = "db", crate = ::perprovis)]
mod database {
    pub(crate) struct Table<T>(pub(crate) T);

    pub(crate) fn load() {}

    #[perprovis::profile(name = "kept")]
    pub(crate) fn named() {}

    #[perprovis::profile(profiler = crate::OWN, prefix = "slow")]
    pub(crate) fn scan() {}

    impl<T> Table<T> {
        pub(crate) fn insert(&mut self, row: T) {
            self.0 = row;
        }
    }

    impl<T> Iterator for Table<Option<T>> {
        type Item = T;

        fn next(&mut self) -> Option<T> {
            self.0.take()
        }
    }

    #[perprovis::profile(prefix = "cached")]
    pub(crate) mod cache {
        pub(crate) fn load() {}
    }

    pub(crate) mod log {
        pub(crate) async fn append() {}
    }
}

fn names(profiler: &Profiler) -> Vec<String> {
    let report = profiler.report();
    let mut names: Vec<String> =
        report.functions().iter().map(|stats| stats.name.clone()).collect();
    names.sort_unstable();
    names
}

fn main() {
    database::load();
    database::named();
    database::scan();
    let mut table = database::Table(None);
    table.insert(Some(1));
    assert_eq!(table.next(), Some(1));
    database::cache::load();
    futures::executor::block_on(database::log::append());
    let expected = [
        "cached::load",
        "db::<Table<Option<T>> as Iterator>::next",
        "db::Table<T>::insert",
        "db::load",
        "db::log::append",
        "kept",
    ];
    assert_eq!(names(&OUTER), expected);
    assert_eq!(names(&OWN), ["slow::scan"]);
    assert!(names(perprovis::global()).is_empty());
}
