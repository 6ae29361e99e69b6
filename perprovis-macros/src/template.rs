//! Token templates: one statement before the body of a function, one future around what a function
//! awaits or returns.
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

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt as _;

use crate::args::{Args, Entry, Format};
use crate::body::{split_inner_attributes, with_content};
use crate::function::{Function, Kind, Output};
use crate::krate;
use crate::returned::{Returned, Shape, Tail};

/// The parts that are the same for every kind of function.
pub(crate) struct Template {
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
    pub(crate) fn new(args: &Args, function: &Function) -> Template {
        let span = Span::mixed_site();
        let krate = krate::path(args.krate.as_ref());
        let private = quote_spanned!(span=> #krate::__private);
        let name = match (&args.name, &args.prefix) {
            (Some(name), _) => Some(name.to_token_stream()),
            (None, Some(prefix)) => {
                Some(format!("{prefix}::{}", function.ident.unraw()).into_token_stream())
            }
            (None, None) => None,
        };
        let (callsite, anchor) = match name {
            Some(name) => (quote_spanned!(span=> named(#name)), None),
            // The default name is the type name of an item in the body: only the compiler knows
            // the path and the type around a function.
            None => (
                quote_spanned!(span=> of::<__PerprovisHere>()),
                Some(quote_spanned!(span=> enum __PerprovisHere {})),
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

    /// The function with its body rewritten.
    pub(crate) fn expand(&self, function: Function) -> TokenStream {
        let statements = match &function.kind {
            Kind::Sync => self.sync_body(&function),
            Kind::Async(output) => self.async_body(&function, *output),
            Kind::Future(Returned { shape, tail: Some(tail) }) => {
                self.wrapped_tail(shape, tail, &function)
            }
            Kind::Future(Returned { shape, tail: None }) => self.wrapped_body(shape, &function),
        };
        let is_canonical = function.is_canonical();
        let mut body = function.body_head;
        body.extend(statements);
        let mut braces = with_content(&function.body, body);
        if is_canonical {
            // No longer to clippy, but in braces of a foreign macro it says nothing of it.
            braces.set_span(Span::mixed_site().located_at(braces.span()));
        }
        let mut tokens = function.head;
        tokens.extend(braces.into_token_stream());
        tokens
    }

    fn sync_body(&self, function: &Function) -> TokenStream {
        let enter = self.call("enter");
        let Template { private, anchor, .. } = self;
        let statements = &function.statements;
        // An empty function is there for its bounds, and clippy knows; ours is not empty.
        let types = function.types.iter().filter(|_| statements.is_empty());
        quote_spanned! {Span::mixed_site()=>
            let __perprovis_scope = #enter;
            #anchor
            #(let _ = #private::PhantomData::<#types>;)*
            #statements
        }
    }

    /// The body moves into a future of its own, because only a wrapper around its polls sees when
    /// it is suspended and resumed: an `.await` may hide in any macro.
    ///
    /// That future stays in its place, and the wrapper refers to it: so the compiler, to find out
    /// whether the function's future is `Send`, has one type less to look into at every level of
    /// a chain of async functions, of which its recursion limit allows only so many.
    fn async_body(&self, function: &Function, output: Output) -> TokenStream {
        let span = Span::mixed_site();
        let task = self.call("task");
        let Template { private, anchor, .. } = self;
        let never_returns = output == Output::Never;
        // The `async` of a function is not said to yield something to be awaited, that of a block is.
        let allow = (output == Output::Value)
            .then(|| quote_spanned!(span=> #[allow(clippy::async_yields_async)]));
        let (output, give) = (!never_returns).then(|| self.output(function)).unzip();
        let captures = self.captures(function, give);
        let body = inner_body(function);
        // What the compiler says of the future is said of the body.
        let span = span.located_at(function.body.span());
        let private = &located_at(private, span);
        let future = quote_spanned! {span=>
            #private::profile_in_place(__perprovis_task, #private::pin!(async move {
                #captures
                #body
            }))
            .await
        };
        // With a `return`, or clippy's `implicit_return` takes the attribute for the user's tail.
        let future =
            if never_returns { future } else { quote_spanned!(span=> #allow return #future;) };
        quote_spanned! {span=>
            let __perprovis_task = #task;
            #anchor
            #output
            #future
        }
    }

    /// A function that makes its future at the very end of its body.
    fn wrapped_tail(&self, shape: &Shape, tail: &Tail, function: &Function) -> TokenStream {
        let span = Span::mixed_site();
        let task = self.call("task");
        let Template { private, anchor, .. } = self;
        let Tail { statements, maker, group } = tail;
        let future = match shape {
            Shape::Alias => return self.wrapped_alias(tail, function),
            Shape::Boxed => {
                let future = group.stream();
                let wrapped =
                    quote_spanned!(span=> #private::profile_future(__perprovis_task, #future));
                let mut group = Group::new(group.delimiter(), wrapped);
                group.set_span(tail.group.span());
                quote_spanned!(span=> #maker #group)
            }
            Shape::Opaque { output } => {
                // The compiler would take the output of an `async` block from the return type, if it
                // were returned as it is.
                let output = output.iter();
                let (inner_attributes, content) = split_inner_attributes(group.stream());
                let block = with_content(
                    group,
                    quote_spanned! {span=>
                        #inner_attributes
                        #(if false { return #private::never(#private::output::<#output>()); })*
                        #content
                    },
                );
                // With a `return`, as in an `async fn`.
                quote_spanned! {span=>
                    return #private::profile_future(__perprovis_task, #maker #block);
                }
            }
        };
        quote_spanned! {span=>
            let __perprovis_task = #task;
            #anchor
            #statements
            #future
        }
    }

    /// The same, if only the compiler knows whether it is a future in a box.
    fn wrapped_alias(&self, tail: &Tail, function: &Function) -> TokenStream {
        let span = Span::mixed_site();
        let begin = self.begin(function);
        let Tail { statements, group, .. } = tail;
        let future = group.stream();
        let (begin, _) = begin;
        quote_spanned! {span=>
            #begin
            #statements
            return __perprovis_call.wrap(#future);
        }
    }

    /// A function that makes its future in any other way: a closure around the body catches it.
    fn wrapped_body(&self, shape: &Shape, function: &Function) -> TokenStream {
        let span = Span::mixed_site();
        let body = inner_body(function);
        if let Shape::Boxed | Shape::Alias = shape {
            let (begin, give) = self.begin(function);
            let captures = self.captures(function, Some(give));
            return quote_spanned! {span=>
                #begin
                return __perprovis_call.wrap_made(move || {
                    #captures
                    #body
                });
            };
        }
        let task = self.call("task");
        let Template { private, anchor, .. } = self;
        let captures = self.captures(function, None);
        quote_spanned! {span=>
            let __perprovis_task = #task;
            #anchor
            return #private::profile_future(__perprovis_task, #private::call(move || {
                #captures
                #body
            }));
        }
    }

    /// Begins a call as what the return type tells the compiler, `__perprovis_call`; and what gives that
    /// type to a closure, as `output` does.
    fn begin(&self, function: &Function) -> (TokenStream, TokenStream) {
        let task = self.call("task");
        let Template { private, anchor, .. } = self;
        let (output, give) = self.output(function);
        let begin = quote_spanned! {Span::mixed_site()=>
            let __perprovis_task = #task;
            use #private::NoFuture as _;
            #anchor
            #output
            let __perprovis_call = __perprovis_output.__perprovis_begin(__perprovis_task);
        };
        (begin, give)
    }

    /// Carries the return type from the function into a future or closure inside, which has no place to
    /// write one: a statement that makes `__perprovis_output`, and one for inside.
    ///
    /// A `return` of it, never executed, on both sides makes them one type, with all coercions of the
    /// body's tail. It needs no tokens of the type, so `impl Trait` is nothing special. Only a
    /// `return` of type `!` makes the compiler warn of unreachable code, and there the type needs no
    /// help.
    fn output(&self, function: &Function) -> (TokenStream, TokenStream) {
        // Where the compiler is to say that it has the type from.
        let span = Span::mixed_site().located_at(function.output);
        let private = located_at(&self.private, span);
        let give = quote_spanned!(span=> return #private::never(__perprovis_output););
        let output = quote_spanned! {span=>
            let __perprovis_output = #private::output();
            if false {
                #give
            }
        };
        (output, give)
    }

    /// What stands before the body in a future or closure that holds it, and is never executed: `give`, which
    /// gives it its type, and behind that a mention of the parameters' variables, last one first.
    ///
    /// It drops what it captured in the order in which the captures are mentioned; a function
    /// drops its parameters from the last to the first. So this keeps a lock from outliving what
    /// it guards. What the body surely does not use is not mentioned, or `unused_variables` would fall
    /// silent; it stays with the function. And code that cannot be reached captures as any other does, but
    /// does not count as a use.
    fn captures(&self, function: &Function, give: Option<TokenStream>) -> TokenStream {
        let words = function.words();
        let is_private = |variable: &Ident| variable.unraw().to_string().starts_with('_');
        let mut captured: Vec<&Ident> = function
            .variables
            .iter()
            .rev()
            .filter(|variable| is_private(variable) || words.contain(variable))
            .collect();
        let span = Span::mixed_site();
        // The variables must keep their spans to be found, so clippy takes this for a use by the user.
        let mention = |variables: &[&Ident]| {
            let lint = variables
                .iter()
                .any(|variable| is_private(variable))
                .then(|| quote_spanned!(span=> , clippy::used_underscore_binding));
            (!variables.is_empty()).then(|| {
                quote_spanned!(span=> #[allow(unreachable_code #lint)] let _ = (#(&#variables,)*);)
            })
        };
        // Where nobody is to be told what is unused, nobody is told that it is captured so.
        let used = match captured.iter().position(|variable| *variable == "self") {
            _ if function.allows_unused => captured.split_off(0),
            Some(receiver) => captured.split_off(receiver),
            None => Vec::new(),
        };
        let used = mention(&used).map(|mention| quote_spanned!(span=> if false { #mention }));
        let mention = mention(&captured);
        let private = &self.private;
        let give = match (give, &mention) {
            (None, Some(_)) => Some(quote_spanned!(span=> #private::unreachable();)),
            (give, _) => give,
        };
        let first = give.map(|give| quote_spanned!(span=> if false { #give #mention }));
        first.into_iter().chain(used).collect()
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

/// The body in braces of its own, as the compiler itself puts that of an `async fn`; rustc's
/// `unused_braces` finds such braces necessary if there is an item.
fn inner_body(function: &Function) -> Group {
    let span = Span::mixed_site();
    let separator = separator(span);
    let statements = &function.statements;
    with_content(&function.body, quote_spanned!(span=> #separator #statements))
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

/// `tokens` as they are, but shown at `place`.
fn located_at(tokens: &TokenStream, place: Span) -> TokenStream {
    tokens
        .clone()
        .into_iter()
        .map(|mut token| {
            token.set_span(token.span().located_at(place));
            token
        })
        .collect()
}

fn separator(span: Span) -> TokenStream {
    quote_spanned!(span=> const _: () = ();)
}
