//! The words of a body, which stays tokens.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;

/// All that the body could mean by a name: its identifiers and what its literals, which may be format
/// strings, name in braces.
#[derive(Default)]
pub(crate) struct Words {
    idents: HashSet<String>,
    literals: String,
}

impl Words {
    pub(crate) fn of(tokens: TokenStream) -> Words {
        let mut words = Words::default();
        words.collect(tokens);
        words
    }

    /// Whether the body may use `variable`: also true if only something else has its name.
    pub(crate) fn contain(&self, variable: &Ident) -> bool {
        let name = variable.unraw().to_string();
        self.idents.contains(&variable.to_string())
            || self.literals.match_indices(&name).any(|(at, _)| {
                let (before, after) = (&self.literals[..at], &self.literals[at + name.len()..]);
                // `{name}`, `{name:?}`, and the width in `{x:name$}`.
                before.ends_with('{') && after.starts_with(['}', ':', ' '])
                    || after.starts_with('$')
            })
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
