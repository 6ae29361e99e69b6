//! Writes the reports that the browser tests open, each as a page and as JSON, into a folder:
//!
//! ```text
//! cargo run --release -p perprovis-tests --example reports -- FOLDER
//! ```
//!
//! All run on a clock driven by hand, so that they are the same in every run, to the byte. The page
//! `change.html` compares two reports: `change.json` is the later one, `change.before.json` the earlier.
#![expect(clippy::print_stdout, reason = "examples print")]

use std::error::Error;
use std::future::{Future, poll_fn};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use std::{env, fs, mem, thread};

use perprovis::{ManualClock, Profiler, Report, profile};
use perprovis_tests::{Random, ns, on_manual_clock};

type Failure = Box<dyn Error>;

/// Writing a page of 1,000,000 calls may take so long.
const LONGEST: Duration = Duration::from_secs(3);

fn main() -> Result<(), Failure> {
    let folder = env::args_os().nth(1).map(PathBuf::from).ok_or("usage: reports FOLDER")?;
    fs::create_dir_all(&folder)?;
    let (before, after) = (shop(Version::Before), shop(Version::After));
    write(&folder, "shop", &after)?;
    write(&folder, "recursion", &recursion())?;
    write(&folder, "tasks", &tasks())?;
    write(&folder, "hostile", &hostile())?;
    write(&folder, "empty", &Report::default())?;
    write(&folder, "open", &open())?;
    write(&folder, "large", &large())?;
    after.export_to_json(folder.join("change.json"))?;
    before.export_to_json(folder.join("change.before.json"))?;
    after.export_html_difference(&before, folder.join("change.html"))?;
    Ok(())
}

fn write(folder: &Path, name: &str, report: &Report) -> Result<(), Failure> {
    report.export_to_json(folder.join(format!("{name}.json")))?;
    let page = folder.join(format!("{name}.html"));
    let since = Instant::now();
    report.export(&page)?;
    let (took, size) = (since.elapsed(), fs::metadata(&page)?.len());
    println!("{}: {size} bytes in {} ms", page.display(), took.as_millis());
    if took > LONGEST {
        return Err(format!("{} took {took:?} to write, not {LONGEST:?}", page.display()).into());
    }
    Ok(())
}

/// Calls made of a name, a time of their own around their mean, and what they call.
struct Stage<'p> {
    clock: &'p ManualClock,
    profiler: &'p Profiler,
    random: &'p mut Random,
}

