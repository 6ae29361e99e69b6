//! Puts an attribute on the functions of a source file, or on what contains them.
//!
//! The text is inserted directly before the item's visibility or first qualifier, on the same
//! line: line numbers of diagnostics, doc tests and `line!()` stay comparable.

use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{AttrStyle, Attribute, ImplItemFn, Item, ItemFn, ItemMod, Signature, TraitItemFn};

/// What gets the attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bearers {
    /// Every function with a body.
    Functions,
    /// Every outermost `impl`, `trait`, inline `mod` and free function.
    Containers,
}

/// A source text with the attribute on each item that can bear it.
#[derive(Debug)]
pub(crate) struct Annotated {
    pub(crate) text: String,
    /// How many items got the attribute.
    pub(crate) count: usize,
}

/// Inserts `attribute` before every one of the `bearers`.
///
/// Not before a `const fn` or a naked one, which nothing can measure, and not inside of macros,
/// whose tokens need not be functions. Nor before a `mod` with a module in a file of its own inside,
/// which the compiler accepts under no attribute (E0658); the items inside get it instead.
///
/// # Errors
///
/// If `source` is not a file of items, say an expression made for `include!`.
pub(crate) fn annotate(source: &str, attribute: &str, bearers: Bearers) -> syn::Result<Annotated> {
    let file = syn::parse_file(source)?;
    let mut places = Places { bearers, starts: Vec::new() };
    places.visit_file(&file);

    // `parse_file` does not count what it removes from the beginning.
    let byte_order_mark = source.len() - source.trim_start_matches('\u{feff}').len();
    let removed = byte_order_mark + file.shebang.as_ref().map_or(0, String::len);
    let mut text = String::with_capacity(source.len() + places.starts.len() * 24);
    let mut copied = 0;
    places.starts.sort_unstable();
    for start in &places.starts {
        let start = start + removed;
        text.push_str(&source[copied..start]);
        text.push_str(attribute);
        text.push(' ');
        copied = start;
    }
    text.push_str(&source[copied..]);
    Ok(Annotated { text, count: places.starts.len() })
}

/// A file that stays as it is.
#[derive(Debug)]
pub(crate) struct Unparsed {
    file: String,
    error: syn::Error,
}

impl fmt::Display for Unparsed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.error.span().start().line;
        write!(formatter, "{}:{line}: left as it is: {}", self.file, self.error)
    }
}

/// Annotates `files`, relative to `folder`, in place; returns how many items got the attribute.
pub(crate) fn annotate_files<'a>(
    folder: &Path,
    files: impl IntoIterator<Item = &'a str>,
    attribute: &str,
    bearers: Bearers,
) -> Result<(usize, Vec<Unparsed>)> {
    let mut count = 0;
    let mut unparsed = Vec::new();
    for file in files {
        let path = folder.join(file);
        let source =
            std::fs::read_to_string(&path).with_context(|| format!("reads {}", path.display()))?;
        match annotate(&source, attribute, bearers) {
            Ok(annotated) => {
                count += annotated.count;
                std::fs::write(&path, annotated.text)
                    .with_context(|| format!("writes {}", path.display()))?;
            }
            Err(error) => unparsed.push(Unparsed { file: file.to_owned(), error }),
        }
    }
    Ok((count, unparsed))
}

/// Where the bearers begin, in bytes.
struct Places {
    bearers: Bearers,
    starts: Vec<usize>,
}

impl Places {
    /// The first token after the item's attributes is the place.
    fn add(&mut self, item: &impl ToTokens, attributes: &[Attribute]) {
        let is_outer = |attribute: &&Attribute| matches!(attribute.style, AttrStyle::Outer);
        // `#` and `[...]`; documentation, too, is tokens of this form.
        let skipped = 2 * attributes.iter().filter(is_outer).count();
        if let Some(first) = item.to_token_stream().into_iter().nth(skipped) {
            self.starts.push(first.span().byte_range().start);
        }
    }

    fn add_function(
        &mut self,
        function: &impl ToTokens,
        attributes: &[Attribute],
        signature: &Signature,
    ) {
        if is_measurable(attributes, signature) {
            self.add(function, attributes);
        }
    }
}

