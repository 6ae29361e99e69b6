//! What `#[profile]` does when the program runs: names, numbers, order of things, sizes of futures.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::cell::Cell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::process::Command;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use perprovis::{ManualClock, Profiler, Report, profile};
use perprovis_tests::{ns, stats};

/// Polls once.
fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls until it completes, and says how often.
fn complete<F: Future + ?Sized>(mut future: Pin<&mut F>) -> (F::Output, u32) {
    for polls in 1.. {
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return (output, polls);
        }
    }
    unreachable!("an endless loop")
}

/// Pending once.
async fn suspend() {
    let mut suspended = false;
    poll_fn(
        |_| if std::mem::replace(&mut suspended, true) { Poll::Ready(()) } else { Poll::Pending },
    )
    .await;
}

/// Busy for `nanos[0]`, suspended, busy for `nanos[1]`, and so on.
async fn busy(clock: &ManualClock, nanos: &[u64]) {
    let (last, before) = nanos.split_last().unwrap();
    for &nanos in before {
        clock.advance_nanos(nanos);
        suspend().await;
    }
    clock.advance_nanos(*last);
}

/// Polls, calls, busy, idle, total and self time in nanoseconds.
#[track_caller]
fn times(report: &Report, name: &str) -> [u64; 6] {
    let Some(stats) = report.function(name) else { panic!("no {name} in\n{report}") };
    let nanos = |time: std::time::Duration| time.as_nanos() as u64;
    let [busy, idle] = [nanos(stats.busy_time), nanos(stats.idle_time)];
    [stats.polls, stats.call_count, busy, idle, nanos(stats.total_time), nanos(stats.self_time)]
}

/// Name and number of calls of each function, by name.
fn rows(profiler: &Profiler) -> Vec<(String, u64)> {
    let mut rows: Vec<_> = profiler
        .all_function_stats()
        .into_iter()
        .map(|stats| (stats.name, stats.call_count))
        .collect();
    rows.sort();
    rows
}

#[track_caller]
fn assert_rows(profiler: &Profiler, expected: &[(&str, u64)]) {
    let rows = rows(profiler);
    let found: Vec<_> = rows.iter().map(|(name, calls)| (name.as_str(), *calls)).collect();
    assert_eq!(found, expected);
}

/// A profiler and its clock, both global to a test, for `#[profile(profiler = P)]`.
macro_rules! global_profiler {
    ($profiler:ident, $clock:ident) => {
        static $clock: LazyLock<ManualClock> = LazyLock::new(ManualClock::new);
        static $profiler: LazyLock<Profiler> =
            LazyLock::new(|| Profiler::builder().clock($clock.clone()).build());
    };
}

mod names {
    use super::*;

    #[test]
    fn methods_of_one_name_are_a_row_for_each_type() {
        static PROFILER: Profiler = Profiler::new();
        struct Circle;
        struct Square;

        impl Circle {
            #[profile(profiler = PROFILER)]
            fn new() -> Circle {
                Circle
            }
        }

        impl Square {
            #[profile(profiler = PROFILER)]
            fn new() -> Square {
                Square
            }
        }

        let (Circle, Square, Square) = (Circle::new(), Square::new(), Square::new());
        let here = "attribute::names::methods_of_one_name_are_a_row_for_each_type";
        assert_rows(
            &PROFILER,
            &[(&format!("{here}::Circle::new"), 1), (&format!("{here}::Square::new"), 2)],
        );
    }

    static SIZES: Profiler = Profiler::new();

    trait Size {
        fn size(&self) -> usize;
    }

    impl Size for Vec<u8> {
        #[profile(profiler = SIZES)]
        fn size(&self) -> usize {
            self.len()
        }
    }

    impl Size for Vec<u16> {
        #[profile(profiler = SIZES)]
        fn size(&self) -> usize {
            self.len() * 2
        }
    }

    impl<T: Size> Size for Option<T> {
        #[profile(profiler = SIZES)]
        fn size(&self) -> usize {
            self.as_ref().map_or(0, Size::size)
        }
    }

    #[test]
    fn impls_of_one_trait_are_a_row_for_each_type() {
        let sum = vec![1u8].size() + vec![1u16].size() + Some(vec![1u16]).size();
        assert_eq!(sum, 1 + 2 + 2);
        assert_rows(
            &SIZES,
            &[
                ("<alloc::vec::Vec<u16> as attribute::names::Size>::size", 2),
                ("<alloc::vec::Vec<u8> as attribute::names::Size>::size", 1),
                ("<core::option::Option<_> as attribute::names::Size>::size", 1),
            ],
        );
    }