impl Stage<'_> {
    /// Time that passes: around `mean` nanoseconds, with a long tail.
    fn pass(&mut self, mean: u64) {
        let spread = 60 + self.random.below(60) + self.random.below(40);
        let tail = if self.random.below(100) < 3 { 4 + self.random.below(9) } else { 1 };
        self.clock.advance_nanos(mean * spread / 100 * tail);
    }

    fn call(&mut self, name: &str, own: u64, inside: impl FnOnce(&mut Stage<'_>)) {
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
enum Version {
    Before,
    After,
}

/// A web shop, before and after a change: its queries became slower, its pages faster, one function
/// went and another came.
fn shop(version: Version) -> Report {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.build();
    on_thread("main", || {
        let mut random = Random(7);
        let mut stage = Stage { clock: &clock, profiler: &profiler, random: &mut random };
        stage.call("shop::main", 900_000, |stage| {
            stage.call("shop::config::load", 1_800_000, |stage| {
                stage.leaf("shop::config::parse::<toml::Value>", 6_400_000);
                stage.leaf("shop::config::Secrets::unlock", 2_100_000);
            });
            stage.call("shop::catalogue::Index::build", 9_000_000, |stage| {
                for _ in 0..40 {
                    stage.leaf("shop::catalogue::Tokenizer<'_>::next", 55_000);
                }
            });
        });
    });
    let mut end = 0;
    for worker in 1..=3u64 {
        on_thread(&format!("worker-{worker}"), || {
            clock.set(ns(26_000_000 + worker * 400_000));
            let mut random = Random(worker);
            let mut stage = Stage { clock: &clock, profiler: &profiler, random: &mut random };
            for request in 0..60 {
                serve(&mut stage, worker * 1000 + request, version);
                stage.clock.advance_nanos(stage.random.below(900_000));
            }
            end = end.max(clock.nanos());
        });
    }
    clock.set(ns(end));
    profiler.report()
}

fn serve(stage: &mut Stage<'_>, request: u64, version: Version) {
    let after = version == Version::After;
    let action = ["browse", "search", "buy"][(request % 3) as usize];
    let mut scope = stage.profiler.block("shop::Server<_>::handle");
    scope.set("request", request);
    scope.set("action", action);
    stage.pass(180_000);
    stage.call("shop::session::Store::find", 90_000, |stage| {
        stage.leaf("<shop::session::Token as core::str::FromStr>::from_str", 21_000);
    });
    stage.call("shop::db::Pool<_>::query", 160_000, |stage| {
        stage.leaf("shop::db::Statement::prepare", if after { 310_000 } else { 120_000 });
        let rows = 4 + stage.random.below(12);
        for _ in 0..rows {
            stage.leaf("shop::db::Row::decode", if after { 46_000 } else { 38_000 });
        }
    });
    if action == "buy" {
        stage.call("shop::payment::charge", 700_000, |stage| {
            stage.leaf(
                if after { "shop::payment::sign_v2" } else { "shop::payment::sign" },
                420_000,
            );
        });
    }
    stage.call("shop::html::render", if after { 240_000 } else { 420_000 }, |stage| {
        let parts = 6 + stage.random.below(8);
        for _ in 0..parts {
            stage.leaf("shop::html::escape", if after { 9_000 } else { 31_000 });
        }
    });
    scope.set("bytes", stage.random.below(60_000));
}

/// One function in itself, far past the depth of the tree, and two that call each other.
fn recursion() -> Report {
    fn descend(profiler: &Profiler, clock: &ManualClock, left: u32) {
        let _scope = profiler.block("tree::Node<K, V>::descend");
        clock.advance_nanos(40 + u64::from(left % 7));
        if left > 0 {
            descend(profiler, clock, left - 1);
        }
    }
    fn is_even(profiler: &Profiler, clock: &ManualClock, left: u32) {
        let _scope = profiler.block(if left.is_multiple_of(2) {
            "parity::is_even"
        } else {
            "parity::is_odd"
        });
        clock.advance_nanos(25);
        if left > 0 {
            is_even(profiler, clock, left - 1);
        }
    }
    let (clock, builder) = on_manual_clock();
    let profiler = builder.build();
    for depth in [12, 700, 90] {
        descend(&profiler, &clock, depth);
        is_even(&profiler, &clock, depth / 3);
    }
    profiler.report()
}

static CLOCK: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
static TASKS: LazyLock<Profiler> =
    LazyLock::new(|| Profiler::builder().clock(CLOCK.clone()).build());

/// Pending once.
async fn suspend() {
    let mut suspended = false;
    poll_fn(|_| match mem::replace(&mut suspended, true) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}

#[profile(name = "crawl::fetch", profiler = TASKS, metadata(url = url, attempt = attempt))]
async fn fetch(url: &str, attempt: u64) {
    for step in 0..1 + attempt % 3 {
        CLOCK.advance_nanos(30_000 + step * 9_000);
        suspend().await;
    }
    CLOCK.advance_nanos(55_000);
}

#[profile(name = "crawl::parse", profiler = TASKS)]
fn parse(links: u64) {
    CLOCK.advance_nanos(20_000 * (1 + links));
}

#[profile(name = "crawl::visit", profiler = TASKS, metadata(page = page))]
async fn visit(page: u64) {
    CLOCK.advance_nanos(8_000);
    fetch(&format!("https://example.org/{page}"), page).await;
    parse(page % 5);
    suspend().await;
    assert!(page % 17 != 16, "a broken page");
}

/// Async functions, many at once on each of three threads: some panic, some are given up.
fn tasks() -> Report {
    std::panic::set_hook(Box::new(|_| ()));
    let mut end = 0;
    for thread in 0..3u64 {
        on_thread(&format!("runtime-{thread}"), || {
            CLOCK.set(ns(thread * 10_000));
            type Task = Pin<Box<dyn Future<Output = ()>>>;
            let mut tasks: Vec<Task> = (0..24).map(|page| Box::pin(visit(page)) as Task).collect();
            for _round in 0..5 {
                tasks.retain_mut(|task| {
                    let mut context = Context::from_waker(Waker::noop());
                    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                        task.as_mut().poll(&mut context)
                    }));
                    matches!(polled, Ok(Poll::Pending))
                });
                if tasks.len() > 20 {
                    drop(tasks.pop());
                }
            }
            end = end.max(CLOCK.nanos());
        });
    }
    CLOCK.set(ns(end));
    drop(std::panic::take_hook());
    TASKS.report()
}

