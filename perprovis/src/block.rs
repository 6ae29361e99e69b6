//! `profile_block!`, in all its forms.

/// Profiles a block, or the rest of the enclosing one.
///
/// | form | what it does |
/// | --- | --- |
/// | `profile_block!("x", { ... })` | profiles the block and gives its value |
/// | `let _scope = profile_block!("x");` | profiles up to the end of the enclosing block |
/// | `profile_block!("x", user_id = 1, { ... })` | attaches metadata to the call, in both forms |
/// | `profile_block!(profiler = P, "x", ...)` | records with `P`: anything that derefs to a [`Profiler`](crate::Profiler) |
///
/// The name is a literal, or any expression that derefs to a `str`; a literal is cheaper, as it needs
/// no look-up. Metadata values are borrowed, evaluated once, at entry, and only while the profiler is
/// enabled. As in `tracing`: `key = value`, `key` alone for a variable of that name, `?key` or
/// `key = ?value` for the `Debug` form, `%key` or `key = %value` for the `Display` form.
///
/// The block is not a closure: `return`, `?` and `break` work as always. (Metadata values are: no `?` and
/// no `.await` in them.) A scope belongs to its
/// thread and must not be held across an `.await`; for futures there is
/// [`ProfileFuture`](crate::ProfileFuture).
///
/// # Examples
///
/// ```
/// use perprovis::profile_block;
///
/// fn load(path: &str) -> Result<usize, std::num::ParseIntError> {
///     let text = profile_block!("read", path, retries = 0, { String::from("42") });
///     let _scope = profile_block!("parse", bytes = text.len());
///     text.parse()
/// }
///
/// assert_eq!(load("answer.txt"), Ok(42));
/// ```
#[macro_export]
macro_rules! profile_block {
    (profiler = $profiler:expr, $($rest:tt)+) => {
        $crate::__profile_block!(@name ($profiler) $($rest)+)
    };
    ($($rest:tt)+) => {
        $crate::__profile_block!(@name () $($rest)+)
    };
    () => {
        ::core::compile_error!("expected a name: `profile_block!(\"name\", ...)`")
    };
}

/// The parser behind [`profile_block!`]: name, then pairs one by one, then the block or nothing.
#[doc(hidden)]
#[macro_export]
macro_rules! __profile_block {
    (@name $on:tt $name:literal $(, $($rest:tt)*)?) => {
        $crate::__profile_block!(@pairs $on [literal $name] () $($($rest)*)?)
    };
    (@name $on:tt $name:expr $(, $($rest:tt)*)?) => {
        $crate::__profile_block!(@pairs $on [dynamic $name] () $($($rest)*)?)
    };

    // The end: nothing more, or a block.
    (@pairs $on:tt $name:tt $pairs:tt) => {
        $crate::__profile_block!(@enter $on $name $pairs)
    };
    (@pairs $on:tt $name:tt $pairs:tt { $($body:tt)* } $(,)?) => {{
        let __perprovis_scope = $crate::__profile_block!(@enter $on $name $pairs);
        $($body)*
    }};

    // One pair more.
    (@pairs $on:tt $name:tt ($($pairs:tt)*) ? $key:ident $(, $($rest:tt)*)?) => {
        $crate::__profile_block!(@pairs $on $name ($($pairs)* (debug_value, $key, $key)) $($($rest)*)?)
    };
    (@pairs $on:tt $name:tt ($($pairs:tt)*) % $key:ident $(, $($rest:tt)*)?) => {
        $crate::__profile_block!(@pairs $on $name ($($pairs)* (display_value, $key, $key)) $($($rest)*)?)
    };
    (@pairs $on:tt $name:tt ($($pairs:tt)*) $key:ident = ? $value:expr $(, $($rest:tt)*)?) => {
        $crate::__profile_block!(@pairs $on $name ($($pairs)* (debug_value, $key, $value)) $($($rest)*)?)
    };
    (@pairs $on:tt $name:tt ($($pairs:tt)*) $key:ident = % $value:expr $(, $($rest:tt)*)?) => {
        $crate::__profile_block!(@pairs $on $name ($($pairs)* (display_value, $key, $value)) $($($rest)*)?)
    };
    (@pairs $on:tt $name:tt ($($pairs:tt)*) $key:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::__profile_block!(@pairs $on $name ($($pairs)* (value, $key, $value)) $($($rest)*)?)
    };
    (@pairs $on:tt $name:tt ($($pairs:tt)*) $key:ident $(, $($rest:tt)*)?) => {
        $crate::__profile_block!(@pairs $on $name ($($pairs)* (value, $key, $key)) $($($rest)*)?)
    };
    (@pairs $on:tt $name:tt $pairs:tt $($rest:tt)+) => {
        ::core::compile_error!(::core::concat!(
            "expected `key = value`, `key`, `?key`, `%key` or a block in braces, found `",
            ::core::stringify!($($rest)+),
            "`"
        ))
    };

    // The guard.
    (@enter () [literal $name:literal] ()) => {
        $crate::__private::enter($crate::__profile_block!(@site $name))
    };
    (@enter ($profiler:expr) [literal $name:literal] ()) => {
        $crate::__private::enter_on(&$profiler, $crate::__profile_block!(@site $name))
    };
    (@enter () [literal $name:literal] $pairs:tt) => {
        $crate::__private::enter_with(
            $crate::__profile_block!(@site $name),
            || $crate::__profile_block!(@metadata $pairs),
        )
    };
    (@enter ($profiler:expr) [literal $name:literal] $pairs:tt) => {
        $crate::__private::enter_on_with(
            &$profiler,
            $crate::__profile_block!(@site $name),
            || $crate::__profile_block!(@metadata $pairs),
        )
    };
    (@enter () [dynamic $name:expr] ()) => {
        $crate::__private::enter_named(&$name)
    };
    (@enter ($profiler:expr) [dynamic $name:expr] ()) => {
        $crate::__private::enter_named_on(&$profiler, &$name)
    };
    (@enter () [dynamic $name:expr] $pairs:tt) => {
        $crate::__private::enter_named_with(&$name, || $crate::__profile_block!(@metadata $pairs))
    };
    (@enter ($profiler:expr) [dynamic $name:expr] $pairs:tt) => {
        $crate::__private::enter_named_on_with(
            &$profiler,
            &$name,
            || $crate::__profile_block!(@metadata $pairs),
        )
    };

    (@site $name:literal) => {{
        static SITE: $crate::__private::Callsite =
            $crate::__private::Callsite::named($name);
        &SITE
    }};
    (@metadata ($(($convert:ident, $key:ident, $value:expr))*)) => {
        $crate::__private::metadata_of([
            $((
                $crate::__private::key(::core::stringify!($key)),
                $crate::__private::$convert(&$value)
            )),*
        ])
    };
}
