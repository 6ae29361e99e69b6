//! A function with a body: the signature is parsed, the body stays tokens.
//!
//! An unparsed body costs no build time, keeps every span, and may be half typed. The head is
//! parsed only to be understood: what is emitted are the tokens that came in, so that nothing of
//! a user's function can get lost or change its span.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Error, FnArg, Ident, Pat, Result, ReturnType, Signature, Type, Visibility,
    punctuated, token,
};

use crate::body::{begins_with_generated, braces, split_head};
use crate::item::{attributes_end, keyword};
use crate::returned::{Returned, mentions};
use crate::words::Words;

/// A function that can be measured.
pub(crate) struct Function {
    /// Attributes, visibility and signature, as written.
    pub(crate) head: TokenStream,
    /// What must stay the first thing in the body: inner attributes, `#![allow(...)]`, and the guard of
    /// `#[perprovis::main]`.
    pub(crate) body_head: TokenStream,
    /// The braces. Their content begins with that head.
    pub(crate) body: Group,
    /// The rest of the body, as written.
    pub(crate) statements: TokenStream,
    pub(crate) ident: Ident,
    /// Its type parameters.
    pub(crate) types: Vec<Ident>,
    /// What the parameters bind, in order.
    pub(crate) variables: Vec<Ident>,
    /// Whether it allows variables that are not used, of all or of one of its parameters.
    pub(crate) allows_unused: bool,
    /// Where the return type stands, or the body if there is none.
    pub(crate) output: Span,
    pub(crate) kind: Kind,
}

/// What calling the function does.
pub(crate) enum Kind {
    /// Runs the body.
    Sync,
    /// Gives a future that runs the body.
    Async(Output),
    /// Runs the body, which makes a future.
    Future(Returned),
}

/// What an `async fn` is declared to return.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    Nothing,
    /// `!`
    Never,
    Value,
}

impl Function {
    /// Understands `item`; an error if it is no function that can be measured.
    pub(crate) fn parse(item: TokenStream) -> Result<Function> {
        let mut head: Vec<TokenTree> = item.into_iter().collect();
        let last = head.pop();
        let Some(body) = last.clone().and_then(braces) else {
            return Err(no_body(head.into_iter().collect(), last));
        };
        let (body_head, statements) = split_head(body.stream());
        let plain = plain(&head, statements.is_empty());
        let head: TokenStream = head.into_iter().collect();
        if let Some(ident) = plain {
            reject_expanded(&ident, &statements)?;
            return Ok(Function {
                output: body.span_open(),
                head,
                body_head,
                body,
                statements,
                ident,
                types: Vec::new(),
                variables: Vec::new(),
                allows_unused: false,
                kind: Kind::Sync,
            });
        }
        let (attributes, signature) = parse_head.parse2(head.clone())?;
        reject(&attributes, &signature)?;
        reject_expanded(&signature.ident, &statements)?;
        let kind = if signature.asyncness.is_some() {
            Kind::Async(Output::of(&signature.output))
        } else {
            // A closure around the body would not see who called the function.
            let tracks_caller = attributes.iter().any(|a| a.path().is_ident("track_caller"));
            Returned::of(&signature.output, &statements, !tracks_caller)
                .map_or(Kind::Sync, Kind::Future)
        };
        let types = signature.generics.type_params().filter(|of| of.attrs.is_empty());
        let types = types.map(|of| of.ident.clone()).collect();
        let variables = variables(&signature);
        let output = match &signature.output {
            ReturnType::Default => body.span_open(),
            ReturnType::Type(_, output) => output.span(),
        };
        let ident = signature.ident;
        Ok(Function {
            body_head,
            body,
            statements,
            ident,
            types,
            variables,
            allows_unused: mentions(head.clone(), "unused_variables"),
            head,
            output,
            kind,
        })
    }

    /// Whether this is what clippy wants the `clone` of a `Copy` type to be, or the `partial_cmp` of an
    /// `Ord` one.
    pub(crate) fn is_canonical(&self) -> bool {
        let body = || self.statements.to_string().replace(' ', "");
        if self.ident == "clone" {
            body() == "*self"
        } else {
            self.ident == "partial_cmp" && {
                let body = body();
                body.strip_prefix("Some(self.cmp(").is_some_and(|rest| rest.ends_with("))"))
            }
        }
    }

    /// Whether `item` is an expansion of the attribute.
    pub(crate) fn is_expanded(item: &TokenStream) -> bool {
        let body = item.clone().into_iter().last().and_then(braces);
        body.is_some_and(|body| begins_with_generated(&split_head(body.stream()).1))
    }

    /// The names the body may use.
    pub(crate) fn words(&self) -> Words {
        Words::of(self.statements.clone())
    }
}

impl Output {
    fn of(output: &ReturnType) -> Output {
        match output {
            ReturnType::Default => Output::Nothing,
            ReturnType::Type(_, output) if matches!(**output, Type::Never(_)) => Output::Never,
            ReturnType::Type(..) => Output::Value,
        }
    }
}

