//! Functions that are not `async` but return a future: what kind of one, and where they make it.
//!
//! What such a function does is done by its future, so that is what has to be measured, as with an
//! `async fn`. Most make it at the very end, where it can be wrapped in its place; `#[async_trait]`
//! writes nothing else.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    AssocType, GenericArgument, PathArguments, PathSegment, ReturnType, Type, TypeParamBound,
    TypePath,
};

/// The future that a function returns.
pub(crate) struct Returned {
    pub(crate) shape: Shape,
    /// The expression at the end of the body that makes it, if it is made nowhere else.
    pub(crate) tail: Option<Tail>,
}

/// How the return type says it.
pub(crate) enum Shape {
    /// `Pin<Box<dyn Future<...>>>`.
    Boxed,
    /// A type called like the usual names for that: what it is, only the compiler knows.
    Alias,
    /// `impl Future<Output = ...>`, with that output if it has a name.
    Opaque { output: Option<TokenStream> },
}

/// A body that ends in `Box::pin(...)` or `async { ... }`.
pub(crate) struct Tail {
    pub(crate) statements: TokenStream,
    /// `Box::pin` or `async move`.
    pub(crate) maker: TokenStream,
    /// What follows it.
    pub(crate) group: Group,
}

impl Returned {
    /// The future returned as `output` by a body of `statements`; `None` if it is not known that one
    /// is, or could be wrapped only from outside of the body and this is not `wrappable`.
    pub(crate) fn of(
        output: &ReturnType,
        statements: &TokenStream,
        wrappable: bool,
    ) -> Option<Returned> {
        let ReturnType::Type(_, output) = output else {
            return None;
        };
        let shape = Shape::of(output)?;
        let tail = Tail::of(&shape, statements);
        let wrappable = wrappable
            && match shape {
                Shape::Boxed | Shape::Alias => is_without_parameters(output.to_token_stream()),
                Shape::Opaque { .. } => true,
            };
        (wrappable || tail.is_some()).then_some(Returned { shape, tail })
    }
}

impl Shape {
    fn of(output: &Type) -> Option<Shape> {
        match output {
            Type::Group(output) => Shape::of(&output.elem),
            Type::Paren(output) => Shape::of(&output.elem),
            Type::Path(path) => {
                let last = path.path.segments.last()?;
                if last.ident == "BoxFuture" || last.ident == "LocalBoxFuture" {
                    return Some(Shape::Alias);
                }
                let inside =
                    argument(last, "Pin").and_then(last_segment).and_then(|of| argument(of, "Box"));
                let is_boxed = match inside {
                    Some(Type::TraitObject(object)) => {
                        object.bounds.iter().any(|bound| future(bound).is_some())
                    }
                    // Without `dyn`, as may be up to edition 2018.
                    Some(bare) => last_segment(bare).is_some_and(|of| {
                        of.ident == "Future" && named_output(of).is_some() && is_std(of)
                    }),
                    None => false,
                };
                is_boxed.then_some(Shape::Boxed)
            }
            Type::ImplTrait(opaque) => {
                // What else is promised of the future must be true of the wrapper.
                let kept = |bound: &TypeParamBound| match bound {
                    TypeParamBound::Trait(of) => of.path.segments.last().is_some_and(|last| {
                        ["Send", "Sync", "Unpin"].iter().any(|kept| last.ident == kept)
                    }),
                    _ => true,
                };
                let is_kept =
                    opaque.bounds.iter().all(|bound| kept(bound) || future(bound).is_some());
                let of_future = opaque.bounds.iter().find_map(future).filter(|of| is_std(of))?;
                is_kept.then(|| Shape::Opaque { output: named_output(of_future) })
            }
            _ => None,
        }
    }
}

impl Tail {
    fn of(shape: &Shape, statements: &TokenStream) -> Option<Tail> {
        let mut tokens: Vec<TokenTree> = statements.clone().into_iter().collect();
        let Some(TokenTree::Group(group)) = tokens.pop() else {
            return None;
        };
        let maker = match (shape, group.delimiter()) {
            (Shape::Boxed | Shape::Alias, Delimiter::Parenthesis)
                if is_made_once(group.stream()) =>
            {
                ends_with(&tokens, &["Box", ":", ":", "pin"])?
            }
            (Shape::Opaque { .. }, Delimiter::Brace) => {
                ends_with(&tokens, &["async", "move"]).or_else(|| ends_with(&tokens, &["async"]))?
            }
            _ => return None,
        };
        let maker = tokens.split_off(maker).into_iter().collect();
        let statements: TokenStream = tokens.into_iter().collect();
        let may_return = may_return(statements.clone());
        (!may_return).then_some(Tail { statements, maker, group })
    }
}

/// Whether the argument of `Box::pin` is there, and no `return` in it leaves the function: those in an
/// `async` block do not.
fn is_made_once(argument: TokenStream) -> bool {
    match argument.clone().into_iter().next() {
        Some(TokenTree::Ident(word)) if word == "async" => true,
        Some(_) => !may_return(argument),
        None => false,
    }
}

