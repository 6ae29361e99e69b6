//! What the attribute may sit on: the signature is parsed, the body stays tokens.
//!
//! An unparsed body costs no build time, keeps every span, and may be half typed. The head is
//! parsed only to be understood: what is emitted are the tokens that came in, so that nothing of
//! a user's function can get lost or change its span.

use std::collections::HashSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{
    Attribute, Error, FnArg, Ident, Pat, Result, ReturnType, Signature, Token, Type, Visibility,
    punctuated, token,
};

/// Begins the name of everything the expansion adds.
pub(crate) const GENERATED: &str = "__perprovis_";

/// A function with a body that can be measured.
pub(crate) struct Function {
    /// Attributes, visibility and signature, as written.
    pub(crate) head: TokenStream,
    /// Inner attributes at the beginning of the body, `#![allow(...)]`.
    pub(crate) inner_attributes: TokenStream,
    /// The braces. Their content begins with the inner attributes.
    pub(crate) body: Group,
    /// The rest of the body, as written.
    pub(crate) statements: TokenStream,
    pub(crate) ident: Ident,
    pub(crate) kind: Kind,
}

/// What calling the function does.
pub(crate) enum Kind {
    /// Runs the body.
    Sync,
    /// Gives a future that runs the body.
    Async {
        /// What the parameters bind, in order.
        variables: Vec<Ident>,
        /// Declared to return `!`.
        never_returns: bool,
    },
}

impl Function {
    /// Understands `item`, or says why it cannot be measured.
    pub(crate) fn parse(item: TokenStream) -> Result<Function> {
        let mut head: Vec<TokenTree> = item.clone().into_iter().collect();
        let Some(body) = head.pop().and_then(braces) else {
            return Err(not_a_function(item));
        };
        let head: TokenStream = head.into_iter().collect();
        let Ok((attributes, signature)) = parse_head.parse2(head.clone()) else {
            return Err(not_a_function(item));
        };
        reject(&attributes, &signature)?;

        let (inner_attributes, statements) = split_inner_attributes(body.stream());
        if begins_with_generated(&statements) {
            let message = "`#[profile]` stands on this function twice, remove one";
            return Err(Error::new(signature.ident.span(), message));
        }
        let kind = match signature.asyncness {
            None => Kind::Sync,
            Some(_) => Kind::Async {
                variables: variables(&signature),
                never_returns: is_never(&signature.output),
            },
        };
        Ok(Function { head, inner_attributes, body, statements, ident: signature.ident, kind })
    }

    /// The names the body may use.
    pub(crate) fn words(&self) -> Words {
        let mut words = Words::default();
        words.collect(self.statements.clone());
        words
    }
}

/// All that the body could mean by a name: its identifiers and the text of its literals, which may
/// be format strings.
#[derive(Default)]
pub(crate) struct Words {
    idents: HashSet<String>,
    literals: String,
}

impl Words {
    /// Whether the body may use `variable`: also true if only something else has its name.
    pub(crate) fn contain(&self, variable: &Ident) -> bool {
        self.idents.contains(&variable.to_string())
            || self.literals.contains(&variable.unraw().to_string())
    }

    fn collect(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.collect(group.stream()),
                TokenTree::Ident(ident) => {
                    self.idents.insert(ident.to_string());
                }
                TokenTree::Literal(literal) => {
                    self.literals.push_str(&literal.to_string());
                    self.literals.push(' ');
                }
                TokenTree::Punct(_) => {}
            }
        }
    }
}

fn parse_head(input: ParseStream<'_>) -> Result<(Vec<Attribute>, Signature)> {
    let attributes = input.call(Attribute::parse_outer)?;
    input.parse::<Visibility>()?;
    if input.peek(Token![default]) {
        input.parse::<Token![default]>()?; // specialization
    }
    Ok((attributes, input.parse()?))
}

