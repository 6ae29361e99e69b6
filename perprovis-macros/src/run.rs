//! `#[perprovis::main]`: a guard at the head of `main` that reports when the program ends.
//!
//! It has to be the first thing that `main` does, before a `#[profile]` opens its call, and the last
//! that goes, behind an async runtime. So it lets all attributes that change the function go first, by
//! moving behind them, and finds what they made.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, LitInt, LitStr, Result, Token};

use crate::args::{expect_comma, expect_equals, parse_crate, place, set};
use crate::body::{REPORT, begins_with_report, braces, split_inner_attributes, with_content};
use crate::item::{attributes_end, is_item, keyword};
use crate::krate;

const FORMS: &str = "expected `report`, `top = 20`, `export = \"profile.html\"`, \
                     `every = \"10s\"`, `filter = \"my_app::db,-my_app::db::ping\"`, \
                     `calls = 1000000`, `signals` or `crate = <path>`";

/// Says that the attribute has moved behind the others.
const MOVED: &str = "__perprovis_moved";

/// What stands between the parentheses of `#[perprovis::main(...)]`.
#[derive(Default)]
struct Args {
    report: Option<()>,
    top: Option<usize>,
    exports: Vec<LitStr>,
    every: Option<u64>, // milliseconds
    filter: Option<LitStr>,
    calls: Option<usize>,
    signals: Option<()>,
    krate: Option<TokenStream>,
    moved: Option<()>,
}

/// Expands the attribute. After a mistake the item is still there, so that the error is the only one.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    expand_main(args, item.clone()).unwrap_or_else(|error| {
        let mut tokens = if is_item(item.clone()) { item } else { TokenStream::new() };
        tokens.extend(error.into_compile_error());
        tokens
    })
}

