//! What the functions of a container are called after, read from the tokens of its head.

use proc_macro2::{Delimiter, TokenTree};

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
pub(crate) fn label(tokens: &[TokenTree]) -> String {
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

#[cfg(test)]
mod tests {
    use crate::item::Item;
    use quote::quote;

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
}
