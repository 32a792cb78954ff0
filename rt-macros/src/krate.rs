//! The path by which an expansion names the runtime crate.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};
use syn::parse::{Parse, ParseStream};
use syn::{Token, ext::IdentExt};

/// The first thing in the input of a function-like macro: a path and `;`.
///
/// Kept as raw tokens, since `$crate` is a path of one odd identifier.
pub(crate) struct Krate(TokenStream);

impl Parse for Krate {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut path = TokenStream::new();
        loop {
            if let Some(colons) = input.parse::<Option<Token![::]>>()? {
                colons.to_tokens(&mut path);
            }
            input.call(Ident::parse_any)?.to_tokens(&mut path);
            if input.parse::<Option<Token![;]>>()?.is_some() {
                return Ok(Self(path));
            }
        }
    }
}

impl ToTokens for Krate {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// A local variable of an expansion, which no code of the user can name or shadow.
pub(crate) fn local(noun: &str, index: usize) -> Ident {
    format_ident!("{noun}{index}", span = Span::mixed_site())
}