    #[test]
    fn functions_of_one_macro_line_are_a_row_each() {
        static PROFILER: Profiler = Profiler::new();

        #[rustfmt::skip]
        macro_rules! functions {
            ($($name:ident)*) => { $(#[profile(profiler = PROFILER)] fn $name() {})* };
        }

        functions!(one two three);
        one();
        two();
        two();
        three();
        let here = "attribute::names::functions_of_one_macro_line_are_a_row_each";
        assert_rows(
            &PROFILER,
            &[
                (&format!("{here}::one"), 1),
                (&format!("{here}::three"), 1),
                (&format!("{here}::two"), 2),
            ],
        );
    }

    #[test]
    fn a_generic_function_is_one_row() {
        static PROFILER: Profiler = Profiler::new();
        struct Wrapped<T>(T);

        impl<T: Copy> Wrapped<T> {
            #[profile(profiler = PROFILER)]
            fn convert<U: From<T>>(&self) -> U {
                self.0.into()
            }
        }

        let sum = Wrapped(1u8).convert::<u16>() + Wrapped(2u16).convert::<u16>();
        assert_eq!(u32::from(sum) + Wrapped(1u8).convert::<u32>(), 4);
        let here = "attribute::names::a_generic_function_is_one_row";
        assert_rows(&PROFILER, &[(&format!("{here}::Wrapped<_>::convert"), 3)]);
    }

    #[test]
    fn nested_functions_have_the_names_of_those_around_them() {
        static PROFILER: Profiler = Profiler::new();

        #[profile(profiler = PROFILER)]
        fn left() {
            #[profile(profiler = PROFILER)]
            fn inner() {}
            inner();
        }

        #[profile(profiler = PROFILER)]
        fn right() {
            struct Local;
            impl Local {
                #[profile(profiler = PROFILER)]
                fn inner(&self) {}
            }
            Local.inner();
            Local.inner();
        }

        left();
        right();
        let here = "attribute::names::nested_functions_have_the_names_of_those_around_them";
        assert_rows(
            &PROFILER,
            &[
                (&format!("{here}::left"), 1),
                (&format!("{here}::left::inner"), 1),
                (&format!("{here}::right"), 1),
                (&format!("{here}::right::Local::inner"), 2),
            ],
        );
    }

    #[test]
    fn functions_nested_in_async_ones_and_closures_have_the_names_of_others() {
        static PROFILER: Profiler = Profiler::new();

        #[profile(profiler = PROFILER)]
        async fn outer() {
            #[profile(profiler = PROFILER)]
            async fn inner() {}

            inner().await;
            async {
                #[profile(profiler = PROFILER)]
                fn deeper() {}

                deeper();
            }
            .await;
        }

        async fn plain() {
            #[profile(profiler = PROFILER)]
            async fn inner() {}

            inner().await;
        }

        complete(pin!(outer()));
        complete(pin!(plain()));
        let here = "attribute::names::\
                    functions_nested_in_async_ones_and_closures_have_the_names_of_others";
        assert_rows(
            &PROFILER,
            &[
                (&format!("{here}::outer"), 1),
                (&format!("{here}::outer::deeper"), 1),
                (&format!("{here}::outer::inner"), 1),
                (&format!("{here}::plain::inner"), 1),
            ],
        );
    }

    #[test]
    fn async_functions_have_the_names_of_others() {
        static PROFILER: Profiler = Profiler::new();
        struct Store<'a, T>(&'a T);

        impl<T> Store<'_, T> {
            #[profile(profiler = PROFILER)]
            async fn load(&self) -> &T {
                self.0
            }
        }

        #[profile(profiler = PROFILER)]
        async fn load() {
            assert_eq!(*Store(&1).load().await, 1);
        }

        complete(pin!(load()));
        let here = "attribute::names::async_functions_have_the_names_of_others";
        let rows = rows(&PROFILER);
        let names: Vec<&str> = rows.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.contains(&format!("{here}::load").as_str()), "{names:?}");
        assert!(names.iter().any(|name| name.ends_with("Store<'_, _>::load")), "{names:?}");
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn raw_names_are_found_as_they_are_written() {
        static PROFILER: Profiler = Profiler::new();

        #[profile(profiler = PROFILER)]
        fn r#match() {}

        r#match();
        let row = PROFILER.all_function_stats().remove(0);
        assert!(row.name.ends_with("::r#match") || row.name.ends_with("::match"), "{}", row.name);
    }
}

mod arguments {
    use super::*;

    thread_local! {
        static EVALUATED: Cell<u32> = const { Cell::new(0) };
    }

    fn evaluate<T>(value: T) -> T {
        EVALUATED.set(EVALUATED.get() + 1);
        value
    }

    #[test]
    fn metadata_is_evaluated_once_and_before_the_body() {
        static PROFILER: Profiler = Profiler::new();

        #[profile(profiler = PROFILER, metadata(before = evaluate(values.len())))]
        fn clear(values: &mut Vec<u8>) -> u32 {
            values.clear();
            EVALUATED.get()
        }

        assert_eq!(clear(&mut vec![1, 2]), 1, "before the body");
        assert_eq!(EVALUATED.get(), 1);
        assert_eq!(PROFILER.all_calls()[0].metadata.to_string(), "before=2");
    }

