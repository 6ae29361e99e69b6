//! The items inside of an `impl`, `trait` or `mod`: where each begins and ends, and whether it has an
//! attribute of its own.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};

use crate::args::Args;
use crate::body::braces;
use crate::item::{attributes_end, keyword};
use crate::krate;
use crate::label::Angles;

/// One item, or an inner attribute.
pub(crate) struct Member {
    pub(crate) tokens: Vec<TokenTree>,
    /// The `$item:item` of a macro comes in a group without delimiters.
    pub(crate) group: Option<Group>,
}

/// Whether a member has a `#[profile]` itself.
pub(crate) enum Own {
    None,
    Always,
    /// In `cfg_attr`s with these predicates, so only the compiler knows.
    If(Vec<TokenStream>),
}

/// The members of a container with this body.
pub(crate) fn members(body: TokenStream) -> Vec<Member> {
    let mut tokens: Vec<TokenTree> = body.into_iter().collect();
    let mut members = Vec::new();
    while !tokens.is_empty() {
        let rest = tokens.split_off(member_end(&tokens));
        members.push(match tokens.as_slice() {
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
                Member { tokens: group.stream().into_iter().collect(), group: Some(group.clone()) }
            }
            _ => Member { tokens, group: None },
        });
        tokens = rest;
    }
    members
}

/// The index after the first member of `tokens`. It ends with a `;` or with braces; a brace in a
/// `use`, or in the value or type of a constant, does not count, nor one in `<...>`.
fn member_end(tokens: &[TokenTree]) -> usize {
    if let [TokenTree::Punct(hash), TokenTree::Punct(bang), TokenTree::Group(_), ..] = tokens
        && (hash.as_char(), bang.as_char()) == ('#', '!')
    {
        return 3;
    }
    if let [TokenTree::Group(group), ..] = tokens
        && group.delimiter() == Delimiter::None
        && !is_visibility(group)
    {
        return 1;
    }
    let (start, keyword) = match keyword(tokens) {
        Some((at, keyword)) => (at, keyword.to_string()),
        None => (attributes_end(tokens), String::new()),
    };
    let ends_at_braces = !matches!(&*keyword, "use" | "type" | "static" | "const");
    let mut angles = Angles::default();
    for (at, token) in tokens.iter().enumerate().skip(start) {
        let is_outside = angles.are_outside(token);
        let is_end = match token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            token => ends_at_braces && is_outside && braces(token.clone()).is_some(),
        };
        if is_end {
            return at + 1;
        }
    }
    tokens.len()
}

/// `$vis:vis`, which may be empty.
fn is_visibility(group: &Group) -> bool {
    let mut tokens = group.stream().into_iter();
    let begins = match tokens.next() {
        None => return true,
        Some(first) => matches!(first, TokenTree::Ident(word) if word == "pub"),
    };
    let is_restriction = |token: TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
    begins && tokens.next().is_none_or(is_restriction) && tokens.next().is_none()
}

impl Member {
    /// Gives the member's own attributes what they do not say themselves. They stay where they are, by
    /// the path that the user wrote: so names mean the same with recording and without.
    pub(crate) fn inherit(&mut self, container: &Args) -> Own {
        let mut found = Vec::new();
        let end = attributes_end(&self.tokens);
        for token in self.tokens[..end].iter_mut().skip(1).step_by(2) {
            let TokenTree::Group(group) = token else { continue };
            let attribute: Vec<TokenTree> = group.stream().into_iter().collect();
            if let Some((attribute, predicate)) = inherited(&attribute, container) {
                let mut brackets = Group::new(Delimiter::Bracket, attribute);
                brackets.set_span(group.span());
                *token = brackets.into();
                found.push(predicate);
            }
        }
        match found.into_iter().collect::<Option<Vec<_>>>() {
            None => Own::Always,
            Some(predicates) if predicates.is_empty() => Own::None,
            Some(predicates) => Own::If(predicates),
        }
    }

    pub(crate) fn item(&self) -> TokenStream {
        self.tokens.iter().cloned().collect()
    }

