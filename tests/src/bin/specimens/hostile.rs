//! Names, thread names and metadata that would break a careless writer or reader.

use perprovis::{ManualClock, Profiler, Report, TaggedScope};

use super::stage::Stage;

/// Each breaks something: markup, separators of a format, directions of writing, widths, look-ups.
pub(crate) const NAMES: &[&str] = &[
    "<script>window.hostile = 1</script>",
    "</script><script>window.hostile = 1</script>",
    "<!-- --><img src=x onerror=\"window.hostile = 1\">",
    "]]>&amp;&lt;&#x3c;",
    "\"quoted\" 'single' `back` \\\"",
    "C:\\temp\\new\\u0000",
    "semi;colon; and space ",
    " 12",
    "ends in a number 12",
    "a,b\tc|d",
    "=1+1",
    "new\nline\r\nand return",
    "\u{1b}[31mred\u{1b}[0m\u{7}",
    "\u{202e}txet sdrawkcab\u{2066}",
    "شرح الكود",
    "漢字::カナ",
    "🦀👩‍👩‍👧‍👦e\u{301}",
    "line\u{2028}separator\u{2029}\u{feff}",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "",
    "::",
    "{{7*7}} ${7*7} %s %n",
    "{{data}}",
    "javascript:window.hostile = 1",
    "core::ops::Fn<(dyn Any + 'static,)>::call::{{closure}}#1",
    "[truncated]",
];

/// Every name calls every fourth one after it, on threads that are called such names, too.
pub(crate) fn report() -> Report {
    let clock = ManualClock::new();
    let profiler = Profiler::builder().clock(clock.clone()).build();
    let profiler: &'static Profiler = Box::leak(Box::new(profiler));
    let threads = ["</script>\u{202e}", "semi;colon\n", ""];
    let stage = Stage::of(&threads);
    let long = "very::long::".repeat(200) + "name";
    for (index, name) in NAMES.iter().copied().chain([&*long]).enumerate() {
        let (clock, name) = (clock.clone(), name.to_owned());
        stage.on(index % threads.len(), move |_| {
            let _outer = tagged(profiler.block(&name));
            for (nanos, inner) in (1u64..).zip(NAMES.iter().skip(index % 4).step_by(4)) {
                clock.advance_nanos(100 * nanos);
                let _inner = profiler.block(inner);
                clock.advance_nanos(1_000 + nanos);
            }
        });
    }
    drop(stage);
    profiler.report()
}

fn tagged(scope: TaggedScope) -> TaggedScope {
    NAMES
        .iter()
        .fold(scope, |scope, name| scope.with(name, *name))
        .with("not a number", f64::NAN)
        .with("infinite", f64::NEG_INFINITY)
        .with("large", u64::MAX)
        .with("small", i64::MIN)
        .with("third", 1.0 / 3.0)
        .with("flag", true)
}