/// The index of the words that `tokens` end with.
fn ends_with(tokens: &[TokenTree], words: &[&str]) -> Option<usize> {
    let start = tokens.len().checked_sub(words.len())?;
    let same = tokens[start..].iter().zip(words).all(|(token, word)| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Punct(punct) => punct.to_string() == *word,
        _ => false,
    });
    same.then_some(start)
}

/// Types that surely mention no type parameter, which may be one of an `impl` that is not seen.
///
/// A box around a box of `dyn Future<Output = T> + 'a` asks for `T: 'a`, which the function itself need
/// not promise if it only hands a box on.
const KNOWN: [&str; 42] = [
    "Arc",
    "Box",
    "BoxFuture",
    "Cow",
    "Duration",
    "Future",
    "Infallible",
    "Instant",
    "LocalBoxFuture",
    "Option",
    "Path",
    "PathBuf",
    "Pin",
    "Rc",
    "Result",
    "Send",
    "String",
    "Sync",
    "Unpin",
    "Vec",
    "bool",
    "boxed",
    "char",
    "core",
    "dyn",
    "f32",
    "f64",
    "future",
    "futures",
    "i128",
    "i16",
    "i32",
    "i64",
    "i8",
    "pin",
    "std",
    "str",
    "u128",
    "u16",
    "u32",
    "u64",
    "usize",
];

fn is_without_parameters(output: TokenStream) -> bool {
    let mut is_lifetime = false;
    output.into_iter().all(|token| {
        let is_name = !std::mem::take(&mut is_lifetime);
        match token {
            TokenTree::Ident(ident) => {
                let known = ["Output", "isize", "u8", "io", "time"];
                !is_name || KNOWN.iter().chain(&known).any(|known| ident == known)
            }
            TokenTree::Group(group) => is_without_parameters(group.stream()),
            TokenTree::Punct(punct) => {
                is_lifetime = punct.as_char() == '\'';
                true
            }
            TokenTree::Literal(_) => true,
        }
    })
}

/// Whether the function may be left within `statements`: by a `return`, which any macro may hide.
fn may_return(statements: TokenStream) -> bool {
    let mut called = false; // the token before was the `!` of a macro call
    let mut word = false; // the one before that was an identifier
    for token in statements {
        match token {
            TokenTree::Ident(ident) if ident == "return" => return true,
            TokenTree::Group(group) if called || may_return(group.stream()) => return true,
            TokenTree::Punct(punct) if punct.as_char() == '?' => return true,
            TokenTree::Punct(punct) => (called, word) = (word && punct.as_char() == '!', false),
            TokenTree::Ident(_) => (called, word) = (false, true),
            _ => (called, word) = (false, false),
        }
    }
    false
}

/// The type in the angle brackets of a segment called `name`.
fn argument<'a>(segment: &'a PathSegment, name: &str) -> Option<&'a Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) if segment.ident == name => {
            match arguments.args.first()? {
                GenericArgument::Type(argument) => Some(argument),
                _ => None,
            }
        }
        _ => None,
    }
}

fn last_segment(path: &Type) -> Option<&PathSegment> {
    match path {
        Type::Path(TypePath { path, .. }) => path.segments.last(),
        _ => None,
    }
}

/// The `Future<...>` of a bound.
fn future(bound: &TypeParamBound) -> Option<&PathSegment> {
    match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().filter(|last| last.ident == "Future")
        }
        _ => None,
    }
}

/// Whether nothing but an `Output` is named, as of another trait called so there would be.
fn is_std(of_future: &PathSegment) -> bool {
    match &of_future.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().all(|argument| {
            matches!(argument, GenericArgument::AssocType(AssocType { ident, .. }) if ident == "Output")
        }),
        _ => true,
    }
}

/// The `T` of `Future<Output = T>`, unless it contains an `impl Trait`, which has no name.
fn named_output(of_future: &PathSegment) -> Option<TokenStream> {
    let PathArguments::AngleBracketed(arguments) = &of_future.arguments else {
        return None;
    };
    let output = arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(AssocType { ident, ty, .. }) if ident == "Output" => Some(ty),
        _ => None,
    })?;
    let output = output.to_token_stream();
    (!mentions(output.clone(), "impl")).then_some(output)
}

