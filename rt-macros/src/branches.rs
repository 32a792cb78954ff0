//! What the expansions of `select!` and `join!` share: futures kept on the stack, and the order of polls.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::parse::ParseStream;
use syn::{Expr, Index};

use crate::krate::local;

/// In which order branches are polled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// From top to bottom.
    Biased,
    /// From a first one that differs from poll to poll.
    Fair,
}

impl Order {
    /// Parses an optional `biased;`.
    pub(crate) fn parse_prefix(input: ParseStream<'_>) -> syn::Result<Self> {
        let fork = input.fork();
        let is_biased = fork.parse::<syn::Ident>().is_ok_and(|word| word == "biased");
        if !is_biased {
            return Ok(Self::Fair);
        }
        if fork.peek(syn::Token![,]) {
            return Err(fork.error("`biased` is followed by `;`"));
        }
        if !fork.peek(syn::Token![;]) {
            // A pattern or a future of that name.
            return Ok(Self::Fair);
        }
        input.parse::<syn::Ident>()?;
        input.parse::<syn::Token![;]>()?;
        Ok(Self::Biased)
    }
}

/// Statements that make a future of each expression by `wrap`, and borrow all of them as `futures`.
///
/// They are evaluated in the order written, each in a statement of its own, so that what one needs only for a moment
/// is gone before the next. As parts of a tuple, they are dropped in the order written too, and the closure that polls
/// them captures one reference, however many they are.
pub(crate) fn declare_futures(exprs: &[&Expr], wrap: impl Fn(&dyn ToTokens) -> TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let futures: Vec<_> = (0..exprs.len()).map(|index| local("future", index)).collect();
    let assignments = exprs.iter().zip(&futures).enumerate().map(|(index, (expr, future))| {
        if let Expr::Reference(_) = expr {
            // What is borrowed may be a temporary, which lives on only if it's borrowed by a `let`.
            let borrowed = local("borrowed", index);
            let wrapped = wrap(&borrowed);
            quote_spanned!(span=> let #borrowed = #expr; let #future = #wrapped;)
        } else {
            let wrapped = wrap(expr);
            quote_spanned!(span=> let #future = #wrapped;)
        }
    });
    quote_spanned! {span=>
        #(#assignments)*
        let mut futures = (#(#futures,)*);
        let futures = &mut futures;
    }
}

/// A pinned reference to the future of a branch.
pub(crate) fn pinned(index: usize) -> TokenStream {
    let span = Span::mixed_site();
    let index = Index { index: index as u32, span };
    quote_spanned! {span=>
        // SAFETY: the tuple is a variable that is never moved from: only the reference to it has a name, and its parts
        // are dropped in place.
        unsafe { ::core::pin::Pin::new_unchecked(&mut futures.#index) }
    }
}