    #[test]
    fn metadata_of_an_async_function_is_evaluated_once_at_the_first_poll() {
        static PROFILER: Profiler = Profiler::new();

        #[profile(profiler = PROFILER, metadata(before = evaluate(values.len())))]
        async fn clear(values: &mut Vec<u8>) -> u32 {
            values.clear();
            suspend().await;
            suspend().await;
            EVALUATED.get()
        }

        let mut values = vec![1, 2];
        let future = pin!(clear(&mut values));
        assert_eq!(EVALUATED.get(), 0, "the call begins with the first poll");
        assert_eq!(complete(future), (1, 3));
        assert_eq!(EVALUATED.get(), 1);
        assert_eq!(PROFILER.all_calls()[0].metadata.to_string(), "before=2");
    }

    #[test]
    fn metadata_is_not_evaluated_while_the_profiler_is_disabled() {
        static PROFILER: Profiler = Profiler::new();

        #[profile(profiler = PROFILER, metadata(number = evaluate(number)))]
        fn plain(number: u32) -> u32 {
            number
        }

        #[profile(profiler = PROFILER, metadata(number = evaluate(number)))]
        async fn later(number: u32) -> u32 {
            suspend().await;
            number
        }

        PROFILER.disable();
        assert_eq!(plain(1) + complete(pin!(later(2))).0, 3);
        assert_eq!(EVALUATED.get(), 0);
        let mut begun_before = pin!(later(3));
        assert!(poll(begun_before.as_mut()).is_pending());
        PROFILER.enable();
        assert!(poll(begun_before).is_ready());
        assert_eq!(EVALUATED.get(), 0);
        assert_eq!(plain(4) + complete(pin!(later(5))).0, 9);
        assert_eq!(EVALUATED.get(), 2);
    }

    #[test]
    fn metadata_keeps_the_type_of_a_parameter_behind_a_reference() {
        static PROFILER: Profiler = Profiler::new();

        #[profile(profiler = PROFILER, metadata(left, right, text, self_len = text.len()))]
        fn work(left: &u64, right: &mut bool, text: &String) -> u64 {
            *right = !*right;
            *left + text.len() as u64
        }

        assert_eq!(work(&1, &mut true, &"x".into()), 2);
        let call = PROFILER.all_calls().remove(0);
        assert_eq!(call.metadata.get("left").unwrap().to_string(), "1");
        assert_eq!(call.metadata.to_string(), "left=1 right=true text=x self_len=1");
    }

    #[test]
    fn the_profiler_is_evaluated_once_for_each_call() {
        static PROFILER: Profiler = Profiler::new();

        fn profiler() -> &'static Profiler {
            evaluate(&PROFILER)
        }

        #[profile(profiler = profiler())]
        fn plain() {}

        #[profile(profiler = profiler())]
        async fn later() {
            suspend().await;
            suspend().await;
        }

        plain();
        assert_eq!(EVALUATED.get(), 1);
        assert_eq!(complete(pin!(later())).1, 3);
        assert_eq!(EVALUATED.get(), 2);
    }

    #[test]
    fn each_call_is_recorded_by_the_profiler_that_it_names() {
        struct Service<'p> {
            profiler: &'p Profiler,
        }

        impl Service<'_> {
            #[profile(profiler = self.profiler, name = "handle")]
            fn handle(&self) {}

            #[profile(profiler = self.profiler, name = "fetch")]
            async fn fetch(&self) {}
        }

        let (one, two) = (Profiler::new(), Profiler::new());
        let [first, second] = [&one, &two].map(|profiler| Service { profiler });
        first.handle();
        second.handle();
        second.handle();
        complete(pin!(second.fetch()));
        assert_rows(&one, &[("handle", 1)]);
        assert_rows(&two, &[("fetch", 1), ("handle", 2)]);
    }
}

mod times {
    use super::*;

    /// Takes time when it is dropped.
    struct Slow(&'static ManualClock, u64);

    impl Drop for Slow {
        fn drop(&mut self) {
            self.0.advance_nanos(self.1);
        }
    }

    impl Slow {
        fn amount(&self) -> u64 {
            self.1
        }
    }

    #[test]
    fn however_a_function_is_left_it_is_one_call() {
        global_profiler!(PROFILER, CLOCK);

        #[profile(profiler = PROFILER, name = "leave")]
        fn leave(how: u32) -> Option<u32> {
            CLOCK.advance_nanos(1);
            for round in 0..3 {
                if how == 0 {
                    return Some(round);
                }
            }
            let number = 'number: {
                if how == 1 {
                    break 'number None;
                }
                Some(how)
            }?;
            assert!(how != 2, "expected by the test");
            let Some(3) = Some(number) else { return None };
            Some(number)
        }

        for (how, left) in [(0, Some(0)), (1, None), (3, Some(3)), (4, None)] {
            assert_eq!(leave(how), left);
        }
        assert!(catch_unwind(|| leave(2)).is_err());
        let stats = stats(&PROFILER, "leave");
        assert_eq!((stats.call_count, stats.panicked, stats.total_time), (5, 1, ns(5)));
        assert!(PROFILER.report().open_scopes().is_empty());
    }

