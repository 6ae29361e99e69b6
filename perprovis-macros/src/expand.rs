//! Token templates: one statement before the body of a function, one future around that of an
//! `async fn`.
//!
//! Rules that every template keeps:
//! 1. The user's tokens come out as they went in, once, in their own braces. A guard at the head of
//!    the body leaves the expected type of its tail, `?`, `return`, lifetimes and
//!    `#[track_caller]` alone, which a closure or a second block would not.
//! 2. Generated tokens have mixed-site spans: local variables are invisible to the user's code, and
//!    the compiler and clippy skip them as code of a foreign macro.
//! 3. Paths begin at the perprovis crate, and nothing from a prelude is named: the code stands in
//!    `no_std` crates and beside a user's own `Some`, `str` or `mod core`.
//! 4. Statics and inner items are not generic; they mention nothing of the user's.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Result;
use syn::ext::IdentExt as _;

use crate::args::{Args, Entry, Format};
use crate::item::{Function, Kind};

/// Expands the attribute. After a mistake the item is still there, as written, so that the error
/// is the only one.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    match try_expand(args, item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let mut tokens = item;
            tokens.extend(error.into_compile_error());
            tokens
        }
    }
}

fn try_expand(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let function = Function::parse(item);
    let args = Args::parse(args);
    // A mistake about the item outweighs one about the arguments.
    let function = function?;
    let template = Template::new(&args?, &function);
    let statements = match &function.kind {
        Kind::Sync => template.sync_body(&function),
        Kind::Async { variables, never_returns } => {
            template.async_body(&function, variables, *never_returns)
        }
    };
    let mut body = function.inner_attributes;
    body.extend(statements);
    let mut tokens = function.head;
    tokens.extend(with_braces_of(&function.body, body).into_token_stream());
    Ok(tokens)
}

/// The parts that are the same for every kind of function.
struct Template {
    /// `::perprovis::__private`
    private: TokenStream,
    /// A block that gives the callsite, and the item it refers to.
    site: TokenStream,
    anchor: TokenStream,
    /// `&EXPRESSION`, of the profiler.
    profiler: Option<TokenStream>,
    /// A closure that makes the metadata.
    metadata: Option<TokenStream>,
}

