//! The attributes `#[profile]` and `#[perprovis::main]` of the [perprovis](https://docs.rs/perprovis) profiler. Use it from
//! there: what it expands to names only that crate.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;

// The only switch: without `enable` these files, syn and quote do not exist.
#[cfg(feature = "enable")]
mod args;
#[cfg(feature = "enable")]
mod body;
#[cfg(feature = "enable")]
mod container;
#[cfg(feature = "enable")]
mod expand;
#[cfg(feature = "enable")]
mod function;
#[cfg(feature = "enable")]
mod item;
#[cfg(feature = "enable")]
mod krate;
#[cfg(feature = "enable")]
mod label;
#[cfg(feature = "enable")]
mod returned;
#[cfg(feature = "enable")]
mod run;
#[cfg(feature = "enable")]
mod template;
#[cfg(feature = "enable")]
mod words;

/// Measures every call of a function, or of all functions in an `impl`, a `trait` or a `mod`.
///
/// ```ignore
/// use perprovis::profile;
///
/// #[profile]
/// fn parse(text: &str) -> Vec<u32> {
///     text.lines().filter_map(|line| line.parse().ok()).collect()
/// }
///
/// #[profile]
/// impl<T> Engine<T> {
///     async fn step(&mut self) { /* ... */ }
///
///     #[profile(skip)]
///     fn id(&self) -> u64 { /* ... */ }
/// }
/// ```
///
/// It goes on any function that has a body: free ones and methods, generic, `async`, `unsafe` and
/// `extern` ones, `main` and tests. Signature, attributes and body stay as they are: the attribute adds
/// one statement before the body. A `const fn` cannot be measured, as it may run at compile time.
///
/// Without the feature `enable` of perprovis the item is given back untouched, and the arguments are
/// not looked at.
///
/// # Arguments
///
/// All are optional, in any order, separated by commas.
///
/// | argument | default | what it does |
/// | --- | --- | --- |
/// | `name = "x"` | path and type of the function, `my_app::Engine<_>::step` | the function's name in reports; functions with the same name are one there |
/// | `prefix = "db"` | | stands in place of what is before the function's own name: `db::load` |
/// | `profiler = P` | `perprovis::global()` | records with that `Profiler`: any expression that derefs to one, a static, `self.profiler`, an `Arc` |
/// | `metadata(...)` | none | pairs that go with each call, see below |
/// | `skip` | | leaves the item as it is, in a container or by itself |
/// | `crate = path` | the name in `Cargo.toml` | where perprovis is, if the crate has it only through another one's re-export |
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
/// The expressions are evaluated once, when the call begins, before the body, and only while the
/// profiler is enabled. They see the parameters, take them by reference, and cannot use `?`, `return`
/// or `.await`.
///
/// # On an `impl`, a `trait` or a `mod`
///
/// Every function with a body inside is measured, in a `mod` also those of the `impl`s, `trait`s and
/// `mod`s in it. What cannot be measured is passed over: `const fn`s, functions without a body, what
/// macros expand to, and functions inside of function bodies.
///
/// The arguments `profiler`, `prefix` and `crate` count for all functions inside. One that has a
/// `#[profile(...)]` itself keeps what that says, and takes over the rest; it may stand in a
/// `cfg_attr`. With `prefix = "db"` on a `mod`, what is deeper in it keeps its own path: `db::load`,
/// `db::cache::load`, `db::Table<T>::load`, `db::<Table<T> as Store>::load`.
///
/// # What is measured
///
/// From before the first statement to after the last local variable is dropped, however the
/// function is left: at its end, by `return`, `?` or a panic. Parameters are dropped after that, so
/// a long `Drop` of a parameter counts for the caller.
///
/// For an `async fn`: from the first poll to completion, parameters used in the body included;
/// the time inside of polls is counted apart from the time between them. A future that is dropped
/// unfinished counts as cancelled, and one that is never polled does not count.
///
/// The same for a function that is not `async` but returns `Pin<Box<dyn Future<...>>>`, a `BoxFuture`
/// or `LocalBoxFuture`, or `impl Future<...>` (alone or with `Send`, `Sync`, `Unpin`, lifetimes), so with
/// `#[async_trait]` the attribute may stand above or below. What such a function does before it
/// returns the future counts for its caller.
///
/// A function that returns a future in another type is measured until it returns, `-> Self::Future` too:
/// whether that is a box only the compiler knows, and whether the box may be put into another one
/// it does not say. So is one that returns a
/// box and makes it in any other way than by a `Box::pin(...)` at its end, if it has `#[track_caller]`,
/// or if the future's output is more than primitive types and the best-known ones of the standard
/// library, since a second box around it could need a bound that the function has not.
///
/// The attribute works in either order with `#[test]`, `#[inline]` or `#[track_caller]`. With
/// `#[tokio::main]` below it, the future is measured; with `#[tokio::main]` above it, the
/// function that runs the future.
///
/// # Limits
///
/// The body of an `async fn` becomes a future inside the function's future, since only a wrapper
/// sees when it is suspended. That one is `Send` if it was, and parameters are dropped in the usual
/// order, with these exceptions:
///
/// - parameters that the body does not use or cannot, `_: T`, are dropped last;
/// - in `-> impl Fn(&str) -> usize` a returned closure must name its parameters' types, `|s: &str|`;
/// - parameters are stored in each of the two futures. Without the attribute, too, they take their place
///   twice if they live across an `.await`, once if they are only handed on.
///
/// Some lints of clippy look for what a body consists of, and no longer find it: `missing_const_for_fn`,
/// `unused_async`, `manual_async_fn`, `empty_drop`, `items_after_statements`, and in the body of an
/// `async fn`, which is in a future of its own, `implicit_return`, `needless_return`, `ptr_arg` and, if it
/// returns something, `async_yields_async`. Of a parameter that is assigned and not read rustc says there
/// that it is captured, "value captured by `x` is never read".
/// An `#[expect]` of one of these lints is then unfulfilled.
///
/// In an `async fn` the attribute allows `unreachable_code` and two lints of clippy for what it adds, and
/// the compiler minds that where they are forbidden: in `#![forbid(unused)]` with a warning, in
/// `#![forbid(unreachable_code)]` with an error. `deny` does not mind. And in edition 2021
/// `tail_expr_drop_order`, for who is on the way to edition 2024, names the guard beside a lock in the
/// last expression; their order does not matter.
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