    #[test]
    fn what_the_body_drops_counts_and_what_the_caller_gave_does_not() {
        global_profiler!(PROFILER, CLOCK);

        #[profile(profiler = PROFILER, name = "work")]
        fn work(_parameter: Slow) -> u64 {
            let _local = Slow(&CLOCK, 10);
            let _ = Slow(&CLOCK, 100);
            Slow(&CLOCK, 1000).amount()
        }

        PROFILER.measure("caller", || work(Slow(&CLOCK, 10_000)));
        assert_eq!(stats(&PROFILER, "work").total_time, ns(1110));
        assert_eq!(
            stats(&PROFILER, "caller").self_time,
            ns(10_000),
            "parameters are dropped after"
        );
    }

    #[test]
    fn an_async_function_drops_its_parameters_within_the_call() {
        global_profiler!(PROFILER, CLOCK);

        #[profile(profiler = PROFILER, name = "work")]
        async fn work(parameter: Slow) -> u64 {
            let _local = Slow(&CLOCK, 10);
            suspend().await;
            Slow(&CLOCK, 1000).amount() + parameter.amount()
        }

        assert_eq!(complete(pin!(work(Slow(&CLOCK, 10_000)))), (11_000, 2));
        assert_eq!(times(&PROFILER.report(), "work"), [2, 1, 11_010, 0, 11_010, 11_010]);
    }

    #[test]
    fn work_of_a_returned_iterator_or_closure_counts_for_who_uses_it() {
        global_profiler!(PROFILER, CLOCK);

        #[profile(profiler = PROFILER, name = "numbers")]
        fn numbers() -> impl Iterator<Item = u32> {
            CLOCK.advance_nanos(1);
            (0..3).inspect(|_| CLOCK.advance_nanos(10))
        }

        #[profile(profiler = PROFILER, name = "closure")]
        fn closure() -> impl Fn() {
            CLOCK.advance_nanos(2);
            || CLOCK.advance_nanos(10)
        }

        PROFILER.measure("caller", || {
            assert_eq!(numbers().count(), 3);
            closure()();
        });
        assert_eq!(stats(&PROFILER, "numbers").total_time, ns(1));
        assert_eq!(stats(&PROFILER, "closure").total_time, ns(2));
        assert_eq!(stats(&PROFILER, "caller").self_time, ns(40));
    }

    #[test]
    fn recursion_through_other_types_counts_total_time_once() {
        global_profiler!(PROFILER, CLOCK);

        #[profile(profiler = PROFILER, name = "fall")]
        fn fall<T, U>(depth: u32) {
            CLOCK.advance_nanos(1);
            if depth > 1 {
                fall::<U, T>(depth - 1);
            }
        }

        fall::<u8, u16>(4);
        let fall = stats(&PROFILER, "fall");
        assert_eq!((fall.call_count, fall.total_time, fall.max_time), (4, ns(4), ns(4)));
    }

    #[test]
    fn an_async_function_dropped_before_its_end_is_cancelled_and_one_never_polled_is_no_call() {
        global_profiler!(PROFILER, CLOCK);

        #[profile(profiler = PROFILER, name = "work")]
        async fn work(_parameter: Slow) {
            busy(&CLOCK, &[10, 20]).await;
        }

        drop(work(Slow(&CLOCK, 5)));
        assert_eq!(CLOCK.nanos(), 5, "the parameter is dropped");
        assert!(PROFILER.report().is_empty());

        let mut future = Box::pin(work(Slow(&CLOCK, 5)));
        assert!(poll(future.as_mut()).is_pending());
        drop(future);
        let report = PROFILER.report();
        let stats = report.function("work").unwrap();
        assert_eq!((stats.call_count, stats.cancelled, stats.panicked), (0, 1, 0));
        assert!(report.open_scopes().is_empty());
        assert_eq!(report.dropped(), Default::default());
    }

    #[test]
    fn an_async_function_that_panics_is_one_call_and_the_next_works() {
        global_profiler!(PROFILER, CLOCK);

        #[profile(profiler = PROFILER, name = "work")]
        async fn work(fine: bool) {
            busy(&CLOCK, &[10, 20]).await;
            assert!(fine, "expected by the test");
        }

        for fine in [false, true] {
            let outcome = catch_unwind(AssertUnwindSafe(|| complete(pin!(work(fine)))));
            assert_eq!(outcome.is_ok(), fine);
        }
        let stats = stats(&PROFILER, "work");
        assert_eq!((stats.call_count, stats.panicked, stats.cancelled), (2, 1, 0));
        assert_eq!((stats.total_time, stats.polls), (ns(60), 4));
    }
}

