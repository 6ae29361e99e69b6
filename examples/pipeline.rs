//! A survey of Rust sources, profiled: finds every `.rs` file, parses them on worker threads, counts
//! the items, ranks the functions by complexity, and then shows where its own time went: on the
//! terminal, and in a file of every format. From the second run on one of them shows what changed.
//!
//! ```text
//! cargo run --release --example pipeline                  # this workspace, into its target folder
//! cargo run --release --example pipeline -- FOLDER OUT    # any folder; the files go to OUT
//! ```
#![expect(clippy::print_stdout, reason = "examples print")]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{env, fs, io, iter, mem, thread};

use perprovis::{
    Format, HumanCount, HumanTime, Report, SortBy, TextOptions, profile, profile_block,
};
use syn::visit::{self, Visit};

/// Columns of headings and of what is no report: any terminal has them.
const WIDTH: usize = 80;
/// Rows of every ranking.
const TOP: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().unwrap_or_else(|| workspace.clone());
    let out = arguments.next().unwrap_or_else(|| workspace.join("target").join("perprovis"));

    let mut paths = Vec::new();
    find_sources(&folder, &mut paths)
        .map_err(|error| format!("cannot search {}: {error}", folder.display()))?;
    let survey = merge(analyse_all(paths, &folder));
    print_survey(&survey);

    let report = perprovis::global().report();
    print_profile(&report);

    fs::create_dir_all(&out)?;
    write_files(&report, &out)
}

// ---- The work -------------------------------------------------------------------------------

/// What one file holds.
struct Facts {
    lines: usize,
    bytes: usize,
    items: BTreeMap<&'static str, usize>,
    functions: Vec<Function>,
}

/// A function and how hard it is to follow.
struct Function {
    complexity: usize,
    name: String,
    place: String,
}

/// What all files hold.
#[derive(Default)]
struct Survey {
    files: usize,
    lines: usize,
    bytes: usize,
    items: BTreeMap<&'static str, usize>,
    functions: Vec<Function>, // the most complex first
    failed: Vec<String>,
}

/// Collects the `.rs` files below `folder`, except for those in build output and hidden folders.
/// Links are not followed.
#[profile]
fn find_sources(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (name, path, kind) = (entry.file_name(), entry.path(), entry.file_type()?);
        let hidden = name.as_encoded_bytes().starts_with(b".");
        if kind.is_dir() && !hidden && name != "target" {
            find_sources(&path, found)?;
        } else if kind.is_file() && path.extension() == Some(OsStr::new("rs")) {
            found.push(path);
        }
    }
    Ok(())
}

/// Analyses the files on as many threads as there are processors, each taking the next file from
/// the queue when it is done with one.
fn analyse_all(paths: Vec<PathBuf>, root: &Path) -> Vec<Result<Facts, String>> {
    let queue = Mutex::new(paths.into_iter());
    let next = || queue.lock().expect("no thread panics while it holds the queue").next();
    let work = || -> Vec<_> {
        iter::from_fn(next)
            .map(|path| {
                let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
                analyse(&path, &shown).map_err(|error| format!("{shown}: {error}"))
            })
            .collect()
    };
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (1..=threads)
            .map(|number| {
                let worker = thread::Builder::new().name(format!("worker {number}"));
                worker.spawn_scoped(scope, work).expect("a thread can be started")
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no worker panics")).collect()
    })
}

#[profile]
fn analyse(path: &Path, shown: &str) -> Result<Facts, Box<dyn Error>> {
    let text = profile_block!("read", path = shown, { fs::read_to_string(path)? });
    let file =
        profile_block!("parse", path = shown, bytes = text.len(), { syn::parse_file(&text)? });
    Ok(Facts {
        lines: text.lines().count(),
        bytes: text.len(),
        items: count_items(&file),
        functions: find_functions(&file, shown),
    })
}

#[profile]
fn count_items(file: &syn::File) -> BTreeMap<&'static str, usize> {
    let mut counter = ItemCounter::default();
    counter.visit_file(file);
    counter.0
}

#[profile]
fn find_functions(file: &syn::File, shown: &str) -> Vec<Function> {
    let mut finder = FunctionFinder { shown, owner: None, found: Vec::new() };
    finder.visit_file(file);
    finder.found
}

