//! The braces of a function or container, and what stands first between them.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Begins the name of everything the expansion adds.
const GENERATED: &str = "__perprovis_";

/// The variable that holds the guard of `#[perprovis::main]`.
pub(crate) const REPORT: &str = "__perprovis_report";

/// The brace group in `token`. A `$body:block` comes in a group without delimiters.
pub(crate) fn braces(token: TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = token else {
        return None;
    };
    match group.delimiter() {
        Delimiter::Brace => Some(group),
        Delimiter::None => {
            let mut tokens = group.stream().into_iter();
            let only = tokens.next()?;
            if tokens.next().is_some() { None } else { braces(only) }
        }
        _ => None,
    }
}

/// `content` in the braces the user wrote, with their span and so their edition's drop order.
pub(crate) fn with_content(braces: &Group, content: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Brace, content);
    group.set_span(braces.span());
    group
}

/// Splits off what must stay the first thing in the body of a function: inner attributes, and the guard
/// of `#[perprovis::main]`.
pub(crate) fn split_head(body: TokenStream) -> (TokenStream, TokenStream) {
    let (mut head, statements) = split_inner_attributes(body);
    if !begins_with_report(&statements) {
        return (head, statements);
    }
    let mut statements = statements.into_iter();
    for token in statements.by_ref() {
        let is_end = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';');
        head.extend([token]);
        if is_end {
            break;
        }
    }
    (head, statements.collect())
}

/// Splits off `#![...]`.
pub(crate) fn split_inner_attributes(body: TokenStream) -> (TokenStream, TokenStream) {
    let begins = matches!(body.clone().into_iter().next(),
        Some(TokenTree::Punct(hash)) if hash.as_char() == '#');
    if !begins {
        return (TokenStream::new(), body);
    }
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let mut end = 0;
    while let [TokenTree::Punct(hash), TokenTree::Punct(bang), TokenTree::Group(group), ..] =
        &tokens[end..]
        && hash.as_char() == '#'
        && bang.as_char() == '!'
        && group.delimiter() == Delimiter::Bracket
    {
        end += 3;
    }
    let mut tokens = tokens.into_iter();
    (tokens.by_ref().take(end).collect(), tokens.collect())
}

/// Whether the body, without inner attributes, begins with the guard of `#[perprovis::main]`.
pub(crate) fn begins_with_report(statements: &TokenStream) -> bool {
    first_variable(statements).is_some_and(|variable| variable == REPORT)
}

/// Whether the body is an expansion of the attribute: then the function bears it twice.
pub(crate) fn begins_with_generated(statements: &TokenStream) -> bool {
    first_variable(statements).is_some_and(|variable| variable.starts_with(GENERATED))
}

/// The variable of the `let` at the beginning.
fn first_variable(statements: &TokenStream) -> Option<String> {
    let mut tokens = statements.clone().into_iter();
    match (tokens.next()?, tokens.next()?) {
        (TokenTree::Ident(keyword), TokenTree::Ident(variable)) if keyword == "let" => {
            Some(variable.to_string())
        }
        _ => None,
    }
}