    /// `tokens` as this member came.
    pub(crate) fn wrap(&self, tokens: TokenStream) -> TokenStream {
        match &self.group {
            Some(group) => {
                let mut wrapped = Group::new(Delimiter::None, tokens);
                wrapped.set_span(group.span());
                wrapped.into_token_stream()
            }
            None => tokens,
        }
    }
}

/// `attribute` with what ours in it takes over from the container, and the predicate of the `cfg_attr`
/// that it is in; `None` if ours is not in it.
fn inherited(
    attribute: &[TokenTree],
    container: &Args,
) -> Option<(TokenStream, Option<TokenStream>)> {
    match attribute {
        // `$(#[$attribute:meta])*`
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            inherited(&group.stream().into_iter().collect::<Vec<_>>(), container)
        }
        [TokenTree::Ident(name), TokenTree::Group(list)] if name == "cfg_attr" => {
            let list: Vec<TokenTree> = list.stream().into_iter().collect();
            let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
            let mut parts = list.split(is_comma).filter(|part| !part.is_empty());
            let predicate: TokenStream = parts.next()?.iter().cloned().collect();
            let mut found = None;
            let parts: Vec<TokenStream> = parts
                .map(|part| match inherited(part, container) {
                    Some((part, inner)) => {
                        found = Some(match inner {
                            Some(inner) => quote!(all(#predicate, #inner)),
                            None => predicate.clone(),
                        });
                        part
                    }
                    None => part.iter().cloned().collect(),
                })
                .collect();
            Some((quote!(#name(#predicate, #(#parts),*)), Some(found?)))
        }
        [path @ .., TokenTree::Group(args)] if args.delimiter() == Delimiter::Parenthesis => {
            let args = is_ours(path, container).then(|| args.stream())?;
            let args = match Args::parse(args.clone()) {
                Ok(own) if own.skip.is_none() => own.inherit(container).into_token_stream(),
                _ => args, // a mistake is told where the attribute is expanded
            };
            let path = path.iter();
            Some((quote!(#(#path)*(#args)), None))
        }
        path => {
            let path = is_ours(path, container).then(|| path.iter())?;
            Some((quote!(#(#path)*(#container)), None))
        }
    }
}

/// Whether an attribute of this path is ours: `profile` alone, or behind a path to perprovis or to where
/// the user's crate has it from there, `crate::profile`.
fn is_ours(path: &[TokenTree], container: &Args) -> bool {
    let path: String = path.iter().map(ToString::to_string).collect();
    let (before, last) = path.rsplit_once("::").unwrap_or(("", &path));
    let before = before.trim_start_matches("::");
    let given: Option<String> = container
        .krate
        .as_ref()
        .map(|krate| krate.clone().into_iter().map(|token| token.to_string()).collect());
    let given = given.as_deref().map(|krate| krate.trim_start_matches("::"));
    let known = ["", "perprovis", krate::name(), "crate", "self", "super"];
    last == "profile" && (known.contains(&before) || given == Some(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(body: TokenStream) -> Vec<String> {
        let texts = members(body).into_iter();
        texts.map(|member| member.tokens.into_iter().collect::<TokenStream>().to_string()).collect()
    }

    #[test]
    fn every_item_ends_where_it_ends() {
        let items = [
            quote!(#![allow(unused)]),
            quote!(
                use a::{b, c};
            ),
            quote!(
                const A: [u8; { 1 + 1 }] = { [0; 2] };
            ),
            quote!(
                const B: bool = 1 < 2;
            ),
            quote!(
                pub(crate) const fn k<const N: usize>() -> A<{ N + 1 }> {}
            ),
            quote!(
                pub(in a::b) async unsafe extern "C" fn f<F: Fn(u8) -> u8>(x: F)
                where
                    A<{ 1 }>: T,
                {
                }
            ),
            quote!(
                fn required(&self) -> u8;
            ),
            quote!(
                type X = [u8; { 3 }];
            ),
            quote!(
                static mut S: Option<fn() -> u8> = None;
            ),
            quote!(
                struct U;
            ),
            quote!(
                struct P<T>(T)
                where
                    T: Clone;
            ),
            quote!(
                #[derive(Clone)]
                pub struct B<const N: usize = { 1 }> {
                    x: u8,
                }
            ),
            quote!(
                enum E {
                    A { x: u8 },
                    B,
                }
            ),
            quote!(
                unsafe impl<T: Into<Vec<u8>>> Tr<{ 1 }> for B<{ 2 }>
                where
                    T: Copy,
                {
                    fn f() {}
                }
            ),
            quote!(
                pub mod m {
                    fn x() {}
                }
            ),
            quote!(
                mod n;
            ),
            quote!(
                extern "C" {
                    fn c();
                }
            ),
            quote!(
                extern crate std;
            ),
            quote!(
                macro_rules! m {
                    () => {};
                }
            ),
            quote!(thread_local! { static A: u8 = 1; }),
            quote!(m!(x; y);),
            quote!(default fn d() { x. }),
            quote!(
                const _: () = ();
            ),
        ];
        let expected: Vec<String> = items.iter().map(ToString::to_string).collect();
        assert_eq!(texts(quote!(#(#items)*)), expected);
    }

    #[test]
    fn what_a_macro_passes_on_is_seen_through() {
        let item = Group::new(
            Delimiter::None,
            quote!(
                fn f() {}
            ),
        );
        let no_vis = Group::new(Delimiter::None, quote!());
        let vis = Group::new(Delimiter::None, quote!(pub));
        let public = Group::new(
            Delimiter::None,
            quote!(
                pub(crate) fn i() {}
            ),
        );
        let body = quote!(#item #no_vis fn g() {} #vis fn h() {} #public);
        let expected =
            ["fn f () { }", " fn g () { }", "pub fn h () { }", "pub (crate) fn i () { }"];
        assert_eq!(texts(body), expected);
    }

    fn inherit(item: TokenStream) -> (Own, String) {
        let container = Args::parse(quote!(profiler = P, crate = ::a::prof)).unwrap();
        let mut member = members(item).remove(0);
        (member.inherit(&container), member.item().to_string())
    }

    #[test]
    fn an_own_attribute_inherits_and_stays() {
        const REST: &str = "profiler = P , crate = :: a :: prof ,";
        for (attribute, mended) in [
            (quote!(profile), format!("profile ({REST})")),
            (quote!(profile()), format!("profile ({REST})")),
            (quote!(perprovis::profile(skip)), "perprovis :: profile (skip)".into()),
            (
                quote!(::perprovis::profile(name = "x")),
                format!(":: perprovis :: profile (name = \"x\" , {REST})"),
            ),
            (quote!(a::prof::profile), format!("a :: prof :: profile ({REST})")),
            (quote!(crate::profile(skip)), "crate :: profile (skip)".into()),
            (quote!(profile(nam = 1)), "profile (nam = 1)".into()),
        ] {
            let (own, text) = inherit(quote!(/** x */ #[inline] #[#attribute] #[cold] fn f() {}));
            assert!(matches!(own, Own::Always), "{attribute}");
            assert!(text.contains(&format!("# [inline] # [{mended}] # [cold]")), "{text}");
        }
        for attribute in [quote!(other::profile), quote!(profiled), quote!(cfg_attr(test, inline))]
        {
            let item = quote!(#[#attribute] fn f() { #[profile] fn g() {} });
            let (own, text) = inherit(item.clone());
            assert!(matches!(own, Own::None) && text == item.to_string(), "{text}");
        }
    }

    #[test]
    fn a_conditional_attribute_is_found_at_any_depth() {
        let (own, text) = inherit(quote! {
            #[cfg_attr(feature = "x", inline, profile(skip))]
            #[cfg_attr(not(feature = "x"), cfg_attr(unix, profile(name = "y")))]
            fn f() {}
        });
        let Own::If(predicates) = own else { panic!("{text}") };
        let predicates: Vec<String> = predicates.iter().map(ToString::to_string).collect();
        assert_eq!(predicates, ["feature = \"x\"", "all (not (feature = \"x\") , unix)"]);
        assert!(text.contains("inline , profile (skip)"), "{text}");
        assert!(text.contains("unix , profile (name = \"y\" , profiler = P"), "{text}");
    }
}
