//! A web shop on four threads: names as programs have them, times around a mean with a long tail, metadata. Before
//! and after a change, so that there is something to compare.

use std::thread;

use perprovis::{ManualClock, Profiler, Report};
use perprovis_tests::{Random, ns, on_manual_clock};

/// Calls made of a name, a time of their own around their mean, and what they call.
struct Shop<'p> {
    clock: &'p ManualClock,
    profiler: &'p Profiler,
    random: &'p mut Random,
}

impl Shop<'_> {
    /// Time that passes: around `mean` nanoseconds, with a long tail.
    fn pass(&mut self, mean: u64) {
        let spread = 60 + self.random.below(60) + self.random.below(40);
        let tail = if self.random.below(100) < 3 { 4 + self.random.below(9) } else { 1 };
        self.clock.advance_nanos(mean * spread / 100 * tail);
    }

    fn call(&mut self, name: &str, own: u64, inside: impl FnOnce(&mut Shop<'_>)) {
        let _scope = self.profiler.block(name);
        self.pass(own / 2);
        inside(self);
        self.pass(own - own / 2);
    }

    fn leaf(&mut self, name: &str, own: u64) {
        self.call(name, own, |_| ());
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Version {
    Before,
    After,
}

/// After the change.
pub(crate) fn report() -> Report {
    version(Version::After)
}

/// By the change queries became slower, pages faster, one function went and another came.
pub(crate) fn version(version: Version) -> Report {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.build();
    on_thread("main", || {
        let mut random = Random(7);
        let mut shop = Shop { clock: &clock, profiler: &profiler, random: &mut random };
        shop.call("shop::main", 900_000, |shop| {
            shop.call("shop::config::load", 1_800_000, |shop| {
                shop.leaf("shop::config::parse::<toml::Value>", 6_400_000);
                shop.leaf("shop::config::Secrets::unlock", 2_100_000);
            });
            shop.call("shop::catalogue::Index::build", 9_000_000, |shop| {
                for _ in 0..40 {
                    shop.leaf("shop::catalogue::Tokenizer<'_>::next", 55_000);
                }
            });
        });
    });
    let mut end = 0;
    for worker in 1..=3u64 {
        on_thread(&format!("worker-{worker}"), || {
            clock.set(ns(26_000_000 + worker * 400_000));
            let mut random = Random(worker);
            let mut shop = Shop { clock: &clock, profiler: &profiler, random: &mut random };
            for request in 0..60 {
                serve(&mut shop, worker * 1000 + request, version);
                shop.clock.advance_nanos(shop.random.below(900_000));
            }
            end = end.max(clock.nanos());
        });
    }
    clock.set(ns(end));
    profiler.report()
}

fn serve(shop: &mut Shop<'_>, request: u64, version: Version) {
    let after = version == Version::After;
    let action = ["browse", "search", "buy"][(request % 3) as usize];
    let mut scope = shop.profiler.block("shop::Server<_>::handle");
    scope.set("request", request);
    scope.set("action", action);
    shop.pass(180_000);
    shop.call("shop::session::Store::find", 90_000, |shop| {
        shop.leaf("<shop::session::Token as core::str::FromStr>::from_str", 21_000);
    });
    shop.call("shop::db::Pool<_>::query", 160_000, |shop| {
        shop.leaf("shop::db::Statement::prepare", if after { 310_000 } else { 120_000 });
        let rows = 4 + shop.random.below(12);
        for _ in 0..rows {
            shop.leaf("shop::db::Row::decode", if after { 46_000 } else { 38_000 });
        }
    });
    if action == "buy" {
        shop.call("shop::payment::charge", 700_000, |shop| {
            shop.leaf(
                if after { "shop::payment::sign_v2" } else { "shop::payment::sign" },
                420_000,
            );
        });
    }
    shop.call("shop::html::render", if after { 240_000 } else { 420_000 }, |shop| {
        let parts = 6 + shop.random.below(8);
        for _ in 0..parts {
            shop.leaf("shop::html::escape", if after { 9_000 } else { 31_000 });
        }
    });
    scope.set("bytes", shop.random.below(60_000));
}

/// Runs `work` on a thread of this name, to its very end: without `join` the destructor that hands over what it
/// recorded may still be running.
fn on_thread(name: &str, work: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let spawned = thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, work);
        spawned.expect("a thread can be spawned").join().expect("no panic in it");
    });
}
