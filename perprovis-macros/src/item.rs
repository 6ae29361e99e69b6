//! What the attribute may stand on, told by a look at the tokens of an item: nothing in it is parsed
//! that need not be, so what the compiler accepts, also half typed, comes out as it went in.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{Error, Ident, Result};

use crate::body::braces;
use crate::function::Function;

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

/// Tells which tokens of a head stand outside of `<...>`.
#[derive(Default)]
pub(crate) struct Angles {
    depth: usize,
    arrow: bool, // the last token was the `-` of an `->`
}

impl Angles {
    pub(crate) fn are_outside(&mut self, token: &TokenTree) -> bool {
        let arrow = std::mem::take(&mut self.arrow);
        match token {
            TokenTree::Punct(punct) => match punct.as_char() {
                '<' => self.depth += 1,
                '>' if !arrow => self.depth = self.depth.saturating_sub(1),
                '-' => self.arrow = true,
                _ => return self.depth == 0,
            },
            _ => return self.depth == 0,
        }
        false
    }
}

/// What stands between the keyword of a container and its braces, in short: `module`, `Trait`,
/// `Type<T>`, `<Type as Trait>`.
fn label(tokens: &[TokenTree]) -> String {
    let end = tokens.len().saturating_sub(1);
    let (keyword, mut rest) = tokens[..end].split_at(end.min(1));
    if !matches!(keyword, [TokenTree::Ident(keyword)] if keyword == "impl") {
        return text(&rest[..rest.len().min(1)]);
    }
    let mut angles = Angles::default();
    if matches!(rest, [TokenTree::Punct(open), ..] if open.as_char() == '<') {
        // The first `>` that leaves nothing open ends the generics.
        let generics = rest.iter().position(|token| {
            angles.are_outside(token);
            angles.depth == 0
        });
        rest = &rest[generics.map_or(rest.len(), |at| at + 1)..];
    }
    let (mut separator, mut end) = (None, rest.len());
    for (at, token) in rest.iter().enumerate() {
        if !angles.are_outside(token) {
            continue;
        }
        match token {
            TokenTree::Ident(ident) if ident == "where" => {
                end = at;
                break;
            }
            // Not that of `for<'a> fn(&'a u8)`.
            TokenTree::Ident(ident)
                if ident == "for"
                    && !matches!(rest.get(at + 1), Some(TokenTree::Punct(next)) if next.as_char() == '<') =>
            {
                separator = Some(at);
            }
            _ => {}
        }
    }
    match separator {
        Some(at) => format!("<{} as {}>", text(&rest[at + 1..end]), text(&rest[..at])),
        None => text(&rest[..end]),
    }
}

/// `tokens` as one writes them in a type.
fn text(tokens: &[TokenTree]) -> String {
    let mut text = String::new();
    write_tokens(tokens.iter().cloned(), &mut text);
    text.trim_end().to_owned()
}

fn write_tokens(tokens: impl Iterator<Item = TokenTree>, text: &mut String) {
    for token in tokens {
        let is_word = matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
        if is_word && text.ends_with(|last: char| last.is_alphanumeric() || "_>".contains(last)) {
            text.push(' ');
        }
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write_tokens(group.stream().into_iter(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                ',' | ';' => text.push_str(&format!("{punct} ")),
                '+' | '=' => text.push_str(&format!(" {punct} ")),
                '-' => text.push_str(" -"),
                _ => text.push_str(&punct.to_string()),
            },
            token => text.push_str(&token.to_string()),
        }
    }
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
    fn a_container_is_called_as_its_functions_are() {
        for (item, label) in [
            (
                quote!(
                    #[cfg(test)]
                    pub(crate) mod m {}
                ),
                "m",
            ),
            (
                quote!(
                    pub unsafe auto trait T: Send {}
                ),
                "T",
            ),
            (
                quote!(
                    pub trait T<'a, X = Vec<u8>>: Fn() -> X
                    where
                        X: Copy,
                    {
                    }
                ),
                "T",
            ),
            (quote!(impl Engine {}), "Engine"),
            (
                quote!(
                    impl<'a, T: Fn(&'a u8) -> Vec<u8>, const N: usize> a::Engine<'a, T, { N }> where T: Copy {}
                ),
                "a::Engine<'a, T, {N}>",
            ),
            (
                quote!(
                    unsafe impl<T> Tr<u8> for Vec<T> {}
                ),
                "<Vec<T> as Tr<u8>>",
            ),
            (quote!(impl Tr for [u8; 4] {}), "<[u8; 4] as Tr>"),
            (
                quote!(impl Tr for &'static mut (u8, dyn A + B) {}),
                "<&'static mut(u8, dyn A + B) as Tr>",
            ),
            (
                quote!(
                    impl<T> Tr for for<'a> fn(&'a T) -> Option<u8> where for<'a> T: X<'a> {}
                ),
                "<for<'a> fn(&'a T) -> Option<u8> as Tr>",
            ),
            (quote!(impl !Send for S {}), "<S as !Send>"),
        ] {
            match Item::parse(item.clone()) {
                Ok(Item::Container(container)) => assert_eq!(container.label, label, "{item}"),
                _ => panic!("no container: {item}"),
            }
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
