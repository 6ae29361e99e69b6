//! The arguments of `#[profile(...)]`: parsed, or rejected with one message on the token at fault.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Expr, Ident, LitStr, Path, Result, Token, parenthesized, token};

use crate::item::Item;

/// Ends every message about an argument that does not exist.
const FORMS: &str = "expected `name = \"...\"`, `profiler = <expression>`, \
                     `metadata(key = <expression>, ...)`, `prefix = \"...\"`, `skip` or \
                     `crate = <path>`";

const METADATA_FORMS: &str = "expected `variable`, `?variable`, `%variable`, `key = <expression>`, \
                              `key = ?<expression>` or `key = %<expression>`";

/// What stands between the parentheses of `#[profile(...)]`.
#[derive(Default)]
pub(crate) struct Args {
    /// Replaces the function's path. Not empty.
    pub(crate) name: Option<LitStr>,
    /// Replaces what stands before the function's own name in its path. Not empty.
    pub(crate) prefix: Option<String>,
    /// Derefs to a `Profiler`; the global one if absent.
    pub(crate) profiler: Option<TokenStream>,
    /// In the order given; a key may stand more than once.
    pub(crate) metadata: Option<Vec<Entry>>,
    /// Where the perprovis crate is, if that is not to be found out.
    pub(crate) krate: Option<TokenStream>,
    /// Leaves the item as it is.
    pub(crate) skip: Option<Ident>,
}

/// One pair of `metadata(...)`.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) format: Format,
    pub(crate) value: Expr,
}

/// How an expression becomes a metadata value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Format {
    /// `key = x`: keeps its type.
    Typed,
    /// `key = ?x`: its `Debug` text.
    Debug,
    /// `key = %x`: its `Display` text.
    Display,
}

impl Args {
    /// Parses all of `tokens`. The error names the first mistake.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Args> {
        parse_args.parse2(tokens)
    }

    /// Refuses what is of no use on an `impl`, `trait` or `mod`.
    pub(crate) fn check_for_container(&self) -> Result<()> {
        if let Some(name) = &self.name {
            let message = "one name for all functions inside would make them one: use \
                           `prefix = \"...\"`";
            return Err(Error::new(name.span(), message));
        }
        match self.metadata.as_deref() {
            Some([first, ..]) => {
                let message = "`metadata` names variables of one function: put it on the `fn`, as \
                               in `#[profile(metadata(...))]`";
                Err(Error::new(first.key.span(), message))
            }
            _ => Ok(()),
        }
    }

    /// The arguments for `item` in a container with these.
    pub(crate) fn within(&self, item: Option<&Item>) -> Args {
        let prefix = match (&self.prefix, item) {
            (Some(prefix), Some(Item::Container(inner))) => {
                Some(format!("{prefix}::{}", inner.label))
            }
            (prefix, _) => prefix.clone(),
        };
        let (profiler, krate) = (self.profiler.clone(), self.krate.clone());
        Args { profiler, krate, prefix, ..Args::default() }
    }

    /// Takes over what is not given here.
    pub(crate) fn inherit(self, container: &Args) -> Args {
        Args {
            profiler: self.profiler.or_else(|| container.profiler.clone()),
            krate: self.krate.or_else(|| container.krate.clone()),
            prefix: self.prefix.or_else(|| container.prefix.clone()),
            ..self
        }
    }
}