fn parse_head(input: ParseStream<'_>) -> Result<(Vec<Attribute>, Signature)> {
    let attributes = input.call(Attribute::parse_outer)?;
    input.parse::<Visibility>()?;
    let qualifier: Option<Ident> = input.fork().parse().ok();
    if qualifier.is_some_and(|word| word == "default" || word == "safe") {
        input.parse::<Ident>()?; // of a specialized, or of a foreign function
    }
    Ok((attributes, input.parse()?))
}

/// The name of a function of which all is known by a look at its words, as of most: it is not `const` or
/// `async`, has no attribute that matters here, and does not return a future. Whether it is well-formed
/// is the compiler's to say.
///
/// In debug builds macros are not optimised, and syn was most of what they took.
fn plain(head: &[TokenTree], is_empty: bool) -> Option<Ident> {
    let (at, keyword) = keyword(head)?;
    let (attributes, qualifiers) = head[..at].split_at(attributes_end(head));
    let is_word = |token: &TokenTree, words: &[&str]| matches!(token, TokenTree::Ident(word) if words.iter().any(|of| word == of));
    let matters = |attribute: &TokenTree| match attribute {
        TokenTree::Group(group) => {
            let first = group.stream().into_iter().next();
            // What a macro passed on is in a group.
            !matches!(first, Some(TokenTree::Ident(first)) if first != "naked" && first != "unsafe")
        }
        _ => false,
    };
    let is_known = keyword == "fn"
        && !qualifiers.iter().any(|token| is_word(token, &["const", "async", "gen"]))
        && !attributes.iter().any(matters);
    let [TokenTree::Ident(ident), rest @ ..] = &head[at + 1..] else {
        return None;
    };
    let is_parameters = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
    let parameters = rest.iter().position(is_parameters)?;
    // The type parameters of an empty function are mentioned in it.
    let is_generic = parameters > 0;
    let may_be_future = rest[parameters + 1..].iter().any(|token| {
        ["Future", "BoxFuture", "LocalBoxFuture"]
            .iter()
            .any(|word| mentions(token.clone().into(), word))
    });
    (is_known && !(is_empty && is_generic) && !may_be_future).then(|| ident.clone())
}

/// The error for a function that ends in `last` instead of braces.
fn no_body(head: TokenStream, last: Option<TokenTree>) -> Error {
    match (parse_head.parse2(head), last) {
        (Ok((_, signature)), Some(TokenTree::Punct(end))) if end.as_char() == ';' => {
            let message = format!(
                "`fn {}` has no body to measure; put `#[profile]` on the functions that implement \
                 or call it",
                signature.ident
            );
            Error::new(signature.ident.span(), message)
        }
        (Err(error), _) => error,
        (_, last) => Error::new_spanned(last, "expected the body of the function, `{ ... }`"),
    }
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

/// Functions that bear the attribute already.
fn reject_expanded(ident: &Ident, statements: &TokenStream) -> Result<()> {
    if begins_with_generated(statements) {
        let message = "`#[profile]` stands on this function twice, remove one";
        return Err(Error::new(ident.span(), message));
    }
    Ok(())
}

/// The variables that the parameters bind, in order, but for parameters that may not be there.
fn variables(signature: &Signature) -> Vec<Ident> {
    let mut variables = Vec::new();
    for parameter in &signature.inputs {
        match parameter {
            FnArg::Receiver(receiver) => {
                variables.push(Ident::new("self", receiver.self_token.span));
            }
            FnArg::Typed(parameter) if parameter.attrs.iter().any(|a| a.path().is_ident("cfg")) => {
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
    fn most_functions_are_known_by_their_words() {
        let is_plain = |item: TokenStream| {
            let mut head: Vec<TokenTree> = item.into_iter().collect();
            let body = head.pop().and_then(braces).unwrap();
            plain(&head, body.stream().is_empty()).is_some()
        };
        for item in [
            quote!(
                #[inline]
                pub(crate) fn f<const N: usize>(x: impl Future) -> [u8; N] {
                    1
                }
            ),
            quote!(default unsafe extern "C" fn f(async_: u8) {}),
        ] {
            assert!(is_plain(item.clone()), "{item}");
        }
        for item in [
            quote!(
                const fn f() {}
            ),
            quote!(
                pub async unsafe fn f() {}
            ),
            quote!(
                #[unsafe(naked)]
                fn f() {}
            ),
            quote!(
                fn f<T>() {}
            ),
            quote!(
                fn f() -> (Pin<Box<dyn Future<Output = u8>>>) {
                    g()
                }
            ),
            quote!(
                fn f() -> futures::BoxFuture<'_, u8> {
                    g()
                }
            ),
        ] {
            assert!(!is_plain(item.clone()), "{item}");
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