/// The number of ways to leave the straight line, plus one. Functions nested in this one count for
/// themselves; what macros expand to is not seen.
#[profile]
fn complexity(body: &syn::Block) -> usize {
    let mut counter = BranchCounter { branches: 0 };
    counter.visit_block(body);
    1 + counter.branches
}

#[profile]
fn merge(results: Vec<Result<Facts, String>>) -> Survey {
    let mut survey = Survey::default();
    for result in results {
        match result {
            Ok(facts) => {
                survey.files += 1;
                survey.lines += facts.lines;
                survey.bytes += facts.bytes;
                survey.functions.extend(facts.functions);
                for (kind, count) in facts.items {
                    *survey.items.entry(kind).or_default() += count;
                }
            }
            Err(failure) => survey.failed.push(failure),
        }
    }
    survey.failed.sort();
    survey
        .functions
        .sort_by(|a, b| b.complexity.cmp(&a.complexity).then_with(|| a.place.cmp(&b.place)));
    survey
}

#[derive(Default)]
struct ItemCounter(BTreeMap<&'static str, usize>);

impl<'ast> Visit<'ast> for ItemCounter {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let kind = match item {
            syn::Item::Const(_) => "const",
            syn::Item::Enum(_) => "enum",
            syn::Item::Fn(_) => "fn",
            syn::Item::Impl(_) => "impl",
            syn::Item::Macro(_) => "macro",
            syn::Item::Mod(_) => "mod",
            syn::Item::Static(_) => "static",
            syn::Item::Struct(_) => "struct",
            syn::Item::Trait(_) => "trait",
            syn::Item::Type(_) => "type",
            syn::Item::Use(_) => "use",
            _ => "other",
        };
        *self.0.entry(kind).or_default() += 1;
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, method: &'ast syn::ImplItemFn) {
        *self.0.entry("method").or_default() += 1;
        visit::visit_impl_item_fn(self, method);
    }
}

/// Finds everything with a body, under the type or trait it belongs to.
struct FunctionFinder<'f> {
    shown: &'f str,
    owner: Option<String>,
    found: Vec<Function>,
}

impl FunctionFinder<'_> {
    fn add(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let name = match &self.owner {
            Some(owner) => format!("{owner}::{}", signature.ident),
            None => signature.ident.to_string(),
        };
        let line = signature.ident.span().start().line;
        let place = format!("{}:{line}", self.shown);
        self.found.push(Function { complexity: complexity(body), name, place });
    }

    fn inside(&mut self, owner: Option<String>, visit: impl FnOnce(&mut Self)) {
        let outer = mem::replace(&mut self.owner, owner);
        visit(self);
        self.owner = outer;
    }
}

impl<'ast> Visit<'ast> for FunctionFinder<'_> {
    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        let owner = match &*block.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        self.inside(owner, |finder| visit::visit_item_impl(finder, block));
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        let owner = Some(item.ident.to_string());
        self.inside(owner, |finder| visit::visit_item_trait(finder, item));
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.inside(None, |finder| {
            finder.add(&function.sig, &function.block);
            visit::visit_item_fn(finder, function);
        });
    }

    fn visit_impl_item_fn(&mut self, method: &'ast syn::ImplItemFn) {
        self.add(&method.sig, &method.block);
        visit::visit_impl_item_fn(self, method);
    }

    fn visit_trait_item_fn(&mut self, method: &'ast syn::TraitItemFn) {
        if let Some(body) = &method.default {
            self.add(&method.sig, body);
        }
        visit::visit_trait_item_fn(self, method);
    }
}

struct BranchCounter {
    branches: usize,
}