impl<'ast> Visit<'ast> for Places {
    fn visit_item(&mut self, item: &'ast Item) {
        if self.bearers == Bearers::Containers
            && let Some(attributes) = outermost(item)
        {
            self.add(item, attributes);
        } else {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.add_function(function, &function.attrs, &function.sig);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.add_function(function, &function.attrs, &function.sig);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if function.default.is_some() {
            self.add_function(function, &function.attrs, &function.sig);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

/// The attributes of an item that gets ours for all that is in it.
fn outermost(item: &Item) -> Option<&[Attribute]> {
    match item {
        Item::Fn(function) => {
            is_measurable(&function.attrs, &function.sig).then_some(&function.attrs)
        }
        Item::Impl(block) => Some(&block.attrs),
        Item::Trait(definition) => Some(&definition.attrs),
        Item::Mod(module) => is_inline(module).then_some(&module.attrs),
        _ => None,
    }
    .map(Vec::as_slice)
}

/// Whether the whole module is in this file.
fn is_inline(module: &ItemMod) -> bool {
    let is_elsewhere = |item: &Item| matches!(item, Item::Mod(inner) if !is_inline(inner));
    module.content.as_ref().is_some_and(|(_, items)| !items.iter().any(is_elsewhere))
}

fn is_measurable(attributes: &[Attribute], signature: &Signature) -> bool {
    signature.constness.is_none()
        && !attributes.iter().any(|attribute| is_naked(attribute) || is_profile(attribute))
}

fn is_naked(attribute: &Attribute) -> bool {
    attribute.path().is_ident("naked")
        || (attribute.path().is_ident("unsafe")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|ident| ident == "naked"))
}

fn is_profile(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == "profile")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that annotating the text without its `@ ` puts an attribute at each of them.
    fn check(bearers: Bearers, expected: &str) {
        let source = expected.replace("@ ", "");
        let annotated = annotate(&source, "@", bearers).unwrap();
        assert_eq!(annotated.text, expected);
        assert_eq!(annotated.count, expected.matches("@ ").count());
    }

    fn places(expected: &str) {
        check(Bearers::Functions, expected);
    }

    fn outermost_places(expected: &str) {
        check(Bearers::Containers, expected);
    }

    #[test]
    fn it_stands_before_visibility_and_qualifiers() {
        places("@ fn a() {}");
        places("@ pub(crate) async unsafe extern \"C\" fn a() {}");
        places("@ pub(in crate::m) fn a<'a, T: Copy>(x: &'a T) -> T where T: Clone { *x }");
        places("@ extern \"C\" fn a() {}");
        places("impl T for S { @ default unsafe fn a() {} @ pub fn b(&self) {} }");
    }

    #[test]
    fn it_stands_after_other_attributes_and_documentation() {
        places("/// Docs, fn x() {}.\n#[inline]\n#[cfg_attr(test, must_use)] @ pub fn a() {}");
        places("/** fn x() {} */ #[cfg(test)] mod tests { #[test] @ fn a() {} }");
        places("//! fn x() {}\n#![no_std]\n@ fn a() { #![allow(unused)] }");
    }

    #[test]
    fn functions_in_functions_have_their_own() {
        places("@ fn a() { @ fn b() {} struct S; impl S { @ fn c() { || { @ fn d() {} }; } } }");
        places("const X: u8 = { @ fn a() {} 1 }; static Y: [u8; { @ fn b() {} 1 }] = [0];");
        places("const F: fn() = || {}; @ fn a() { async { @ fn b() {} }; if x { @ fn c() {} } }");
    }

    #[test]
    fn traits_have_it_on_default_methods_only() {
        places(
            "pub trait T { fn a(); @ fn b() {} @ async fn c(&self) {} fn d() where Self: Sized; }",
        );
        places("impl<X> T for X { @ fn a() {} }");
    }

    #[test]
    fn what_cannot_be_measured_has_none() {
        places("const fn a() {} pub const unsafe fn b() {} impl S { pub const fn c() {} }");
        places("const fn a() { @ fn inner() {} }");
        places("extern \"C\" { fn a(); pub fn b(x: u8); } unsafe extern \"C\" { safe fn c(); }");
        places("#[unsafe(naked)] extern \"C\" fn a() {} #[naked] fn b() {}");
    }

    #[test]
    fn macros_are_left_alone() {
        places("macro_rules! m { () => { fn a() {} }; }");
        places("m! { fn a() {} } @ fn b() { m!(fn c() {}); }");
    }

    #[test]
    fn a_function_that_has_it_keeps_it() {
        places("#[profile] fn a() {} #[perprovis::profile(name = \"x\")] pub fn b() {}");
    }

    #[test]
    fn a_container_has_it_for_all_that_is_inside() {
        outermost_places("/// x\n#[cfg(y)] @ unsafe impl<T> X for T { fn a() {} }");
        outermost_places("@ pub(crate) unsafe auto trait T { fn a(); fn b() {} }");
        outermost_places("#[cfg(test)] @ mod m { #![allow(unused)] mod n { fn a() {} } }");
        outermost_places("@ fn a() { #![allow(unused)] fn b() {} impl X { fn c() {} } }");
        outermost_places("const fn a() { @ fn b() {} } const _: () = { @ impl X { fn c() {} } };");
    }

    #[test]
    fn a_container_of_files_leaves_it_to_what_is_inside() {
        outermost_places("mod a; mod b { mod c { mod d; @ impl X {} } @ mod e {} @ fn f() {} }");
    }

    #[test]
    fn what_precedes_the_items_is_counted() {
        places("\u{feff}@ fn a() {}");
        places("#!/usr/bin/env run\n@ fn a() {}");
        places("\u{feff}#!/usr/bin/env run\n// naïve\n@ fn a() { \"ß\" } @ fn b() {}");
    }

    #[test]
    fn lines_stay_where_they_are() {
        let source = "fn a() {}\r\n\r\nfn b() {}\r\n";
        assert_eq!(
            annotate(source, "@", Bearers::Functions).unwrap().text,
            "@ fn a() {}\r\n\r\n@ fn b() {}\r\n"
        );
    }

    #[test]
    fn an_expression_is_refused() {
        assert!(annotate("[1, 2, 3]", "@", Bearers::Functions).is_err());
    }
}