/// Functions that parse, but whose body cannot take a statement.
fn reject(attributes: &[Attribute], signature: &Signature) -> Result<()> {
    if let Some(constness) = &signature.constness {
        let message = format!(
            "`#[profile]` cannot measure `const fn {}`: it may run at compile time, where there \
             is no clock; remove the attribute or the `const`",
            signature.ident
        );
        return Err(Error::new(constness.span, message));
    }
    if let Some(attribute) = attributes.iter().find(|attribute| is_naked(attribute)) {
        let message = "`#[profile]` cannot measure a naked function: its body is only assembly";
        return Err(Error::new_spanned(attribute, message));
    }
    Ok(())
}

fn is_naked(attribute: &Attribute) -> bool {
    attribute.path().is_ident("naked")
        || (attribute.path().is_ident("unsafe")
            && attribute.parse_args::<Ident>().is_ok_and(|ident| ident == "naked"))
}

/// The message for everything that is not a function with a body.
fn not_a_function(item: TokenStream) -> Error {
    let explain = |input: ParseStream<'_>| -> Result<Error> {
        let head = input.fork();
        if let Ok((_, signature)) = parse_head(&head)
            && head.peek(Token![;])
        {
            input.parse::<TokenStream>()?;
            let message = format!(
                "`fn {}` has no body to measure; put `#[profile]` on the functions that \
                 implement it",
                signature.ident
            );
            return Ok(Error::new(signature.ident.span(), message));
        }
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let first = input.span();
        let keyword = input.step(|cursor| {
            let mut rest = *cursor;
            while let Some((token, next)) = rest.token_tree() {
                match token {
                    TokenTree::Ident(ident) if keyword_advice(&ident).is_some() => {
                        return Ok((Some(ident), next));
                    }
                    TokenTree::Ident(_) => rest = next, // `unsafe`, `auto`, `default`
                    _ => break,
                }
            }
            Ok((None, rest))
        })?;
        input.parse::<TokenStream>()?;
        Ok(match keyword {
            Some(keyword) => {
                let advice = keyword_advice(&keyword).unwrap_or_default();
                let message = format!("`#[profile]` measures functions: put it on {advice}");
                Error::new(keyword.span(), message)
            }
            None => Error::new(first, "expected a function with a body, as in `fn work() { ... }`"),
        })
    };
    explain.parse2(item).unwrap_or_else(|error| error)
}

/// What to put the attribute on instead of an item that begins with `keyword`.
fn keyword_advice(keyword: &Ident) -> Option<&'static str> {
    Some(match keyword.to_string().as_str() {
        "impl" | "mod" => "each `fn` inside",
        "trait" => "each `fn` inside that has a body, and on those of its `impl`s",
        "struct" | "enum" | "union" => "the `fn`s of its `impl`s",
        "let" | "static" | "const" => "a `fn`, or use `profile_block!` for an expression",
        "use" | "type" | "extern" | "macro_rules" | "macro" => "a `fn`",
        _ => return None,
    })
}

