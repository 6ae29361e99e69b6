//! From the attribute to the tokens of the item: decides which functions are rewritten, with which
//! arguments, and says what is wrong.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Error, Result};

use crate::args::Args;
use crate::body::with_content;
use crate::container::{Member, Own, members};
use crate::function::Function;
use crate::item::{Container, Item, is_item};
use crate::krate;
use crate::template::Template;

/// Expands the attribute.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    expand_item(Args::parse(args), Item::parse(item.clone()), item)
}

/// Expands an attribute on `item`, which was `parsed`. After a mistake the item is still there, as
/// written, so that the error is the only one.
fn expand_item(args: Result<Args>, parsed: Result<Item>, item: TokenStream) -> TokenStream {
    if let Ok(Args { skip: Some(skip), .. }) = &args {
        let mut tokens = item;
        if Function::is_expanded(&tokens) {
            let message = "the attribute around this has not recognised this one: write it as \
                           `#[perprovis::profile(skip)]`";
            tokens.extend(Error::new(skip.span(), message).into_compile_error());
        }
        return tokens;
    }
    // A mistake about the item outweighs one about the arguments.
    let expanded = parsed.and_then(|parsed| match (args?, parsed) {
        (args, Item::Function(function)) => Ok(Template::new(&args, &function).expand(*function)),
        (args, Item::Container(container)) => {
            args.check_for_container()?;
            Ok(expand_container(&args, container))
        }
    });
    expanded.unwrap_or_else(|error| {
        let mut tokens = if is_item(item.clone()) { item } else { TokenStream::new() };
        tokens.extend(error.into_compile_error());
        tokens
    })
}

fn expand_container(args: &Args, container: Container) -> TokenStream {
    let members = members(container.body.stream());
    let content = members.into_iter().map(|member| expand_member(args, member)).collect();
    let mut tokens = container.head;
    tokens.extend(with_content(&container.body, content).into_token_stream());
    tokens
}

