//! The items inside of an `impl`, `trait` or `mod`: where each begins and ends, and whether it has an
//! attribute of its own.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};

use crate::item::{Angles, attributes_end, keyword};
use crate::krate;

/// One item, or an inner attribute.
pub(crate) struct Member {
    pub(crate) tokens: Vec<TokenTree>,
    /// The `$item:item` of a macro comes in a group without delimiters.
    pub(crate) group: Option<Group>,
}

/// The `#[profile]` that a member has itself.
pub(crate) enum Own {
    None,
    /// With what stands in its parentheses.
    Always(TokenStream),
    /// In a `cfg_attr`, so only the compiler knows.
    If {
        predicate: TokenStream,
        args: TokenStream,
    },
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
            token => ends_at_braces && is_outside && crate::item::braces(token.clone()).is_some(),
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
    /// Takes the member's own attribute off it. `krate` is where perprovis is said to be.
    pub(crate) fn take_own(&mut self, krate: Option<&TokenStream>) -> Own {
        let end = attributes_end(&self.tokens);
        for at in (1..end).step_by(2) {
            let TokenTree::Group(group) = &self.tokens[at] else { continue };
            let attribute: Vec<TokenTree> = group.stream().into_iter().collect();
            if let Some(args) = profile(&attribute, krate) {
                self.tokens.drain(at - 1..=at);
                return Own::Always(args);
            }
            if let Some((predicate, args, others)) = conditional(&attribute, krate) {
                match others {
                    Some(others) => {
                        let mut attribute = Group::new(Delimiter::Bracket, others);
                        attribute.set_span(group.span());
                        self.tokens[at] = attribute.into();
                    }
                    None => drop(self.tokens.drain(at - 1..=at)),
                }
                return Own::If { predicate, args };
            }
        }
        Own::None
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

/// The arguments of `attribute` if it is ours: `profile`, `perprovis::profile`, or by the path that
/// the container gives.
fn profile(attribute: &[TokenTree], krate: Option<&TokenStream>) -> Option<TokenStream> {
    let (path, args) = match attribute {
        // `$(#[$attribute:meta])*`
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            return profile(&group.stream().into_iter().collect::<Vec<_>>(), krate);
        }
        [path @ .., TokenTree::Group(args)] if args.delimiter() == Delimiter::Parenthesis => {
            (path, args.stream())
        }
        path => (path, TokenStream::new()),
    };
    let path = path.iter().map(ToString::to_string).collect::<String>();
    let (before, last) = path.rsplit_once("::").unwrap_or(("", &path));
    let before = before.trim_start_matches("::");
    let is_given = |krate: &TokenStream| {
        let krate: String = krate.clone().into_iter().map(|token| token.to_string()).collect();
        krate.trim_start_matches("::") == before
    };
    let is_ours = last == "profile"
        && (["", "perprovis", krate::name()].contains(&before) || krate.is_some_and(is_given));
    is_ours.then_some(args)
}

/// The predicate of a `cfg_attr` that may bring our attribute, that one's arguments, and the
/// `cfg_attr` without it, if there is something else in it.
fn conditional(
    attribute: &[TokenTree],
    krate: Option<&TokenStream>,
) -> Option<(TokenStream, TokenStream, Option<TokenStream>)> {
    let [TokenTree::Ident(name), TokenTree::Group(list)] = attribute else {
        return None;
    };
    if name != "cfg_attr" {
        return None;
    }
    let list: Vec<TokenTree> = list.stream().into_iter().collect();
    let is_comma =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let mut parts = list.split(is_comma).filter(|part| !part.is_empty());
    let predicate: TokenStream = parts.next()?.iter().cloned().collect();
    let mut parts: Vec<&[TokenTree]> = parts.collect();
    let ours = parts.iter().position(|part| profile(part, krate).is_some())?;
    let args = profile(parts.remove(ours), krate)?;
    let parts = parts.iter().map(|part| part.iter().cloned().collect::<TokenStream>());
    let others = (parts.len() > 0).then(|| quote!(#name(#predicate, #(#parts),*)));
    Some((predicate, args, others))
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

    #[test]
    fn an_own_attribute_is_taken_off() {
        let krate = quote!(::a::prof);
        for (item, args) in [
            (
                quote!(
                    #[profile]
                    fn f() {}
                ),
                Some(""),
            ),
            (
                quote!(
                    /** x */
                    #[inline]
                    #[perprovis::profile(skip)]
                    #[cold]
                    fn f() {}
                ),
                Some("skip"),
            ),
            (
                quote!(
                    #[::perprovis::profile(name = "x")]
                    fn f() {}
                ),
                Some("name = \"x\""),
            ),
            (
                quote!(
                    #[a::prof::profile()]
                    fn f() {}
                ),
                Some(""),
            ),
            (
                quote!(
                    #[other::profile]
                    fn f() {}
                ),
                None,
            ),
            (
                quote!(
                    #[profiled]
                    fn f() {}
                ),
                None,
            ),
            (
                quote!(
                    fn f() {
                        #[profile]
                        fn g() {}
                    }
                ),
                None,
            ),
        ] {
            let mut member = members(item.clone()).remove(0);
            match (member.take_own(Some(&krate)), args) {
                (Own::Always(found), Some(args)) => {
                    assert_eq!(found.to_string(), args, "{item}");
                    let left = member.tokens.into_iter().collect::<TokenStream>().to_string();
                    assert!(!left.contains("profile"), "{left}");
                }
                (Own::None, None) => {}
                _ => panic!("{item}"),
            }
        }
    }

    #[test]
    fn a_conditional_attribute_is_taken_out_of_its_list() {
        let item = quote!(
            #[cfg_attr(feature = "x", inline, profile(skip), cold)]
            fn f() {}
        );
        let mut member = members(item).remove(0);
        let Own::If { predicate, args } = member.take_own(None) else { panic!("not found") };
        assert_eq!((&*predicate.to_string(), &*args.to_string()), ("feature = \"x\"", "skip"));
        let left: TokenStream = member.tokens.into_iter().collect();
        let expected = quote!(
            #[cfg_attr(feature = "x", inline, cold)]
            fn f() {}
        );
        assert_eq!(left.to_string(), expected.to_string());
    }
}