/// The brace group in `token`. A `$body:block` comes in a group without delimiters.
fn braces(token: TokenTree) -> Option<Group> {
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

/// `#![...]` must stay the first thing in the body.
fn split_inner_attributes(body: TokenStream) -> (TokenStream, TokenStream) {
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

/// Whether the body is an expansion of the attribute: then the function bears it twice.
fn begins_with_generated(statements: &TokenStream) -> bool {
    let mut tokens = statements.clone().into_iter();
    matches!(tokens.next(), Some(TokenTree::Ident(keyword)) if keyword == "let")
        && matches!(tokens.next(), Some(TokenTree::Ident(variable))
            if variable.to_string().starts_with(GENERATED))
}

fn is_never(output: &ReturnType) -> bool {
    matches!(output, ReturnType::Type(_, output) if matches!(**output, Type::Never(_)))
}

/// The variables that the parameters bind, in order.
fn variables(signature: &Signature) -> Vec<Ident> {
    let mut variables = Vec::new();
    for parameter in &signature.inputs {
        match parameter {
            FnArg::Receiver(receiver) => {
                variables.push(Ident::new("self", receiver.self_token.span));
            }
            FnArg::Typed(parameter) => collect_bindings(&parameter.pat, &mut variables),
        }
    }
    variables
}

fn collect_bindings(pattern: &Pat, variables: &mut Vec<Ident>) {
    fn all(patterns: &punctuated::Punctuated<Pat, token::Comma>, variables: &mut Vec<Ident>) {
        patterns.iter().for_each(|pattern| collect_bindings(pattern, variables));
    }

    match pattern {
        Pat::Ident(binding) => {
            // A parameter's pattern matches always, so a capital means a unit struct, not a binding.
            if !binding.ident.unraw().to_string().starts_with(char::is_uppercase) {
                variables.push(binding.ident.clone());
            }
            if let Some((_, pattern)) = &binding.subpat {
                collect_bindings(pattern, variables);
            }
        }
        Pat::Paren(pattern) => collect_bindings(&pattern.pat, variables),
        Pat::Reference(pattern) => collect_bindings(&pattern.pat, variables),
        Pat::Type(pattern) => collect_bindings(&pattern.pat, variables),
        Pat::Slice(pattern) => all(&pattern.elems, variables),
        Pat::Tuple(pattern) => all(&pattern.elems, variables),
        Pat::TupleStruct(pattern) => all(&pattern.elems, variables),
        Pat::Struct(pattern) => {
            pattern.fields.iter().for_each(|field| collect_bindings(&field.pat, variables));
        }
        _ => {} // nothing bound, or the same names in every alternative of an `|`
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn error(item: TokenStream) -> String {
        match Function::parse(item.clone()) {
            Ok(_) => panic!("accepted: {item}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn every_kind_of_head_is_a_function() {
        for item in [
            quote!(
                fn f() {}
            ),
            quote!(
                #[inline]
                pub(in crate::m) fn f<'a, T: Clone, const N: usize>(x: &'a [T; N]) -> [T; N]
                where
                    T: Copy,
                {
                }
            ),
            quote!(
                unsafe extern "C-unwind" fn f(x: *const u8) -> u8 {}
            ),
            quote!(
                async unsafe fn f() {}
            ),
            quote!(
                fn f(self: Pin<&mut Self>, (a, mut b): (u8, u8), _: impl Fn(u8) -> u8) -> ! {}
            ),
            quote!(default fn f() {}),
            quote!(
                fn r#type() {}
            ),
        ] {
            assert!(Function::parse(item.clone()).is_ok(), "{item}");
        }
    }

    #[test]
    fn a_body_may_come_in_a_group_without_delimiters() {
        let block = TokenTree::Group(Group::new(Delimiter::None, quote!({ work() })));
        let function = Function::parse(quote!(fn f() #block)).unwrap();
        assert_eq!(function.statements.to_string(), "work ()");
    }

    #[test]
    fn a_body_need_not_parse() {
        let function = Function::parse(quote!(fn f() { x. })).unwrap();
        assert_eq!(function.statements.to_string(), "x .");
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
                    unsafe impl Send for S {}
                ),
                "put it on each `fn` inside",
            ),
            (
                quote!(
                    pub mod m {
                        fn x() {}
                    }
                ),
                "put it on each `fn` inside",
            ),
            (
                quote!(
                    mod m;
                ),
                "put it on each `fn` inside",
            ),
            (
                quote!(
                    pub unsafe auto trait T {}
                ),
                "put it on each `fn` inside that has a body",
            ),
            (
                quote!(
                    struct S(u8);
                ),
                "put it on the `fn`s of its `impl`s",
            ),
            (
                quote!(
                    enum E {}
                ),
                "put it on the `fn`s of its `impl`s",
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
            (quote!(fn 7() {}), "expected a function with a body"),
            (quote!(), "expected a function with a body"),
        ] {
            let error = error(item.clone());
            assert!(error.contains(message), "{item}: {error}");
        }
    }

    #[test]
    fn an_expanded_function_is_not_expanded_again() {
        let error = error(quote!(
            fn f() {
                let __perprovis_scope = 1;
            }
        ));
        assert_eq!(error, "`#[profile]` stands on this function twice, remove one");
    }
}