/// Whether `word` is among `tokens`.
pub(crate) fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    /// Shape and head of the body of a function that returns `output`.
    fn returned(output: TokenStream, body: TokenStream) -> Option<(String, Option<String>)> {
        let output = syn::parse2(quote!(-> #output)).unwrap();
        let Returned { shape, tail } = Returned::of(&output, &body, true)?;
        let shape = match shape {
            Shape::Boxed => "boxed".into(),
            Shape::Alias => "alias".into(),
            Shape::Opaque { output } => format!("opaque {}", output.unwrap_or_default()),
        };
        Some((shape, tail.map(|tail| tail.statements.to_string())))
    }

    fn shape(output: TokenStream) -> Option<String> {
        returned(output, quote!()).map(|(shape, _)| shape)
    }

    #[test]
    fn the_return_type_tells_a_future() {
        let boxed = Some("boxed".to_owned());
        assert_eq!(shape(quote!(Pin<Box<dyn Future<Output = u8>>>)), boxed);
        assert_eq!(shape(quote!(::std::pin::Pin<Box<dyn Future<Output = u8> + Send + 'a>>)), boxed);
        assert_eq!(shape(quote!(Pin<Box<dyn ::core::future::Future<Output = ()> + '_>>)), boxed);
        assert_eq!(shape(quote!(Pin<Box<Future<Output = u8>>>)), boxed);
        assert_eq!(shape(quote!(Pin<Box<Future<Output = u8> + Send>>)), boxed);
        let alias = Some("alias".to_owned());
        assert_eq!(shape(quote!(futures::BoxFuture<'_, u8>)), alias);
        assert_eq!(shape(quote!(LocalBoxFuture<'_, u8>)), alias);
        let opaque = Some("opaque u8".to_owned());
        assert_eq!(shape(quote!(impl Future<Output = u8>)), opaque);
        assert_eq!(
            shape(quote!(impl core::future::Future<Output = u8> + Send + Sync + 'a)),
            opaque
        );
        assert_eq!(shape(quote!(impl Future<Output = u8> + use<'a>)), opaque);
        let unnamed = Some("opaque ".to_owned());
        assert_eq!(shape(quote!(impl Future<Output = Option<impl Clone>>)), unnamed);
        for other in [
            quote!(u8),
            quote!(Pin<Box<u8>>),
            quote!(Pin<&mut dyn Future<Output = u8>>),
            quote!(Box<dyn Future<Output = u8>>),
            quote!(Pin<Box<Future<u8>>>),
            quote!(Pin<Box<dyn Stream<Item = u8>>>),
            quote!((impl Future<Output = u8>, u8)),
            quote!(impl Future<Output = u8> + Clone),
            quote!(impl Future<Item = u8, Error = ()>),
            quote!(impl Iterator<Item = u8>),
            quote!(Self::Future),
        ] {
            assert_eq!(shape(other.clone()), None, "{other}");
        }
    }

    #[test]
    fn a_future_made_at_the_very_end_and_nowhere_else_is_found() {
        let boxed = |body| returned(quote!(BoxFuture<'_, u8>), body).unwrap().1;
        let found = |head: TokenStream| Some(head.to_string());
        assert_eq!(boxed(quote!(Box::pin(async { 1 }))), found(quote!()));
        let head = quote!(let a = b != c; work(); if a { log() });
        assert_eq!(
            boxed(quote!(#head std::boxed::Box::pin(f(a)))),
            found(quote!(#head std::boxed::))
        );
        for other in [
            quote!(f(a)),
            quote!(Box::pin()),
            quote!(f(Box::pin(x))),
            quote!(Box::pin(x).boxed()),
            quote!(return Box::pin(x)),
            quote!(if a { return Box::pin(x) } Box::pin(y)),
            quote!(Box::pin(ready(match a {
                Some(x) => x,
                None => return Box::pin(y),
            }))),
            quote!(check!(a); Box::pin(y)),
            quote!(check! { a } Box::pin(y)),
            quote!(let a = (|| b?)(); Box::pin(y)),
            quote!(match a {
                1 => Box::pin(x),
                _ => Box::pin(y),
            }),
        ] {
            assert_eq!(boxed(other.clone()), None, "{other}");
        }
        let opaque = |body| returned(quote!(impl Future<Output = u8>), body).unwrap().1;
        assert_eq!(opaque(quote!(f(); async move { 1 })), found(quote!(f();)));
        assert_eq!(opaque(quote!(async { 1 })), found(quote!()));
        assert_eq!(opaque(quote!(ready(1))), None);
        assert_eq!(opaque(quote!(unsafe { f() })), None);
    }

    #[test]
    fn a_box_that_may_need_a_bound_is_left() {
        for (output, is_wrapped) in [
            (quote!(BoxFuture<'a, Result<(Vec<u8>, [u8; 2]), String>>), true),
            (quote!(std::pin::Pin<Box<dyn std::future::Future<Output = &'static str> + '_>>), true),
            (quote!(BoxFuture<'a, T>), false),
            (quote!(Pin<Box<dyn Future<Output = Option<Self::Item>> + Send>>), false),
        ] {
            let found = returned(output.clone(), quote!(hand_on()));
            assert_eq!(found.is_some(), is_wrapped, "{output}");
            assert!(returned(output, quote!(Box::pin(async { x }))).is_some());
        }
    }

    #[test]
    fn what_can_be_wrapped_only_from_outside_may_be_left() {
        let output = syn::parse_quote!(-> BoxFuture<'_, u8>);
        assert!(Returned::of(&output, &quote!(f()), false).is_none());
        assert!(Returned::of(&output, &quote!(Box::pin(f())), false).is_some());
    }
}