fn expand_main(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    check(&tokens)?;
    let args = parse_args.parse2(arguments.clone())?;
    let krate = krate::path(args.krate.as_ref());
    let attributes = attributes_end(&tokens);
    if args.moved.is_none() && changes_the_function(&tokens[..attributes]) {
        let head = &tokens[..attributes];
        let rest = &tokens[attributes..];
        let moved = Ident::new(MOVED, Span::call_site());
        let comma = (!arguments.is_empty() && !ends_in_comma(&arguments)).then(|| quote!(,));
        return Ok(quote!(#(#head)* #[#krate::main(#arguments #comma #moved)] #(#rest)*));
    }
    let Some(body) = tokens.pop().and_then(braces) else {
        return Err(Error::new(Span::call_site(), "expected `fn main` with a body"));
    };
    let (inner_attributes, statements) = split_inner_attributes(body.stream());
    if begins_with_report(&statements) {
        let message = "`#[perprovis::main]` stands here twice: keep one";
        return Err(Error::new(Span::call_site(), message));
    }
    let guard = guard(&args, &krate);
    let content = quote!(#inner_attributes #guard #statements);
    let mut expanded: TokenStream = tokens.into_iter().collect();
    expanded.extend(with_content(&body, content).into_token_stream());
    Ok(expanded)
}

fn ends_in_comma(arguments: &TokenStream) -> bool {
    let last = arguments.clone().into_iter().last();
    matches!(last, Some(TokenTree::Punct(punct)) if punct.as_char() == ',')
}

/// Refuses everything but a `fn main`.
fn check(tokens: &[TokenTree]) -> Result<()> {
    let advice = "`#[perprovis::main]` goes on `fn main`; to measure a function put \
                  `#[perprovis::profile]` on it";
    let first = tokens.get(attributes_end(tokens)).map_or_else(Span::call_site, TokenTree::span);
    match keyword(tokens) {
        Some((at, keyword)) if keyword == "fn" => match tokens.get(at + 1) {
            Some(TokenTree::Ident(name)) if name.unraw() == "main" => Ok(()),
            name => Err(Error::new(name.map_or(first, TokenTree::span), advice)),
        },
        Some((_, keyword)) => Err(Error::new(keyword.span(), advice)),
        None => Err(Error::new(first, advice)),
    }
}

/// Whether one of these attributes makes another function of it: `#[profile]`, `#[tokio::main]` and
/// the like, and what `cfg_attr` may hold.
fn changes_the_function(attributes: &[TokenTree]) -> bool {
    attributes.iter().any(|token| {
        let TokenTree::Group(group) = token else { return false };
        let path = group.stream().into_iter().take_while(|token| match token {
            TokenTree::Ident(_) => true,
            TokenTree::Punct(punct) => punct.as_char() == ':',
            _ => false,
        });
        let last = path.filter(|token| matches!(token, TokenTree::Ident(_))).last();
        last.is_some_and(|last| ["profile", "main", "cfg_attr"].contains(&&*last.to_string()))
    })
}

/// The statement that makes the guard.
fn guard(args: &Args, krate: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let Args { report, top, exports, every, filter, calls, signals, .. } = args;
    let top = match (top, report) {
        (Some(top), _) => Some(quote_spanned!(span=> #top)),
        (None, Some(())) => Some(quote_spanned!(span=> #krate::ReportOnExit::DEFAULT_TOP)),
        (None, None) => None,
    };
    // What forgets the calls made before comes first, though there are none.
    let filter = filter.iter().map(|rules| quote_spanned!(span=> .filter(#rules)));
    let calls = calls.iter().map(|calls| quote_spanned!(span=> .calls(#calls)));
    let report = top.iter().map(|top| quote_spanned!(span=> .report(#top)));
    let export = exports.iter().map(|path| quote_spanned!(span=> .export(#path)));
    let every = every.iter().map(
        |millis| quote_spanned!(span=> .every(#krate::__private::Duration::from_millis(#millis))),
    );
    let signals = signals.iter().map(|()| quote_spanned!(span=> .signals()));
    let guard = Ident::new(REPORT, span);
    quote_spanned! {span=>
        let #guard = #krate::report_on_exit()
            #(#filter)* #(#calls)* #(#report)* #(#export)* #(#every)* #(#signals)*;
    }
}

fn parse_args(input: ParseStream<'_>) -> Result<Args> {
    let mut args = Args::default();
    while !input.is_empty() {
        parse_arg(&mut args, input)?;
        if !input.is_empty() {
            expect_comma(input, "an argument")?;
        }
    }
    Ok(args)
}

fn parse_arg(args: &mut Args, input: ParseStream<'_>) -> Result<()> {
    if let Ok(file) = input.fork().parse::<LitStr>() {
        let message = format!("to write a file say `export = {:?}`", file.value());
        return Err(Error::new(file.span(), message));
    }
    let Ok(keyword) = Ident::parse_any(input) else {
        return Err(input.error(FORMS));
    };
    match keyword.to_string().as_str() {
        "report" => set(&mut args.report, &keyword, no_value("report", input)?),
        "top" => set(&mut args.top, &keyword, parse_number(&keyword, input, "functions", 20)?),
        "export" => {
            args.exports.push(parse_text(&keyword, input, "profile.html")?);
            Ok(())
        }
        "every" => set(&mut args.every, &keyword, parse_interval(&keyword, input)?),
        "filter" => {
            let example = "my_app::db,-my_app::db::ping";
            set(&mut args.filter, &keyword, parse_text(&keyword, input, example)?)
        }
        "calls" => {
            set(&mut args.calls, &keyword, parse_number(&keyword, input, "calls", 1_000_000)?)
        }
        "signals" if cfg!(feature = "signals") => {
            set(&mut args.signals, &keyword, no_value("signals", input)?)
        }
        "signals" => {
            let message = "`signals` needs the feature `signals` of perprovis";
            Err(Error::new(keyword.span(), message))
        }
        "crate" => set(&mut args.krate, &keyword, parse_crate(&keyword, input)?),
        MOVED => set(&mut args.moved, &keyword, ()),
        _ => Err(Error::new(keyword.span(), format!("unknown argument `{keyword}`, {FORMS}"))),
    }
}

fn no_value(keyword: &str, input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    let message = match keyword {
        "report" => "`report` takes no value; the number of functions is `top = 20`".to_owned(),
        _ => format!("`{keyword}` takes no value"),
    };
    Err(input.error(message))
}

fn parse_number(
    keyword: &Ident,
    input: ParseStream<'_>,
    of: &str,
    example: usize,
) -> Result<usize> {
    let expected = format!("expected a number of {of}, as in `{keyword} = {example}`");
    expect_equals(keyword, input, &expected)?;
    let place = place(keyword, input);
    let number: LitInt = input.parse().map_err(|_| Error::new(place, &expected))?;
    number.base10_parse().map_err(|_| Error::new(number.span(), expected))
}

fn parse_text(keyword: &Ident, input: ParseStream<'_>, example: &str) -> Result<LitStr> {
    let expected = format!("expected a string literal, as in `{keyword} = {example:?}`");
    expect_equals(keyword, input, &expected)?;
    let place = place(keyword, input);
    let text: LitStr = input.parse().map_err(|_| Error::new(place, &expected))?;
    if text.value().trim().is_empty() { Err(Error::new(text.span(), expected)) } else { Ok(text) }
}

/// Milliseconds. The forms are those of the variable `PERPROVIS_EVERY`.
fn parse_interval(keyword: &Ident, input: ParseStream<'_>) -> Result<u64> {
    let text = parse_text(keyword, input, "10s")?;
    millis(&text.value()).ok_or_else(|| {
        let message = "expected a time above zero, such as \"500ms\", \"10s\", \"2m\" or \"1h\"";
        Error::new(text.span(), message)
    })
}

fn millis(text: &str) -> Option<u64> {
    // One that ends another comes behind it.
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
    let unit = units.iter().find_map(|(unit, millis)| Some((text.strip_suffix(unit)?, millis)));
    let (number, &millis) = unit?;
    let number = number.trim_end();
    let digits = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    let number: u64 = digits.then(|| number.parse().ok())??;
    number.checked_mul(millis).filter(|&millis| millis > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(args: TokenStream, item: TokenStream) -> String {
        expand(args, item).to_string()
    }

    fn main_function() -> TokenStream {
        quote!(
            #[allow(unused)]
            fn main() -> Result<(), E> {
                #![allow(clippy::all)]
                run()?;
                Ok(())
            }
        )
    }

    #[test]
    fn a_guard_comes_first_and_the_rest_as_it_was() {
        for (args, methods) in [
            (quote!(), ""),
            (quote!(report), ". report (:: perprovis :: ReportOnExit :: DEFAULT_TOP)"),
            (quote!(top = 5), ". report (5usize)"),
            (
                quote!(every = "2m", export = "a.html", report, export = "b-%p.csv", top = 7),
                ". report (7usize) . export (\"a.html\") . export (\"b-%p.csv\") \
                 . every (:: perprovis :: __private :: Duration :: from_millis (120000u64))",
            ),
            (quote!(calls = 9, filter = "-a",), ". filter (\"-a\") . calls (9usize)"),
        ] {
            let gap = if methods.is_empty() { "" } else { " " };
            let text = expanded(args, main_function());
            assert_eq!(
                text,
                format!(
                    "# [allow (unused)] fn main () -> Result < () , E > {{ # ! [allow (clippy :: \
                     all)] let __perprovis_report = :: perprovis :: report_on_exit (){gap}{methods} \
                     ; run () ? ; Ok (()) }}"
                )
            );
        }
        let text = expanded(quote!(crate = a::b), main_function());
        assert!(text.contains("= a :: b :: report_on_exit () ;"), "{text}");
    }

    #[test]
    fn attributes_that_change_the_function_go_first() {
        for attribute in [
            quote!(profile),
            quote!(tokio::main(flavor = "current_thread")),
            quote!(perprovis::profile(name = "x")),
            quote!(cfg_attr(test, profile)),
        ] {
            let item = quote!(#[doc = "x"] #[#attribute] async fn main() {});
            for (args, moved) in [
                (quote!(), quote!(__perprovis_moved)),
                (quote!(top = 5,), quote!(top = 5, __perprovis_moved)),
                (quote!(top = 5), quote!(top = 5, __perprovis_moved)),
            ] {
                let expected = quote! {
                    #[doc = "x"] #[#attribute] #[::perprovis::main(#moved)] async fn main() {}
                };
                assert_eq!(expanded(args, item.clone()), expected.to_string());
                let text = expanded(moved, item.clone());
                assert!(text.contains("let __perprovis_report"), "{text}");
            }
        }
    }

    #[test]
    fn each_mistake_has_its_own_message_and_leaves_the_function() {
        for (args, message) in [
            (quote!(label = 1), "unknown argument `label`, expected `report`, `top = 20`"),
            (quote!(7), FORMS),
            (quote!("out.html"), "to write a file say `export = \"out.html\"`"),
            (quote!(report = 20), "`report` takes no value; the number of functions is `top = 20`"),
            (quote!(top), "expected a number of functions, as in `top = 20`"),
            (quote!(top = "20"), "expected a number of functions, as in `top = 20`"),
            (quote!(top = -1), "expected a number of functions, as in `top = 20`"),
            (quote!(calls = 1.5), "expected a number of calls, as in `calls = 1000000`"),
            (quote!(export), "expected a string literal, as in `export = \"profile.html\"`"),
            (quote!(export = ""), "expected a string literal, as in `export = \"profile.html\"`"),
            (quote!(every = 10), "expected a string literal, as in `every = \"10s\"`"),
            (quote!(every = "10"), "expected a time above zero, such as \"500ms\""),
            (quote!(every = "0s"), "expected a time above zero, such as \"500ms\""),
            (quote!(filter = db), "expected a string literal, as in `filter = \"my_app::db"),
            (quote!(report, report), "`report` is given more than once"),
            (quote!(report top = 5), "`report` takes no value"),
            (quote!(top = 5 report), "expected a comma after an argument"),
        ] {
            let error = expand_main(args.clone(), main_function()).unwrap_err().to_string();
            assert!(error.starts_with(message), "{args}: {error}");
            let text = expanded(args, main_function());
            assert!(text.starts_with(&main_function().to_string()), "{text}");
            assert_eq!(text.matches("compile_error").count(), 1, "{text}");
        }
    }

    #[test]
    fn it_goes_on_main_alone_and_once() {
        for (item, message) in [
            (
                quote!(
                    fn work() {}
                ),
                "goes on `fn main`; to measure a function",
            ),
            (
                quote!(
                    struct S;
                ),
                "goes on `fn main`",
            ),
            (
                quote!(
                    mod main {}
                ),
                "goes on `fn main`",
            ),
            (quote!(), "goes on `fn main`"),
            (
                quote!(
                    fn main();
                ),
                "expected `fn main` with a body",
            ),
            (
                expand(
                    quote!(),
                    quote!(
                        fn main() {}
                    ),
                ),
                "stands here twice",
            ),
        ] {
            let error = expand_main(quote!(), item.clone()).unwrap_err().to_string();
            assert!(error.contains(message), "{item}: {error}");
        }
    }

    #[test]
    fn signals_need_their_feature() {
        let text = expanded(quote!(signals), main_function());
        let expected = if cfg!(feature = "signals") {
            ". signals () ;"
        } else {
            "needs the feature `signals`"
        };
        assert!(text.contains(expected), "{text}");
    }
}
