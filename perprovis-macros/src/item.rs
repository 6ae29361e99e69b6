//! What the attribute may stand on, told by a look at the tokens of an item: nothing in it is parsed
//! that need not be, so what the compiler accepts, also half typed, comes out as it went in.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{Error, Ident, Result};

use crate::body::braces;
use crate::function::Function;
use crate::label::label;

/// What can be measured.
pub(crate) enum Item {
    Function(Box<Function>),
    Container(Container),
}

/// An `impl`, `trait` or `mod` with its items.
pub(crate) struct Container {
    /// Attributes and everything else up to the braces, as written.
    pub(crate) head: TokenStream,
    pub(crate) body: Group,
    /// What the names of its functions begin with: the type, the trait, the module.
    pub(crate) label: String,
}

impl Item {
    /// Understands `item`, or says why it cannot be measured.
    pub(crate) fn parse(item: TokenStream) -> Result<Item> {
        let mut tokens: Vec<TokenTree> = item.clone().into_iter().collect();
        let Some((at, keyword)) = keyword(&tokens) else {
            return Err(not_a_function(&tokens));
        };
        let keyword = keyword.clone();
        match keyword.to_string().as_str() {
            "fn" => Function::parse(item).map(|function| Item::Function(Box::new(function))),
            "impl" | "trait" | "mod" => {
                let label = label(&tokens[at..]);
                let Some(body) = tokens.pop().and_then(braces) else {
                    let message = format!(
                        "this `{keyword}` has no body; put `#[profile]` on the functions where \
                         they are written"
                    );
                    return Err(Error::new(keyword.span(), message));
                };
                Ok(Item::Container(Container { head: tokens.into_iter().collect(), body, label }))
            }
            _ => Err(not_a_function(&tokens)),
        }
    }
}

/// The keyword that says what kind of item this is, and where it stands: behind attributes,
/// visibility and qualifiers. For a macro call the first part of its path.
pub(crate) fn keyword(tokens: &[TokenTree]) -> Option<(usize, &Ident)> {
    let mut at = attributes_end(tokens);
    loop {
        let next = tokens.get(at + 1);
        let ident = match tokens.get(at)? {
            TokenTree::Ident(ident) => ident,
            // `$vis:vis`
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                at += 1;
                continue;
            }
            _ => return None,
        };
        let is_call = matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == '!');
        let is_qualifier = match ident.to_string().as_str() {
            "pub" => {
                if matches!(next, Some(TokenTree::Group(group))
                    if group.delimiter() == Delimiter::Parenthesis)
                {
                    at += 1; // `pub(crate)`
                }
                true
            }
            "default" | "async" | "unsafe" | "safe" | "auto" | "gen" => !is_call,
            "const" => {
                matches!(next, Some(TokenTree::Ident(next)) if QUALIFIED.contains(&&*next.to_string()))
            }
            "extern" => {
                let (skip, next) = match next {
                    Some(TokenTree::Literal(_)) => (1, tokens.get(at + 2)),
                    // `$abi:literal`
                    Some(TokenTree::Group(abi)) if abi.delimiter() == Delimiter::None => {
                        (1, tokens.get(at + 2))
                    }
                    next => (0, next),
                };
                let is_qualifier = matches!(next, Some(TokenTree::Ident(next)) if next == "fn");
                at += if is_qualifier { skip } else { 0 };
                is_qualifier
            }
            _ => false,
        };
        if !is_qualifier {
            return Some((at, ident));
        }
        at += 1;
    }
}

/// What may follow a `const` that is not the keyword of a constant.
const QUALIFIED: [&str; 8] = ["fn", "async", "unsafe", "extern", "safe", "gen", "trait", "impl"];

/// The index after the outer attributes.
pub(crate) fn attributes_end(tokens: &[TokenTree]) -> usize {
    let mut end = 0;
    while let [TokenTree::Punct(hash), TokenTree::Group(group), ..] = &tokens[end..]
        && hash.as_char() == '#'
        && group.delimiter() == Delimiter::Bracket
    {
        end += 2;
    }
    end
}

/// Whether something follows that can be followed by another item: an expression cannot.
pub(crate) fn is_item(tokens: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    keyword(&tokens).is_some_and(|(at, keyword)| {
        let containers = ["fn", "impl", "trait", "mod"];
        let is_call =
            matches!(tokens.get(at + 1), Some(TokenTree::Punct(bang)) if bang.as_char() == '!');
        is_call || advice(keyword).is_some() || containers.iter().any(|word| keyword == word)
    })
}

/// The message for everything that is neither a function nor a container.
fn not_a_function(tokens: &[TokenTree]) -> Error {
    if let Some((_, keyword)) = keyword(tokens)
        && let Some(advice) = advice(keyword)
    {
        let message = format!("`#[profile]` measures functions: put it on {advice}");
        return Error::new(keyword.span(), message);
    }
    let message = "expected a function with a body, as in `fn work() { ... }`";
    let first = tokens.get(attributes_end(tokens));
    first.map_or_else(
        || Error::new(proc_macro2::Span::call_site(), message),
        |first| Error::new(first.span(), message),
    )
}

/// What to put the attribute on instead of an item that begins with `keyword`.
fn advice(keyword: &Ident) -> Option<&'static str> {
    Some(match keyword.to_string().as_str() {
        "struct" | "enum" | "union" => "its `impl`, or on a `fn` there",
        "let" | "static" | "const" => "a `fn`, or use `profile_block!` for an expression",
        "use" | "type" | "extern" | "macro_rules" | "macro" => "a `fn`",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn error(item: TokenStream) -> String {
        match Item::parse(item.clone()) {
            Ok(_) => panic!("accepted: {item}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn each_kind_of_item_is_told_what_to_do() {
        for (item, message) in [
            (
                quote!(
                    pub const fn k() {}
                ),
                "cannot measure `const fn k`",
            ),
            (
                quote!(
                    fn g(&self) -> u8;
                ),
                "`fn g` has no body to measure",
            ),
            (
                quote!(
                    #[unsafe(naked)]
                    extern "C" fn f() {}
                ),
                "cannot measure a naked function",
            ),
            (
                quote!(
                    pub mod m;
                ),
                "this `mod` has no body",
            ),
            (
                quote!(
                    trait Both = One + Other;
                ),
                "this `trait` has no body",
            ),
            (
                quote!(
                    struct S(u8);
                ),
                "put it on its `impl`, or on a `fn` there",
            ),
            (
                quote!(
                    enum E {}
                ),
                "put it on its `impl`, or on a `fn` there",
            ),
            (
                quote!(
                    static X: u8 = 1;
                ),
                "use `profile_block!` for an expression",
            ),
            (
                quote!(
                    const X: u8 = { 1 };
                ),
                "use `profile_block!` for an expression",
            ),
            (
                quote!(
                    macro_rules! m {
                        () => {};
                    }
                ),
                "put it on a `fn`",
            ),
            (quote!(x + 1), "expected a function with a body"),
            (quote!(fn 7() {}), "expected identifier"),
            (quote!(), "expected a function with a body"),
        ] {
            let error = error(item.clone());
            assert!(error.contains(message), "{item}: {error}");
        }
    }
}