impl Template {
    fn new(args: &Args, function: &Function) -> Template {
        let span = Span::mixed_site();
        let private = match &args.krate {
            Some(path) => quote_spanned!(span=> #path::__private),
            None => quote_spanned!(span=> ::perprovis::__private),
        };
        let (file, line) = location(function.ident.span());
        let (callsite, anchor) = match &args.name {
            Some(name) => (quote_spanned!(span=> named(#name, #file, #line)), None),
            // The default name is the type name of an item in the body: only the compiler knows
            // the path and the type around a function.
            None => (
                quote_spanned! {span=>
                    of(|| #private::type_name_of(__perprovis_here), #file, #line)
                },
                Some(quote_spanned!(span=> fn __perprovis_here() {})),
            ),
        };
        let site = quote_spanned! {span=>
            {
                static __PERPROVIS_SITE: #private::Callsite = #private::Callsite::#callsite;
                &__PERPROVIS_SITE
            }
        };
        // An item of the user's may follow. Clippy's `items_after_statements` looks no further than
        // the first item that a macro made.
        let anchor = anchor.unwrap_or_else(|| separator(span));
        let profiler = args.profiler.as_ref().map(reference);
        let metadata = args.metadata.as_deref().map(|entries| metadata(&private, entries));
        Template { private, site, anchor, profiler, metadata }
    }

    fn sync_body(&self, function: &Function) -> TokenStream {
        let enter = self.call("enter");
        let Template { anchor, .. } = self;
        let statements = &function.statements;
        quote_spanned! {Span::mixed_site()=>
            let __perprovis_scope = #enter;
            #anchor
            #statements
        }
    }

    /// The body moves into a future of its own, because only a wrapper around its polls sees when
    /// it is suspended and resumed: an `.await` may hide in any macro.
    ///
    /// `__perprovis_output` carries the return type from the function into that future, which has
    /// no place to write one: a `return` of it, never executed, on both sides makes them one type,
    /// with all coercions of the body's tail. It needs no tokens of the type, so `impl Trait` is
    /// nothing special. Only a `return` of type `!` makes the compiler warn of unreachable code, and
    /// there the type needs no help.
    fn async_body(
        &self,
        function: &Function,
        variables: &[Ident],
        never_returns: bool,
    ) -> TokenStream {
        let span = Span::mixed_site();
        let task = self.call("task");
        let Template { private, anchor, .. } = self;
        let captures = captures(function, variables);
        let (output, give) = if never_returns {
            (None, None)
        } else {
            let give = quote_spanned!(span=> return #private::never(__perprovis_output););
            let output = quote_spanned! {span=>
                let __perprovis_output = #private::output();
                if false {
                    #give
                }
            };
            (Some(output), Some(give))
        };
        let statements = &function.statements;
        // In braces of their own, as the compiler itself puts them; rustc's `unused_braces` finds
        // such braces necessary if there is an item.
        let separator = separator(span);
        let body = quote_spanned!(span=> #separator #statements);
        let body = with_braces_of(&function.body, body);
        let future = quote_spanned! {span=>
            #private::profile_future(__perprovis_task, async move {
                if false {
                    #captures
                    #give
                }
                #body
            })
            .await
        };
        // With a `return`, or clippy's `implicit_return` takes the attribute for the user's tail.
        let future = if never_returns { future } else { quote_spanned!(span=> return #future;) };
        quote_spanned! {span=>
            let __perprovis_task = #task;
            #anchor
            #output
            #future
        }
    }

    /// A call of the function of the private interface that takes the given arguments.
    fn call(&self, function: &str) -> TokenStream {
        let span = Span::mixed_site();
        let Template { private, site, profiler, metadata, .. } = self;
        let on = if profiler.is_some() { "_on" } else { "" };
        let with = if metadata.is_some() { "_with" } else { "" };
        let function = Ident::new(&format!("{function}{on}{with}"), span);
        let profiler = profiler.iter();
        let metadata = metadata.iter();
        quote_spanned!(span=> #private::#function(#(#profiler,)* #site #(, #metadata)*))
    }
}

/// Mentions the parameters' variables in the future, last one first.
///
/// A future drops what it captured in the order in which the captures are mentioned; a function
/// drops its parameters from the last to the first. So this keeps a lock from outliving what
/// it guards. What the body surely does not use is not mentioned, or `unused_variables` would fall
/// silent; it stays in the outer future.
fn captures(function: &Function, variables: &[Ident]) -> Option<TokenStream> {
    let words = function.words();
    let is_private = |variable: &Ident| variable.unraw().to_string().starts_with('_');
    let captured: Vec<&Ident> = variables
        .iter()
        .rev()
        .filter(|variable| is_private(variable) || words.contain(variable))
        .collect();
    if captured.is_empty() {
        return None;
    }
    let span = Span::mixed_site();
    // The variable must keep its span to be found, so clippy takes this for a use by the user.
    let allow = captured
        .iter()
        .any(|variable| is_private(variable))
        .then(|| quote_spanned!(span=> #[allow(clippy::used_underscore_binding)]));
    Some(quote_spanned!(span=> #allow let _ = (#(&#captured,)*);))
}

fn metadata(private: &TokenStream, entries: &[Entry]) -> TokenStream {
    let span = Span::mixed_site();
    let pairs = entries.iter().map(|entry| {
        let key = entry.key.unraw().to_string();
        let value = reference(&entry.value);
        let convert = match entry.format {
            Format::Typed => "value",
            Format::Debug => "debug_value",
            Format::Display => "display_value",
        };
        let convert = Ident::new(convert, span);
        quote_spanned!(span=> (#key, #private::#convert(#value)))
    });
    quote_spanned!(span=> || #private::metadata_of([#(#pairs),*]))
}

/// `&(expression)`: takes nothing from the user, and lets `&Arc<Profiler>` become `&Profiler`.
///
/// What is added stands, for messages, at the expression's first token: a wrong type is then shown
/// there and not at the attribute.
fn reference(expression: &impl ToTokens) -> TokenStream {
    let expression = expression.to_token_stream();
    let place = expression.clone().into_iter().next().map(|token| token.span());
    let span = place.map_or_else(Span::mixed_site, |place| Span::mixed_site().located_at(place));
    quote_spanned!(span=> &(#expression))
}

fn separator(span: Span) -> TokenStream {
    quote_spanned!(span=> const _: () = ();)
}

/// `content` in the braces the user wrote, with their span and so their edition's drop order.
fn with_braces_of(body: &Group, content: TokenStream) -> Group {
    let mut braces = Group::new(Delimiter::Brace, content);
    braces.set_span(body.span());
    braces
}

/// File and line of `span`. Literals, since `line!()` would give the attribute's line.
fn location(span: Span) -> (Literal, Literal) {
    let (file, line) = if proc_macro::is_available() {
        let span = span.unwrap();
        (span.file(), span.line())
    } else {
        (String::new(), 0) // a unit test
    };
    (Literal::string(&file), Literal::usize_unsuffixed(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn expanded(args: TokenStream, item: TokenStream) -> String {
        expand(args, item).to_string()
    }

    #[test]
    fn the_head_and_the_body_come_out_as_they_went_in() {
        let head = quote!(/** docs */ #[inline] pub(crate) unsafe extern "C" fn f<T: Clone>(mut x: T) -> T where T: Copy);
        let body = quote!(x.; let y = ; return x);
        let text = expanded(quote!(), quote!(#head { #body }));
        assert!(text.starts_with(&head.to_string()), "{text}");
        assert!(text.ends_with(&format!("{body} }}")), "{text}");
    }

    #[test]
    fn inner_attributes_stay_first() {
        let text = expanded(
            quote!(),
            quote!(
                fn f() {
                    #![allow(unused)]
                    #![doc = ""]
                    work()
                }
            ),
        );
        assert!(
            text.starts_with("fn f () { # ! [allow (unused)] # ! [doc = \"\"] let __"),
            "{text}"
        );
    }

    #[test]
    fn arguments_choose_the_function_that_is_called() {
        let item = quote!(
            fn f(id: u8) {}
        );
        for (args, call) in [
            (quote!(), ":: perprovis :: __private :: enter ({"),
            (quote!(profiler = P), "enter_on (& (P) , {"),
            (quote!(metadata(id)), "enter_with ({"),
            (quote!(profiler = P, metadata(id)), "enter_on_with (& (P) , {"),
            (quote!(crate = a::b), "a :: b :: __private :: enter ({"),
            (quote!(name = "x"), ":: named (\"x\" , "),
            (
                quote!(metadata(?id)),
                "metadata_of ([(\"id\" , :: perprovis :: __private :: debug_value (& (id)))])",
            ),
        ] {
            let text = expanded(args, item.clone());
            assert!(text.contains(call), "no `{call}` in {text}");
        }
    }

    #[test]
    fn a_future_captures_what_its_body_may_use_last_parameter_first() {
        let item = quote! {
            async fn f(&self, (a, mut b): P, unused: u8, S { c, d: [_, e @ ..] }: S, _guard: G, s: u8) {
                self.work(a, b, c, e); format!("{s}")
            }
        };
        let text = expanded(quote!(), item);
        let captures = "let _ = (& s , & _guard , & e , & c , & b , & a , & self ,) ;";
        assert!(text.contains(captures), "{text}");
    }

    #[test]
    fn a_function_that_never_returns_has_no_output() {
        let text = expanded(
            quote!(),
            quote!(
                async fn f() -> ! {
                    loop {}
                }
            ),
        );
        assert!(!text.contains("__perprovis_output"), "{text}");
    }

    #[test]
    fn after_a_mistake_the_item_is_there_and_one_error() {
        let function = quote!(fn f() { x. });
        let constant = quote!(
            const fn f() {}
        );
        for (args, item) in [
            (quote!(nam = "x"), function.clone()),
            (quote!(), constant.clone()),
            (quote!(nam = "x"), constant),
            (
                quote!(),
                quote!(
                    struct S;
                ),
            ),
            (
                quote!(),
                quote!(
                    fn f(&self);
                ),
            ),
            (quote!(), expand(quote!(), function)),
        ] {
            let text = expanded(args, item.clone());
            assert!(text.starts_with(&item.to_string()), "{text}");
            assert_eq!(text.matches("compile_error").count(), 1, "{text}");
        }
    }
}