/// Expands an item of a container with these arguments. What cannot be measured is passed over, unless
/// it has an attribute of its own, which the compiler expands.
fn expand_member(container: &Args, mut member: Member) -> TokenStream {
    let parsed = Item::parse(member.item());
    let container = container.within(parsed.as_ref().ok());
    let own = member.inherit(&container);
    let item = member.item();
    let expanded = match own {
        Own::None if parsed.is_ok() => expand_item(Ok(container), parsed, item),
        Own::If(predicates) if parsed.is_ok() => {
            let krate = krate::path(container.krate.as_ref());
            quote!(#[cfg_attr(not(any(#(#predicates),*)), #krate::profile(#container))] #item)
        }
        _ => item,
    };
    member.wrap(expanded)
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
            (quote!(name = "x"), ":: named (\"x\")"),
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
        let captures = "let _ = (& s , & _guard , & e , & c , & b , & a ,) ; } if false { # [allow (unreachable_code)] let _ = (& self ,) ; }";
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
    fn every_function_in_a_container_is_expanded_and_nothing_else_changes() {
        let before = quote! {
            #[allow(unused)]
            pub mod m {
                #![doc = "inner"]
                use a::{b, c};
                const fn k() {}
                #[naked] fn n() {}
                #[profile(skip)] fn s() {}
                fn f() {}
                impl S { fn g() {} const K: u8 = { 1 }; }
                trait T { fn required(); fn h() {} }
                mod n { fn i() {} }
                fn half() { x. }
                impl {}
            }
        };
        let text = expanded(quote!(), before);
        assert_eq!(text.matches("__private :: enter").count(), 5, "{text}");
        for kept in [
            "# [allow (unused)] pub mod m { # ! [doc = \"inner\"] use a :: { b , c } ;",
            "const fn k () { } # [naked] fn n () { } # [profile (skip)] fn s () { } fn f () { let",
            "const K : u8 = { 1 } ; } trait T { fn required () ; fn h () { let",
            "x . } impl { } }",
        ] {
            assert!(text.contains(kept), "no `{kept}` in {text}");
        }
        assert!(!text.contains("compile_error"), "{text}");
    }

    #[test]
    fn arguments_of_a_container_pass_down_and_own_ones_win() {
        let text = expanded(
            quote!(profiler = P, crate = a::b, prefix = "db"),
            quote! {
                mod m {
                    fn f() {}
                    #[profile(name = "own", profiler = Q)] fn g() {}
                    #[a::b::profile(prefix = "other")] impl T for S<u8> { fn i() {} }
                    impl T for S<u16> { fn j() {} }
                    #[cfg_attr(test, inline, profile(skip))] fn l() {}
                    #[cfg_attr(test, profile(skip))] const fn k() {}
                }
            },
        );
        for part in [
            "a :: b :: __private :: enter_on (& (P) ,",
            ":: named (\"db::f\"",
            "# [profile (name = \"own\" , prefix = \"db\" , profiler = Q , crate = a :: b ,)] fn g () { }",
            "# [a :: b :: profile (prefix = \"other\" , profiler = P , crate = a :: b ,)] impl T",
            ":: named (\"db::<S<u16> as T>::j\"",
            "# [cfg_attr (not (any (test)) , a :: b :: profile (prefix = \"db\" , profiler = P , \
             crate = a :: b ,))] # [cfg_attr (test , inline , profile (skip))] fn l () { }",
            "} # [cfg_attr (test , profile (skip))] const fn k () { }",
        ] {
            assert!(text.contains(part), "no `{part}` in {text}");
        }
        assert_eq!(text.matches("compile_error").count(), 0, "{text}");
    }

    #[test]
    fn a_skip_that_came_too_late_is_told() {
        let text = expanded(
            quote!(skip),
            expand(
                quote!(),
                quote!(
                    fn f() {}
                ),
            ),
        );
        assert!(text.contains("compile_error") && text.contains("has not recognised"), "{text}");
    }

    #[test]
    fn a_future_that_a_function_returns_is_wrapped() {
        for (item, part) in [
            (
                quote!(
                    fn f() -> Pin<Box<dyn Future<Output = u8>>> {
                        work();
                        Box::pin(async { 1 })
                    }
                ),
                "work () ; Box :: pin (:: perprovis :: __private :: profile_future (__perprovis_task , async { 1 })) }",
            ),
            (
                quote!(
                    fn f() -> BoxFuture<'_, u8> {
                        g()
                    }
                ),
                "return __perprovis_call . wrap_made (move || {",
            ),
            (
                quote!(
                    fn f() -> BoxFuture<'_, u8> {
                        work();
                        Box::pin(async { 1 })
                    }
                ),
                "let __perprovis_call = __perprovis_output . __perprovis_begin (__perprovis_task) ; work () ; \
                 return __perprovis_call . wrap (async { 1 }) ; }",
            ),
            (
                quote!(
                    fn f() -> impl Future<Output = u8> {
                        async move { 1 }
                    }
                ),
                "return :: perprovis :: __private :: profile_future (__perprovis_task , async move { \
                 if false { return :: perprovis :: __private :: never (:: perprovis :: __private \
                 :: output :: < u8 > ()) ; } 1 }) ;",
            ),
            (
                quote!(
                    fn f() -> impl Future<Output = u8> {
                        g()
                    }
                ),
                "__private :: call (move || {",
            ),
            (
                quote!(
                    #[track_caller]
                    fn f() -> BoxFuture<'_, u8> {
                        g()
                    }
                ),
                "let __perprovis_scope = :: perprovis :: __private :: enter (",
            ),
        ] {
            let text = expanded(quote!(), item);
            assert!(text.contains(part), "no `{part}` in {text}");
        }
    }

    #[test]
    fn what_is_skipped_comes_out_as_it_went_in() {
        for item in [
            quote!(fn f() { x. }),
            quote!(
                const fn f() {}
            ),
            quote!(
                struct S;
            ),
        ] {
            assert_eq!(expanded(quote!(skip), item.clone()), item.to_string());
        }
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
