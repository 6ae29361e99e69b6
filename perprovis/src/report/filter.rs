//! A report of some functions only.

use std::collections::{BTreeMap, HashMap};

use perprovis_core::Filter;
use perprovis_core::snapshot::{Call, Function, Node, Path, Snapshot};
use perprovis_core::units::Ticks;

use super::Report;
use super::build::new_indexes;

impl Report {
    /// This report as if only the functions that `filter` names had been recorded: as
    /// [`ProfilerBuilder::filter`](crate::ProfilerBuilder::filter) would have given it, had it been
    /// set in the program.
    ///
    /// The own time of the others counts for the function that called them, directly or not, and is gone where
    /// there is none. What limits dropped stays as it is.
    ///
    /// ```
    /// # let report = perprovis::Report::default();
    /// let database = report.filtered(&"my_app::db,-my_app::db::ping".parse()?);
    /// # assert!(database.is_empty());
    /// # Ok::<(), perprovis::FilterError>(())
    /// ```
    #[must_use]
    pub fn filtered(&self, filter: &Filter) -> Report {
        let snapshot = self.to_snapshot();
        let places = Places::new(&snapshot, filter);
        let unread: Vec<u64> = (self.functions.iter().zip(&places.functions))
            .filter_map(|(function, place)| place.map(|_| function.unread))
            .collect();
        let snapshot = places.filter(snapshot);
        let indexes = new_indexes(&snapshot.functions);
        let mut report = Report::from_snapshot(snapshot);
        for (index, calls) in indexes.into_iter().zip(unread) {
            report.functions[index as usize].unread = calls;
        }
        report
    }
}

/// Where everything goes.
struct Places {
    functions: Vec<Option<u32>>, // the new index of each, if it stays
    paths: Vec<Path>,            // the new ones
    place: Vec<PathPlace>,       // of each old path
}

/// Where a path goes.
#[derive(Clone, Copy)]
struct PathPlace {
    path: Option<u32>, // itself, or the next one above that stays
    stays: bool,
}

impl Places {
    fn new(snapshot: &Snapshot, filter: &Filter) -> Places {
        let mut next = 0..;
        let stays = |function: &Function| filter.records(&function.name);
        let functions: Vec<Option<u32>> =
            snapshot.functions.iter().map(|f| stays(f).then(|| next.next()).flatten()).collect();
        let (mut paths, mut place) = (Vec::new(), Vec::with_capacity(snapshot.paths.len()));
        let mut known: HashMap<Path, u32> = HashMap::new();
        for path in &snapshot.paths {
            let parent = path.parent.and_then(|parent| {
                let parent: &PathPlace = &place[parent as usize];
                parent.path
            });
            let Some(function) = functions[path.function as usize] else {
                place.push(PathPlace { path: parent, stays: false });
                continue;
            };
            let path = Path { parent, function };
            let index = *known.entry(path).or_insert_with(|| {
                paths.push(path);
                paths.len() as u32 - 1
            });
            place.push(PathPlace { path: Some(index), stays: true });
        }
        Places { functions, paths, place }
    }

    fn filter(self, mut snapshot: Snapshot) -> Snapshot {
        let mut more_self = vec![Ticks::ZERO; snapshot.functions.len()]; // by new index, a few too many
        for thread in &mut snapshot.threads {
            thread.nodes = self.nodes(&thread.nodes, &mut more_self);
        }
        snapshot.exited = self.nodes(&snapshot.exited, &mut more_self);
        snapshot.calls.retain_mut(|call| self.call(call));
        snapshot.open.retain_mut(|scope| {
            let PathPlace { path, stays } = self.place[scope.path as usize];
            scope.path = path.unwrap_or_default();
            stays
        });
        let mut kept = self.functions.iter();
        snapshot.functions.retain(|_| kept.next().is_some_and(Option::is_some));
        for (function, more) in snapshot.functions.iter_mut().zip(more_self) {
            function.statistics.self_time += more;
            function.slowest.retain_mut(|call| self.call(call));
        }
        snapshot.paths = self.paths;
        snapshot
    }

    /// The nodes of a thread that stay, with the own time of the others; `more_self` gets that, too.
    fn nodes(&self, nodes: &[Node], more_self: &mut [Ticks]) -> Vec<Node> {
        let mut new: BTreeMap<u32, Node> = BTreeMap::new(); // by path: a parent before its children
        for node in nodes {
            let PathPlace { path: Some(path), stays } = self.place[node.path as usize] else {
                continue;
            };
            let mut node = Node { path, ..*node };
            if !stays {
                node.calls = 0;
                more_self[self.paths[path as usize].function as usize] += node.self_time;
            }
            new.entry(path).or_insert(Node { path, ..Node::default() }).add(&node);
        }
        new.into_values().collect()
    }

    /// Puts a call in its new place; whether it stays.
    fn call(&self, call: &mut Call) -> bool {
        let Some(function) = self.functions[call.function as usize] else { return false };
        call.function = function;
        call.path = call.path.and_then(|path| self.place[path as usize].path);
        true
    }
}

#[cfg(all(test, feature = "enable"))]
mod tests {
    use std::time::Duration;

    use crate::{Filter, ManualClock, Profiler, Report};

    /// What a program with recursion, several threads and an open scope leaves.
    fn record(filter: Option<Filter>) -> Report {
        let clock = ManualClock::new();
        let mut builder = Profiler::builder().clock(clock.clone());
        if let Some(filter) = filter {
            builder = builder.filter(filter);
        }
        let profiler = builder.build();
        let pass = |nanos| clock.advance(Duration::from_nanos(nanos));
        let around = |name: &str, nanos, inside: &dyn Fn()| {
            profiler.measure(name, || {
                pass(nanos);
                inside();
                pass(1);
            });
        };
        let leaf = || around("db::get", 7, &|| {});
        let work = || {
            around("app::a", 3, &|| {
                around("db::load", 5, &|| {
                    leaf();
                    around("app::a", 2, &leaf);
                });
                leaf();
            });
        };
        work();
        std::thread::scope(|scope| {
            scope.spawn(|| around("db::load", 4, &work));
        });
        around("app::main", 1, &work);
        let open = profiler.block("db::open");
        pass(2);
        let report = profiler.report();
        drop(open);
        report
    }

    #[test]
    fn filtering_a_report_gives_what_filtering_the_recording_gives() {
        for text in ["app", "db", "-db::get", "db::load,app::a", "-app,-db", "db,-db::get", "x"] {
            let filter: Filter = text.parse().unwrap();
            let (recorded, filtered) =
                (record(Some(filter.clone())), record(None).filtered(&filter));
            let numbers = |report: &Report| {
                let functions = report.functions().iter();
                let functions: Vec<_> = functions
                    .map(|f| (f.name.clone(), f.call_count, f.total_time, f.self_time))
                    .collect();
                (functions, report.call_tree().to_string(), report.open_scopes().len())
            };
            assert_eq!(numbers(&filtered), numbers(&recorded), "{text}");
            let calls = |report: &Report| {
                let calls = report.calls().iter();
                calls.map(|call| (call.start_time, call.call_stack.clone())).collect::<Vec<_>>()
            };
            assert_eq!(calls(&filtered), calls(&recorded), "{text}");
            assert_eq!(filtered.clock(), record(None).clock(), "{text}");
        }
    }
}