/// Names that try to be markup, script, or to turn the text around, as functions, threads, metadata.
fn hostile() -> Report {
    const NAMES: [&str; 16] = [
        "<script>alert(1)</script>",
        "</script><script>alert(2)</script>",
        "<img src=x onerror=alert(3)>",
        "<!-- ",
        "\"'`&amp;&lt;",
        "app::\u{202e}txe.nepo",
        "\u{2066}isolated",
        "line\nbreak\ttab",
        "\u{1b}[31mred",
        "",
        " ",
        "{{data}}",
        "__proto__",
        "constructor",
        "漢字::かな::e\u{301}\u{301}\u{301}",
        "javascript:alert(4)",
    ];
    let (clock, builder) = on_manual_clock();
    let profiler = builder.build();
    let long = "deeply::".repeat(400) + "named";
    on_thread("</script><b>\u{202e}", || {
        for (index, outer) in NAMES.iter().copied().chain([long.as_str()]).enumerate() {
            let _scope = profiler.block(outer).with("</script>", "<img src=x onerror=alert(5)>");
            for inner in &NAMES[..index.min(6)] {
                profiler.measure(inner, || clock.advance_nanos(100 + index as u64 * 10));
            }
            clock.advance_nanos(500);
        }
    });
    profiler.report()
}

/// Nothing has completed on one thread, something on the other.
fn open() -> Report {
    let (clock, builder) = on_manual_clock();
    let profiler = builder.build();
    let outer = profiler.block("app::main");
    clock.advance_nanos(3_000_000);
    profiler.measure("app::start", || clock.advance_nanos(1_200_000));
    let inner = profiler.block("app::Loop::run").with("round", 7);
    clock.advance_nanos(9_500_000);
    let report = profiler.report();
    drop((inner, outer));
    report
}

/// 111,110 call paths, 1,000,000 calls in the log, on four threads.
fn large() -> Report {
    const ROUNDS: u64 = 9;
    fn visit(stage: &mut Stage<'_>, names: &[String], place: usize, depth: u32) {
        let name = &names[(place * 7919) % names.len()];
        let mut scope = stage.profiler.block(name);
        if place.is_multiple_of(50) {
            scope.set("place", place as u64);
        }
        if depth < 5 {
            for child in 0..10 {
                visit(stage, names, place * 10 + child, depth + 1);
            }
        }
        let own = 100 + stage.random.below(400) * (1 + place as u64 % 5);
        stage.clock.advance_nanos(own);
    }
    let (clock, builder) = on_manual_clock();
    let builder = builder.calls_per_thread(600_000).calls_in_all(4_000_000).call_paths(200_000);
    let profiler = builder.build();
    let names: Vec<String> = (0..2003)
        .map(|number| {
            format!("engine::part_{}::Stage{number}<T>::step_{}", number % 40, number % 97)
        })
        .collect();
    let mut end = 0;
    for thread in 0..4usize {
        on_thread(&format!("engine-{thread}"), || {
            clock.set(ns(thread as u64 * 1000));
            let mut random = Random(thread as u64);
            let mut stage = Stage { clock: &clock, profiler: &profiler, random: &mut random };
            for _round in 0..ROUNDS {
                for root in (1..=10).filter(|root| root % 4 == thread) {
                    visit(&mut stage, &names, root, 1);
                }
            }
            if thread == 0 {
                for _ in ROUNDS * 111_110..1_000_000 {
                    stage.leaf("engine::idle", 300);
                }
            }
            end = end.max(clock.nanos());
        });
    }
    clock.set(ns(end));
    let report = profiler.report();
    assert_eq!((report.calls().len(), report.dropped().log_calls), (1_000_000, 0));
    report
}

/// Runs `work` on a thread of this name, to its very end: without `join` the destructor that hands over what it
/// recorded may still be running.
fn on_thread(name: &str, work: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let spawned = thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, work);
        spawned.expect("a thread can be spawned").join().expect("no panic in it");
    });
}