mod other_attributes {
    use super::*;

    /// Whether the innermost open call of this thread is that of `function`.
    fn is_open(function: &str) -> bool {
        let report = perprovis::global().report();
        report.open_scopes().iter().any(|scope| scope.name.ends_with(function))
    }

    #[profile]
    #[track_caller]
    fn track_caller_below() -> u32 {
        Location::caller().line()
    }

    #[track_caller]
    #[profile(metadata(one = 1))]
    fn track_caller_above() -> u32 {
        Location::caller().line()
    }

    #[test]
    fn the_location_of_the_caller_is_the_callers() {
        assert_eq!(track_caller_below(), line!());
        assert_eq!(track_caller_above(), line!());
    }

    #[profile]
    #[test]
    fn test_below() {
        assert!(is_open("::test_below"));
    }

    #[test]
    #[profile]
    fn test_above() {
        assert!(is_open("::test_above"));
    }

    #[test]
    #[profile]
    #[should_panic(expected = "expected by the test")]
    fn test_that_panics() {
        panic!("expected by the test");
    }

    #[profile]
    #[test]
    fn test_with_a_result() -> Result<(), std::num::ParseIntError> {
        assert_eq!("7".parse::<u8>()?, 7);
        Ok(())
    }

    #[profile]
    #[tokio::test]
    async fn tokio_test_below() {
        tokio::task::yield_now().await;
        assert!(is_open("::tokio_test_below"));
    }

    #[tokio::test]
    #[profile]
    async fn tokio_test_above() -> Result<(), tokio::task::JoinError> {
        tokio::task::yield_now().await;
        assert!(is_open("::tokio_test_above"));
        tokio::spawn(async {}).await
    }
}

mod sizes {
    use super::*;

