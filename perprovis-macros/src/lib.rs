//! The `#[profile]` attribute of the [perprovis](https://docs.rs/perprovis) profiler. Use it from
//! there: what it expands to names only that crate.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;

// The only switch: without `enable` these files, syn and quote do not exist.
#[cfg(feature = "enable")]
mod args;
#[cfg(feature = "enable")]
mod expand;
#[cfg(feature = "enable")]
mod item;

/// Measures every call of a function.
///
/// ```ignore
/// use perprovis::profile;
///
/// #[profile]
/// fn parse(text: &str) -> Vec<u32> {
///     text.lines().filter_map(|line| line.parse().ok()).collect()
/// }
///
/// struct Engine<T>(T);
///
/// impl<T> Engine<T> {
///     #[profile(name = "engine step")]
///     async fn step(&mut self) { /* ... */ }
/// }
/// ```
///
/// It goes on any function that has a body, also in an `impl` or a `trait`, on `async fn` and on
/// `unsafe`, `extern` and generic ones. Signature, attributes and body stay as they are: the attribute
/// adds one statement before the body. A `const fn` cannot be measured.
///
/// Without the feature `enable` of perprovis the function is given back untouched, and the
/// arguments are not looked at.
///
/// # Arguments
///
/// All are optional, in any order, separated by commas.
///
/// | argument | default | what it does |
/// | --- | --- | --- |
/// | `name = "x"` | path and type of the function, `my_app::Engine<_>::step` | the function's name in reports; functions with the same name are one there |
/// | `profiler = P` | `perprovis::global()` | records with that `Profiler`: any expression that derefs to one, a static, `self.profiler`, an `Arc` |
/// | `metadata(...)` | none | pairs that go with each call, see below |
/// | `crate = path` | `::perprovis` | where perprovis is, for a renamed dependency or a re-export |
///
/// The words `skip` and `prefix` are reserved.
///
/// # Metadata
///
/// ```ignore
/// #[profile(metadata(user_id, attempt = retries + 1, ?request, path = %url.path()))]
/// fn fetch(user_id: u64, retries: u32, request: &Request, url: &Url) { /* ... */ }
/// ```
///
/// | entry | key | value |
/// | --- | --- | --- |
/// | `user_id` | `user_id` | the variable: a bool, number, char or string keeps its type |
/// | `?request`, `%url` | the variable's name | its `Debug` or `Display` text |
/// | `key = expression`, `key = ?expression`, `key = %expression` | `key` | the same, of any expression |
///
/// The expressions are evaluated when the call begins, before the body, and only while the profiler is
/// enabled. They see the parameters, take them by reference, and cannot use `?`, `return` or
/// `.await`.
///
/// # What is measured
///
/// From before the first statement to after the last local variable is dropped, however the
/// function is left: at its end, by `return`, `?` or a panic. Parameters are dropped after that, so
/// a long `Drop` of a parameter counts for the caller.
///
/// For an `async fn`: from the first poll to completion, parameters used in the body included;
/// the time inside of polls is counted apart from the time between them. A future that is dropped
/// unfinished counts as cancelled, and one that is never polled does not count. A function that
/// returns a future without being `async` is measured until it returns the future.
///
/// The attribute works in either order with `#[test]`, `#[inline]` or `#[track_caller]`. With
/// `#[tokio::main]` below it, the future is measured; with `#[tokio::main]` above it, the
/// function that runs the future.
///
/// # Limits of async functions
///
/// The body becomes a future inside the function's future, since only a wrapper sees when it is
/// suspended. It stays `Send` if it was, and its parameters are dropped in the usual order, with
/// these exceptions:
///
/// - parameters that are not bound to a name, `_: T`, are dropped last;
/// - in `-> impl Fn(&str) -> usize` a returned closure must name its parameters' types, `|s: &str|`;
/// - parameters are stored twice, in each of the two futures.
#[proc_macro_attribute]
pub fn profile(args: TokenStream, item: TokenStream) -> TokenStream {
    #[cfg(feature = "enable")]
    return expand::expand(args.into(), item.into()).into();
    #[cfg(not(feature = "enable"))]
    {
        drop(args);
        item
    }
}