/// Reports when the program ends: on `main`, the whole of what a program needs to profile itself.
///
/// ```ignore
/// #[perprovis::main(report, export = "profile.html")]
/// fn main() {
///     // ...
/// }
/// ```
///
/// The same as `let _report = perprovis::report_on_exit();` at the head of `main`, with what the
/// arguments say. When it reports, what, and which environment variables win over the arguments, says
/// `report_on_exit`. Without arguments it prints the text report to standard error.
///
/// `main` may return what it likes and be `async`. In whatever order this stands with `#[tokio::main]` or the
/// like and with `#[profile]`, the report comes when the runtime has ended, and shows `main` if that
/// is profiled.
///
/// Without the feature `enable` of perprovis `main` is given back untouched, and the arguments are not
/// looked at.
///
/// # Arguments
///
/// All are optional, in any order, separated by commas.
///
/// | argument | what it does |
/// | --- | --- |
/// | `report` | prints the text report, which is done anyway if nothing is exported |
/// | `top = 20` | the same with so many functions |
/// | `export = "profile.html"` | writes a file in the format of its ending; may stand more than once. `%p` in its name is the process id, `%t` the time |
/// | `every = "10s"` | writes the files all the time, not only at the end |
/// | `filter = "my_app::db,-my_app::db::ping"` | records only these functions |
/// | `calls = 1000000` | keeps so many calls in the log |
/// | `signals` | reports also before `SIGINT` or `SIGTERM` end the program; needs the feature `signals` |
/// | `crate = path` | where perprovis is, if the crate has it only through another one's re-export |
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    #[cfg(feature = "enable")]
    return run::expand(args.into(), item.into()).into();
    #[cfg(not(feature = "enable"))]
    {
        drop(args);
        item
    }
}