    /// Async functions that each await the one before, the first with `$attribute`, and the sizes of
    /// their futures.
    macro_rules! levels {
        ($sizes:ident, $argument:ty, $value:expr, $(#[$attribute:meta])*) => {
            fn $sizes() -> [usize; 7] {
                macro_rules! level {
                    ($name:ident $below:ident) => {
                        $(#[$attribute])*
                        async fn $name(argument: $argument) -> usize {
                            $below(argument).await
                        }
                    };
                }
                $(#[$attribute])*
                async fn one(argument: $argument) -> usize {
                    suspend_once().await;
                    size_of_val(&argument)
                }
                level!(two one);
                level!(three two);
                level!(four three);
                level!(five four);
                level!(six five);
                level!(seven six);
                assert_eq!(complete(pin!(seven($value))).0, size_of::<$argument>());
                [
                    size_of_val(&one($value)),
                    size_of_val(&two($value)),
                    size_of_val(&three($value)),
                    size_of_val(&four($value)),
                    size_of_val(&five($value)),
                    size_of_val(&six($value)),
                    size_of_val(&seven($value)),
                ]
            }
        };
    }

    async fn suspend_once() {}

    levels!(plain, (), (),);
    levels!(profiled, (), (), #[profile]);
    levels!(plain_with_a_kilobyte, [u8; 1024], [1; 1024],);
    levels!(profiled_with_a_kilobyte, [u8; 1024], [1; 1024], #[profile]);

    fn growth(sizes: &[usize; 7]) -> Vec<usize> {
        sizes.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    #[test]
    #[expect(clippy::print_stdout, reason = "cargo test -- --nocapture shows the sizes")]
    fn the_future_of_an_async_function_is_at_most_96_bytes_larger_a_level() {
        let (plain, profiled) = (plain(), profiled());
        println!("bytes of 1 to 7 levels: {plain:?}, annotated {profiled:?}");
        for (level, (plain, profiled)) in std::iter::zip(plain, profiled).enumerate() {
            assert!(profiled - plain <= 96 * (level + 1), "{level}: {profiled}, not {plain}");
        }
    }

    #[test]
    #[expect(clippy::print_stdout, reason = "cargo test -- --nocapture shows the sizes")]
    fn the_size_of_nested_futures_adds_up_and_does_not_multiply() {
        let (plain, profiled) = (plain_with_a_kilobyte(), profiled_with_a_kilobyte());
        println!("bytes of 1 to 7 levels with 1 KiB: {plain:?}, annotated {profiled:?}");
        for sizes in [self::profiled(), profiled] {
            let growth = growth(&sizes);
            assert!(growth.iter().all(|bytes| *bytes == growth[0]), "{sizes:?} grow by {growth:?}");
        }
        assert!(growth(&profiled)[0] <= 2 * (1024 + 96), "arguments are stored twice at most");
    }
}

mod packages {
    use super::*;

    /// Those of `ui/pass` that need edition 2024.
    const ONLY_2024: [&str; 0] = [];

    fn path(of: &[&str]) -> PathBuf {
        let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        path.extend(of);
        path
    }

    /// Writes a package that depends on the facade as `name`, and runs cargo on it.
    fn cargo(package: &str, name: &str, targets: &str, arguments: &[&str]) -> (bool, String) {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("attribute").join(package);
        std::fs::create_dir_all(&directory).unwrap();
        let facade = path(&["..", "perprovis"]);
        let manifest = format!(
            "[package]\nname = \"{package}\"\nedition = \"2021\"\nautobins = false\n\
             [workspace]\n\
             [dependencies]\n\
             {name} = {{ package = \"perprovis\", path = {facade:?}, features = [\"signals\"] }}\n\
             async-trait = \"0.1\"\n\
             futures = {{ version = \"0.3\", default-features = false, features = [\"executor\"] }}\n\
             tokio = {{ version = \"1\", features = [\"rt-multi-thread\", \"macros\"] }}\n\
             {targets}"
        );
        std::fs::write(directory.join("Cargo.toml"), manifest).unwrap();
        std::fs::copy(path(&["..", "Cargo.lock"]), directory.join("Cargo.lock")).unwrap();
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .arg("--manifest-path")
            .arg(directory.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", directory.with_file_name("target"))
            .env_remove("RUSTFLAGS")
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    /// A binary target with the source file at `path`.
    fn binary(name: &str, path: &Path) -> String {
        format!("[[bin]]\nname = {name:?}\npath = {path:?}\n")
    }

    #[test]
    fn every_use_compiles_in_edition_2021_and_drops_in_its_order() {
        let mut targets = String::new();
        for file in std::fs::read_dir(path(&["ui", "pass"])).unwrap() {
            let file = file.unwrap().path();
            let name = file.file_stem().unwrap().to_str().unwrap();
            if !ONLY_2024.contains(&name) {
                targets += &binary(name, &file);
            }
        }
        let (compiles, text) =
            cargo("edition-2021", "perprovis", &targets, &["check", "--keep-going", "--bins"]);
        assert!(compiles, "{text}");
        for name in ["drop_order", "drop_order_async"] {
            let (runs, text) =
                cargo("edition-2021", "perprovis", &targets, &["run", "--quiet", "--bin", name]);
            assert!(runs, "{name}: {text}");
        }
    }

    #[test]
    fn a_dependency_under_another_name_is_given_by_an_argument() {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("attribute").join("renamed");
        std::fs::create_dir_all(&directory).unwrap();
        let source = "\
            #![deny(warnings)]\n\
            #[prof::profile(crate = prof)]\n\
            fn relative() -> u8 { 1 }\n\
            #[prof::profile(crate = ::prof, metadata(number))]\n\
            async fn absolute(number: u8) -> u8 { number }\n\
            fn main() {\n    \
                assert_eq!(relative() + futures::executor::block_on(absolute(2)), 3);\n    \
                assert_eq!(prof::global().report().functions().len(), 2);\n\
            }\n";
        let file = directory.join("main.rs");
        std::fs::write(&file, source).unwrap();
        let target = binary("renamed", &file);
        let (runs, text) = cargo("renamed", "prof", &target, &["run", "--quiet"]);
        assert!(runs, "{text}");
    }
}

/// Functions that are not async but return a boxed future, as `#[async_trait]` makes them.
mod boxed_futures {
    use async_trait::async_trait;
    use futures::future::{BoxFuture, LocalBoxFuture};

    use super::*;

    #[test]
    fn a_boxed_future_is_measured_from_its_first_poll_to_its_end() {
        global_profiler!(PROFILER, CLOCK);

        #[profile(profiler = PROFILER, name = "load")]
        fn load<'a>(id: &'a u32) -> Pin<Box<dyn Future<Output = u32> + Send + 'a>> {
            Box::pin(async move {
                busy(&CLOCK, &[10, 20, 30]).await;
                *id
            })
        }

        let id = 7;
        let mut future = load(&id);
        CLOCK.advance_nanos(1000);
        assert!(PROFILER.report().is_empty(), "it has not begun:\n{}", PROFILER.report());
        assert!(poll(future.as_mut()).is_pending());
        CLOCK.advance_nanos(100);
        assert!(poll(future.as_mut()).is_pending());
        CLOCK.advance_nanos(200);
        assert_eq!(poll(future.as_mut()), Poll::Ready(7));
        assert_eq!(times(&PROFILER.report(), "load"), [3, 1, 60, 300, 360, 60]);
    }

    #[test]
    fn every_spelling_of_the_type_is_measured_so() {
        global_profiler!(PROFILER, CLOCK);

        #[profile(profiler = PROFILER, name = "box future")]
        fn box_future(text: &str) -> BoxFuture<'_, usize> {
            Box::pin(async move {
                busy(&CLOCK, &[1, 2]).await;
                text.len()
            })
        }

        #[profile(profiler = PROFILER, name = "path")]
        fn path(text: &str) -> futures::future::BoxFuture<'_, usize> {
            Box::pin(async move {
                busy(&CLOCK, &[1, 2]).await;
                text.len()
            })
        }

        #[profile(profiler = PROFILER, name = "local")]
        fn local(text: &str) -> LocalBoxFuture<'_, usize> {
            Box::pin(async move {
                busy(&CLOCK, &[1, 2]).await;
                text.len()
            })
        }

        #[profile(profiler = PROFILER, name = "full")]
        fn full(
            text: &str,
        ) -> ::core::pin::Pin<::std::boxed::Box<dyn ::core::future::Future<Output = usize> + '_>>
        {
            Box::pin(async move {
                busy(&CLOCK, &[1, 2]).await;
                text.len()
            })
        }

        let results = [
            complete(box_future("x").as_mut()),
            complete(path("x").as_mut()),
            complete(local("x").as_mut()),
            complete(full("x").as_mut()),
        ];
        assert_eq!(results, [(1, 2); 4]);
        for name in ["box future", "path", "local", "full"] {
            assert_eq!(times(&PROFILER.report(), name), [2, 1, 3, 0, 3, 3], "{name}");
        }
    }

    #[test]
    fn every_way_to_make_the_future_is_measured_so() {
        global_profiler!(PROFILER, CLOCK);

        #[profile(profiler = PROFILER, name = "work")]
        fn work(how: u32) -> BoxFuture<'static, u32> {
            if how == 0 {
                return Box::pin(async {
                    busy(&CLOCK, &[1, 2]).await;
                    0
                });
            }
            if how == 1 {
                let future: BoxFuture<'static, u32> = Box::pin(async {
                    busy(&CLOCK, &[1, 2]).await;
                    1
                });
                return future;
            }
            fn handed_on() -> BoxFuture<'static, u32> {
                Box::pin(async {
                    busy(&CLOCK, &[1, 2]).await;
                    2
                })
            }
            handed_on()
        }

