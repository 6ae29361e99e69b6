//! Where the perprovis crate is in the crate that is compiled.

use std::env;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

/// The path of perprovis: `given`, or the name that Cargo.toml gives to it.
pub(crate) fn path(given: Option<&TokenStream>) -> TokenStream {
    given.cloned().unwrap_or_else(|| {
        let span = Span::mixed_site();
        let name = Ident::new(name(), span);
        quote_spanned!(span=> ::#name)
    })
}

/// The name of the dependency. The compiler that this runs in was told, as
/// `--extern prof=/target/debug/deps/libperprovis-0123.rmeta`; an editor was not, and then it has the
/// usual one.
pub(crate) fn name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        // Not `args`, which panics if one is not Unicode. Long command lines come in a file, and those
        // of documentation tests.
        let args: Vec<String> = env::args_os()
            .map(|arg| arg.to_string_lossy().into_owned())
            .flat_map(|arg| match arg.strip_prefix('@').map(fs::read_to_string) {
                Some(Ok(lines)) => lines.lines().map(str::to_owned).collect(),
                _ => vec![arg],
            })
            .collect();
        dependency(&args).unwrap_or("perprovis").to_owned()
    })
}

/// The name that a compiler called with `args` knows perprovis by.
fn dependency(args: &[String]) -> Option<&str> {
    let of_option = |(at, arg): (usize, &String)| match arg.strip_prefix("--extern") {
        Some("") => args.get(at + 1).map(String::as_str),
        _ => args[at].strip_prefix("--extern="),
    };
    args.iter().enumerate().filter_map(of_option).find_map(|dependency| {
        let (name, file) = dependency.split_once('=')?;
        let stem = Path::new(file).file_stem()?.to_str()?;
        let is_ours = stem == "libperprovis" || stem.starts_with("libperprovis-");
        // `noprelude:prof`
        let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
        (is_ours && syn::parse_str::<syn::Ident>(name).is_ok()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::dependency;

    #[test]
    fn the_dependency_has_the_name_that_the_compiler_is_told() {
        for (args, name) in [
            ("rustc --extern prof=/x/libperprovis-0a.rmeta", Some("prof")),
            (
                "rustc --extern a=/x/liba.rlib --extern=perprovis=libperprovis.rlib",
                Some("perprovis"),
            ),
            ("rustc --extern noprelude:prof=/x/libperprovis-0a.rlib", Some("prof")),
            ("rustc --extern prof_core=/x/libperprovis_core-0a.rmeta", None),
            ("rustc --extern proc_macro --extern", None),
            ("rust-analyzer-proc-macro-srv", None),
        ] {
            let args: Vec<String> = args.split(' ').map(String::from).collect();
            assert_eq!(dependency(&args), name, "{args:?}");
        }
    }
}