/// As they are written in the attribute.
impl ToTokens for Args {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Args { name, prefix, profiler, metadata, krate, skip } = self;
        let (name, prefix, skip) = (name.iter(), prefix.iter(), skip.iter());
        let (profiler, krate) = (profiler.iter(), krate.iter());
        let metadata = metadata.iter().map(|entries| quote!((#(#entries),*)));
        tokens.extend(quote! {
            #(name = #name,)* #(prefix = #prefix,)* #(profiler = #profiler,)*
            #(metadata #metadata,)* #(crate = #krate,)* #(#skip)*
        });
    }
}

impl ToTokens for Entry {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Entry { key, format, value } = self;
        let sigil = match format {
            Format::Typed => quote!(),
            Format::Debug => quote!(?),
            Format::Display => quote!(%),
        };
        tokens.extend(quote!(#key = #sigil #value));
    }
}

fn parse_args(input: ParseStream<'_>) -> Result<Args> {
    let mut args = Args::default();
    let mut count = 0;
    while !input.is_empty() {
        parse_arg(&mut args, input)?;
        if !input.is_empty() {
            expect_comma(input, "an argument")?;
        }
        count += 1;
    }
    match &args.skip {
        Some(skip) if count > 1 => {
            Err(Error::new(skip.span(), "`skip` stands alone: what is skipped has no arguments"))
        }
        _ => Ok(args),
    }
}

fn parse_arg(args: &mut Args, input: ParseStream<'_>) -> Result<()> {
    if let Ok(name) = input.fork().parse::<LitStr>() {
        let message = format!("to name the function write `name = {:?}`", name.value());
        return Err(Error::new(name.span(), message));
    }
    let Ok(keyword) = Ident::parse_any(input) else {
        return Err(input.error(FORMS));
    };
    match keyword.to_string().as_str() {
        "name" => set(&mut args.name, &keyword, parse_name(&keyword, input)?),
        "profiler" => set(&mut args.profiler, &keyword, parse_profiler(&keyword, input)?),
        "metadata" => set(&mut args.metadata, &keyword, parse_metadata(&keyword, input)?),
        "crate" => set(&mut args.krate, &keyword, parse_crate(&keyword, input)?),
        "prefix" => set(&mut args.prefix, &keyword, parse_name(&keyword, input)?.value()),
        "skip" if input.is_empty() || input.peek(Token![,]) => {
            set(&mut args.skip, &keyword, keyword.clone())
        }
        "skip" => Err(input.error("`skip` takes no value")),
        _ => Err(Error::new(keyword.span(), format!("unknown argument `{keyword}`, {FORMS}"))),
    }
}

pub(crate) fn set<T>(slot: &mut Option<T>, keyword: &Ident, value: T) -> Result<()> {
    if slot.replace(value).is_some() {
        return Err(Error::new(keyword.span(), format!("`{keyword}` is given more than once")));
    }
    Ok(())
}

fn parse_name(keyword: &Ident, input: ParseStream<'_>) -> Result<LitStr> {
    let expected = format!("expected a string literal, as in `{keyword} = \"checkout\"`");
    expect_equals(keyword, input, &expected)?;
    let place = place(keyword, input);
    let name: LitStr = input.parse().map_err(|_| Error::new(place, expected))?;
    if name.value().trim().is_empty() {
        let message = format!("the {keyword} is empty, leave it out for the default one");
        return Err(Error::new(name.span(), message));
    }
    Ok(name)
}

fn parse_profiler(keyword: &Ident, input: ParseStream<'_>) -> Result<TokenStream> {
    let expected = "expected an expression for the profiler, as in `profiler = MY_PROFILER`";
    expect_equals(keyword, input, expected)?;
    Ok(parse_expression(keyword, input, expected)?.into_token_stream())
}

pub(crate) fn parse_crate(keyword: &Ident, input: ParseStream<'_>) -> Result<TokenStream> {
    let expected = "expected the path of the perprovis crate, as in `crate = ::my_perprovis`";
    expect_equals(keyword, input, expected)?;
    let place = place(keyword, input);
    let path = input.call(Path::parse_mod_style).map_err(|_| Error::new(place, expected))?;
    Ok(path.into_token_stream())
}

fn parse_metadata(keyword: &Ident, input: ParseStream<'_>) -> Result<Vec<Entry>> {
    if !input.peek(token::Paren) {
        let expected = "expected a list, as in `metadata(user_id = id, ?request)`";
        return Err(Error::new(place(keyword, input), expected));
    }
    let entries;
    parenthesized!(entries in input);
    let mut metadata = Vec::new();
    while !entries.is_empty() {
        metadata.push(parse_entry(&entries)?);
        if !entries.is_empty() {
            expect_comma(&entries, "a metadata entry")?;
        }
    }
    Ok(metadata)
}

fn parse_entry(input: ParseStream<'_>) -> Result<Entry> {
    let sigil = parse_format(input)?;
    let Ok(key) = Ident::parse_any(input) else {
        return Err(input.error(METADATA_FORMS));
    };
    if input.peek(Token![.]) || input.peek(Token![:]) || input.peek(token::Paren) {
        let message = "an expression needs a key, as in `key = <expression>`";
        return Err(Error::new(key.span(), message));
    }
    if !input.peek(Token![=]) {
        let value = Expr::Path(syn::ExprPath {
            attrs: Vec::new(),
            qself: None,
            path: Path::from(key.clone()),
        });
        return Ok(Entry { key, format: sigil, value });
    }
    if sigil != Format::Typed {
        return Err(input.error("the `?` or `%` goes after the `=`, as in `key = ?<expression>`"));
    }
    input.parse::<Token![=]>()?;
    let format = parse_format(input)?;
    let value = parse_expression(&key, input, "expected an expression for the value")?;
    Ok(Entry { key, format, value })
}

fn parse_format(input: ParseStream<'_>) -> Result<Format> {
    if input.parse::<Option<Token![?]>>()?.is_some() {
        Ok(Format::Debug)
    } else if input.parse::<Option<Token![%]>>()?.is_some() {
        Ok(Format::Display)
    } else {
        Ok(Format::Typed)
    }
}

fn parse_expression(keyword: &Ident, input: ParseStream<'_>, expected: &str) -> Result<Expr> {
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new(place(keyword, input), expected));
    }
    input.parse()
}

pub(crate) fn expect_equals(keyword: &Ident, input: ParseStream<'_>, expected: &str) -> Result<()> {
    match input.parse::<Token![=]>() {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::new(place(keyword, input), expected)),
    }
}