        for how in 0..3 {
            assert_eq!(complete(work(how).as_mut()), (how, 2));
        }
        assert_eq!(times(&PROFILER.report(), "work"), [6, 3, 9, 0, 9, 9]);
    }

    #[test]
    fn what_stands_before_the_future_still_runs_when_it_is_made() {
        static PROFILER: Profiler = Profiler::new();
        thread_local! {
            static EFFECTS: Cell<u32> = const { Cell::new(0) };
        }

        #[profile(profiler = PROFILER, name = "work")]
        fn work(number: &u32) -> BoxFuture<'_, u32> {
            let before = *number;
            EFFECTS.set(EFFECTS.get() + 1);
            Box::pin(async move { before + *number })
        }

        let number = 2;
        let mut future = work(&number);
        assert_eq!(EFFECTS.get(), 1);
        assert_eq!(complete(future.as_mut()), (4, 1));
        assert_eq!(EFFECTS.get(), 1);
        assert_eq!(stats(&PROFILER, "work").polls, 1);
    }

    #[test]
    fn a_boxed_future_dropped_while_pending_is_cancelled_and_one_never_polled_is_no_call() {
        global_profiler!(PROFILER, CLOCK);

        #[profile(profiler = PROFILER, name = "work")]
        fn work() -> BoxFuture<'static, ()> {
            Box::pin(busy(&CLOCK, &[10, 20]))
        }

        drop(work());
        let calls =
            PROFILER.function_stats("work").map(|stats| (stats.call_count, stats.cancelled));
        assert!(matches!(calls, None | Some((0, 0))), "{calls:?}");

        let mut future = work();
        assert!(poll(future.as_mut()).is_pending());
        drop(future);
        let work = stats(&PROFILER, "work");
        assert_eq!((work.call_count, work.cancelled, work.panicked), (0, 1, 0));
        let report = PROFILER.report();
        assert!(report.calls().is_empty() && report.open_scopes().is_empty());
    }

    #[test]
    fn a_boxed_future_that_panics_is_one_call() {
        global_profiler!(PROFILER, CLOCK);

        #[profile(profiler = PROFILER, name = "work")]
        fn work() -> BoxFuture<'static, ()> {
            Box::pin(async {
                busy(&CLOCK, &[10, 20]).await;
                panic!("expected by the test");
            })
        }

        assert!(catch_unwind(AssertUnwindSafe(|| complete(work().as_mut()))).is_err());
        let stats = stats(&PROFILER, "work");
        assert_eq!((stats.call_count, stats.panicked, stats.cancelled), (1, 1, 0));
        assert_eq!((stats.total_time, stats.polls), (ns(30), 2));
    }

    #[test]
    fn a_boxed_future_that_calls_itself_counts_total_time_once() {
        global_profiler!(PROFILER, CLOCK);

        #[profile(profiler = PROFILER, name = "fall")]
        fn fall(depth: u32) -> BoxFuture<'static, u32> {
            Box::pin(async move {
                CLOCK.advance_nanos(1);
                suspend().await;
                let below = if depth > 1 { fall(depth - 1).await } else { 0 };
                CLOCK.advance_nanos(1);
                below + 1
            })
        }

        assert_eq!(complete(fall(4).as_mut()), (4, 5));
        let report = PROFILER.report();
        let fall = report.function("fall").unwrap();
        assert_eq!((fall.call_count, fall.total_time, fall.self_time), (4, ns(8), ns(8)));
        assert_eq!((fall.min_time, fall.max_time), (ns(2), ns(8)));
        assert_eq!(fall.polls, 5 + 4 + 3 + 2);
        assert_eq!(report.call_tree().len(), 4);
    }

    #[test]
    fn metadata_of_a_boxed_future_is_evaluated_once() {
        static PROFILER: Profiler = Profiler::new();
        thread_local! {
            static EVALUATED: Cell<u32> = const { Cell::new(0) };
        }

        #[profile(profiler = PROFILER, metadata(id, count = { EVALUATED.set(EVALUATED.get() + 1); 1 }))]
        fn load(id: u32) -> BoxFuture<'static, ()> {
            Box::pin(async move {
                suspend().await;
                suspend().await;
                assert_eq!(id, 7);
            })
        }

        PROFILER.disable();
        assert_eq!(complete(load(7).as_mut()).1, 3);
        assert_eq!(EVALUATED.get(), 0, "only while enabled");
        PROFILER.enable();
        assert_eq!(complete(load(7).as_mut()).1, 3);
        assert_eq!(EVALUATED.get(), 1);
        let calls = PROFILER.all_calls();
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].metadata.to_string(), "id=7 count=1");
    }

    global_profiler!(STORES, TIME);

    #[async_trait]
    trait Store: Sync {
        async fn load(&self, key: &str) -> Result<usize, String>;

        #[profile(profiler = STORES)]
        async fn load_both(&self, (left, right): (&str, &str)) -> Result<usize, String> {
            TIME.advance_nanos(1);
            Ok(self.load(left).await? + self.load(right).await?)
        }
    }

    struct Memory;
    struct Disk;

    #[async_trait]
    impl Store for Memory {
        #[profile(profiler = STORES, metadata(key))]
        async fn load(&self, key: &str) -> Result<usize, String> {
            busy(&TIME, &[10, 20]).await;
            if key.is_empty() {
                return Err(String::from("no key"));
            }
            Ok(key.len())
        }
    }

    #[async_trait]
    impl Store for Disk {
        #[profile(profiler = STORES)]
        async fn load(&self, key: &str) -> Result<usize, String> {
            busy(&TIME, &[100, 200, 300]).await;
            Ok(key.len())
        }
    }

    #[test]
    fn methods_inside_of_async_trait_are_measured_across_their_await_points() {
        let stores: [Box<dyn Store>; 2] = [Box::new(Memory), Box::new(Disk)];
        assert_eq!(complete(stores[0].load_both(("a", "bc")).as_mut()), (Ok(3), 3));
        assert_eq!(complete(stores[1].load_both(("a", "bc")).as_mut()), (Ok(3), 5));
        assert_eq!(complete(stores[0].load("").as_mut()), (Err("no key".into()), 2));

        let report = STORES.report();
        let row = |of: &str| {
            let mut rows = report.functions().iter().filter(|stats| stats.name.contains(of));
            let row = rows.next().unwrap_or_else(|| panic!("no {of} in\n{report}"));
            assert!(rows.next().is_none(), "more than one {of} in\n{report}");
            (row.name.as_str(), times(&report, &row.name))
        };
        let (name, memory) = row("Memory");
        assert!(name.ends_with("::load"), "{name}");
        assert_eq!(memory, [6, 3, 90, 0, 90, 90]);
        let (name, disk) = row("Disk");
        assert!(name.ends_with("::load"), "{name}");
        assert_eq!(disk, [6, 2, 1200, 0, 1200, 1200]);
        let (_, both) = row("load_both");
        assert_eq!(both, [8, 2, 60 + 1200 + 2, 0, 60 + 1200 + 2, 2]);
        let with_key = report.calls().iter().filter(|call| call.metadata.get("key").is_some());
        assert_eq!(with_key.count(), 3);
        assert!(report.open_scopes().is_empty());
    }
}