impl<'ast> Visit<'ast> for BranchCounter {
    fn visit_expr(&mut self, expression: &'ast syn::Expr) {
        self.branches += match expression {
            syn::Expr::If(_)
            | syn::Expr::While(_)
            | syn::Expr::ForLoop(_)
            | syn::Expr::Loop(_)
            | syn::Expr::Try(_) => 1,
            syn::Expr::Match(choice) => choice.arms.len().saturating_sub(1),
            syn::Expr::Binary(operation) => {
                usize::from(matches!(operation.op, syn::BinOp::And(_) | syn::BinOp::Or(_)))
            }
            _ => 0,
        };
        visit::visit_expr(self, expression);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

// ---- What is printed ------------------------------------------------------------------------

fn print_survey(survey: &Survey) {
    let Survey { files, lines, bytes, .. } = survey;
    println!("{files} files, {lines} lines, {} kB\n", bytes / 1000);

    let mut items: Vec<_> = survey.items.iter().collect();
    items.sort_by(|a, b| b.1.cmp(a.1));
    let most = items.first().map_or(1, |(_, count)| **count);
    for (kind, count) in items {
        println!("{kind:>10} {count:>6}  {}", "█".repeat((count * 60).div_ceil(most)));
    }

    heading("most complex functions");
    for Function { complexity, name, place } in survey.functions.iter().take(TOP) {
        println!("{complexity:>10}  {:<24}  {}", tail(name, 24), tail(place, 42));
    }

    if !survey.failed.is_empty() {
        heading("not analysed");
        survey.failed.iter().for_each(|failure| println!("{failure}"));
    }
}

fn print_profile(report: &Report) {
    // In colours and as wide as the terminal; plain in a file.
    let options = TextOptions::new().top(TOP).for_stream(&io::stdout());

    heading("where the time went");
    report.print(options);

    heading("hotspots by self time");
    for spot in report.hotspots_by(SortBy::SelfTime, 5) {
        let (time, calls) = (HumanTime::from(spot.self_time), HumanCount(spot.call_count));
        println!("{:<16} {time:>9} {calls:>9} calls", report.short_name(&spot.name));
    }

    heading("flame graph");
    print!("{}", report.flame_graph_text_with(options));

    heading("timeline");
    print!("{}", report.timeline_text_with(usize::MAX, options));

    heading("slowest calls with metadata");
    let slowest = report.slowest_calls(usize::MAX);
    for call in slowest.iter().filter(|call| !call.metadata.is_empty()).take(TOP) {
        let metadata = call.metadata.to_string();
        let (time, name) = (HumanTime::from(call.duration), report.short_name(&call.name));
        println!("{time:>9}  {name:<6}  {}", tail(&metadata, 60));
    }
    println!();
}

/// Writes the report in every format, and what changed since the run before, if there was one.
fn write_files(report: &Report, out: &Path) -> Result<(), Box<dyn Error>> {
    heading("written, and what to open it with");
    let path = |ending: &str| out.join(format!("pipeline{ending}"));
    let earlier = fs::read_to_string(path(Format::Json.ending()));
    let earlier = earlier.ok().and_then(|json| Report::from_json(&json).ok());
    for &format in Format::ALL {
        let path = path(format.ending());
        report.export(&path)?;
        println!("{}\n    {}", path.display(), viewer(format));
    }
    if let Some(earlier) = earlier {
        let path = path(".difference.svg");
        report.export_svg_difference(&earlier, &path)?;
        println!("{}\n    any browser: what got slower since the last run is red", path.display());
    }
    Ok(())
}

/// What opens a format.
fn viewer(format: Format) -> &'static str {
    match format {
        Format::Json => "Report::from_json: everything, without loss",
        Format::Csv => "pandas, DuckDB, a spreadsheet: a row per function",
        Format::CallsCsv => "the same: a row per logged call",
        Format::Markdown => "a comment on a pull request",
        Format::Folded => "inferno-flamegraph, flamegraph.pl, speedscope",
        Format::Svg => "any browser: a flame graph to zoom and search",
        Format::Icicle => "any browser: the same, callers above",
        Format::ChromeTrace => "https://ui.perfetto.dev, or chrome://tracing",
        Format::Speedscope => "https://www.speedscope.app",
        Format::Pprof => "go tool pprof -http=: FILE",
        Format::Firefox => "https://profiler.firefox.com",
        Format::Html => "any browser, offline: the report to explore",
        _ => "the documentation of perprovis::Format says what",
    }
}

fn heading(title: &str) {
    println!("\n── {title} {}\n", "─".repeat(WIDTH.saturating_sub(title.len() + 4)));
}

/// The end of a text too long for `columns`, since that is what tells paths apart.
fn tail(text: &str, columns: usize) -> Cow<'_, str> {
    match text.chars().count().checked_sub(columns) {
        None | Some(0) => text.into(),
        Some(over) => iter::once('…').chain(text.chars().skip(over + 1)).collect(),
    }
}