pub(crate) fn expect_comma(input: ParseStream<'_>, after: &str) -> Result<()> {
    match input.parse::<Token![,]>() {
        Ok(_) => Ok(()),
        Err(_) => Err(input.error(format!("expected a comma after {after}"))),
    }
}

/// The next token, or the keyword where the input ends: the end's own span is the whole attribute.
pub(crate) fn place(keyword: &Ident, input: ParseStream<'_>) -> Span {
    if input.is_empty() { keyword.span() } else { input.span() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(tokens: TokenStream) -> String {
        match Args::parse(tokens.clone()) {
            Ok(_) => panic!("accepted: {tokens}"),
            Err(error) => error.to_string(),
        }
    }

    fn args(tokens: TokenStream) -> Args {
        Args::parse(tokens).unwrap()
    }

    #[test]
    fn nothing_is_all_defaults() {
        let args = args(quote!());
        assert!(args.name.is_none() && args.profiler.is_none());
        assert!(args.metadata.is_none() && args.krate.is_none());
    }

    #[test]
    fn all_arguments_in_any_order_with_a_trailing_comma() {
        let args = args(quote! {
            crate = crate::vendor::prof, metadata(id), profiler = self.pool::<A, B>().of(a, b),
            name = "x",
        });
        assert_eq!(args.name.unwrap().value(), "x");
        let profiler = args.profiler.unwrap().to_string();
        assert_eq!(profiler, quote!(self.pool::<A, B>().of(a, b)).to_string());
        assert_eq!(args.metadata.unwrap().len(), 1);
        let krate = args.krate.unwrap().to_string();
        assert_eq!(krate, quote!(crate::vendor::prof).to_string());
    }

    #[test]
    fn metadata_keeps_order_keys_sigils_and_expressions() {
        let args = args(quote! {
            metadata(plain, ?debug, %shown, id = user.id, a = ?list[0], b = %x + y, r#type = 1, id = 2)
        });
        let entries: Vec<_> = args
            .metadata
            .unwrap()
            .iter()
            .map(|e| (e.key.unraw().to_string(), e.format, e.value.to_token_stream().to_string()))
            .collect();
        let expected = [
            ("plain", Format::Typed, "plain"),
            ("debug", Format::Debug, "debug"),
            ("shown", Format::Display, "shown"),
            ("id", Format::Typed, "user . id"),
            ("a", Format::Debug, "list [0]"),
            ("b", Format::Display, "x + y"),
            ("type", Format::Typed, "1"),
            ("id", Format::Typed, "2"),
        ];
        let expected = expected.map(|(key, format, value)| (key.into(), format, value.into()));
        assert_eq!(entries, expected);
    }

    #[test]
    fn an_unknown_argument_lists_what_exists() {
        let error = error(quote!(label = "x"));
        assert!(error.starts_with("unknown argument `label`, expected `name"), "{error}");
        for form in ["profiler", "metadata", "crate"] {
            assert!(error.contains(form), "{error}");
        }
    }

    #[test]
    fn each_mistake_has_its_own_message() {
        for (tokens, message) in [
            (quote!("x"), r#"to name the function write `name = "x"`"#),
            (quote!(7), FORMS),
            (quote!(name = "a", name = "b"), "`name` is given more than once"),
            (quote!(metadata(a), metadata(b)), "`metadata` is given more than once"),
            (quote!(name = ""), "the name is empty, leave it out for the default one"),
            (quote!(name = " "), "the name is empty, leave it out for the default one"),
            (quote!(name = x), r#"expected a string literal, as in `name = "checkout"`"#),
            (quote!(name), r#"expected a string literal, as in `name = "checkout"`"#),
            (quote!(name("x")), r#"expected a string literal, as in `name = "checkout"`"#),
            (
                quote!(profiler =),
                "expected an expression for the profiler, as in `profiler = MY_PROFILER`",
            ),
            (
                quote!(crate = "x"),
                "expected the path of the perprovis crate, as in `crate = ::my_perprovis`",
            ),
            (quote!(metadata = 1), "expected a list, as in `metadata(user_id = id, ?request)`"),
            (quote!(metadata(1 + 1)), METADATA_FORMS),
            (quote!(metadata(a = )), "expected an expression for the value"),
            (
                quote!(metadata(?a = 1)),
                "the `?` or `%` goes after the `=`, as in `key = ?<expression>`",
            ),
            (quote!(metadata(a b)), "expected a comma after a metadata entry"),
            (quote!(metadata(a.b)), "an expression needs a key, as in `key = <expression>`"),
            (quote!(metadata(?a.b())), "an expression needs a key, as in `key = <expression>`"),
            (quote!(metadata(a())), "an expression needs a key, as in `key = <expression>`"),
            (quote!(name = "a" profiler = P), "expected a comma after an argument"),
        ] {
            assert_eq!(error(tokens.clone()), message, "{tokens}");
        }
    }

    #[test]
    fn a_prefix_is_a_text_and_skip_stands_alone() {
        assert_eq!(args(quote!(prefix = "db")).prefix.unwrap(), "db");
        assert!(args(quote!(skip)).skip.is_some());
        for (tokens, message) in [
            (quote!(prefix = db), "expected a string literal, as in `prefix = \"checkout\"`"),
            (quote!(prefix = ""), "the prefix is empty, leave it out for the default one"),
            (quote!(skip, name = "x"), "`skip` stands alone: what is skipped has no arguments"),
            (quote!(skip = true), "`skip` takes no value"),
        ] {
            assert_eq!(error(tokens.clone()), message, "{tokens}");
        }
    }

    #[test]
    fn a_function_inherits_what_it_does_not_say_itself() {
        let container = args(quote!(profiler = P, crate = a::b, prefix = "x"));
        let own = args(quote!(profiler = Q, name = "f", metadata(?id, n = %x.y)));
        let own = own.inherit(&container.within(None));
        let expected = quote! {
            name = "f", prefix = "x", profiler = Q, metadata (id = ?id, n = %x.y), crate = a::b,
        };
        assert_eq!(own.to_token_stream().to_string(), expected.to_string());
        assert_eq!(args(expected).to_token_stream().to_string(), own.to_token_stream().to_string());
    }

    #[test]
    fn a_container_takes_no_arguments_of_one_function() {
        for (tokens, part) in [
            (quote!(name = "x"), "use `prefix = \"...\"`"),
            (quote!(metadata(id)), "put it on the `fn`"),
        ] {
            let error = args(tokens.clone()).check_for_container().unwrap_err().to_string();
            assert!(error.contains(part), "{tokens}: {error}");
        }
        assert!(args(quote!(profiler = P, prefix = "x")).check_for_container().is_ok());
    }
}
