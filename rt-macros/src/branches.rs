//! What the expansions of `select!` and `join!` share: futures kept on the stack, and whose turn it is.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Expr;
use syn::parse::ParseStream;

use crate::krate::{Krate, local};

/// Bits in one word of the set of branches.
const WORD: usize = u64::BITS as usize;

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

/// The set of all of `count` branches.
pub(crate) fn all(krate: &Krate, count: usize) -> TokenStream {
    if count <= WORD {
        quote_spanned!(Span::mixed_site()=> #krate::macros::support::Branches::all(#count))
    } else {
        let words = count.div_ceil(WORD);
        quote_spanned!(Span::mixed_site()=> #krate::macros::support::ManyBranches::<#words>::all(#count))
    }
}

/// Statements that declare `futureN` for each expression and make a future of it by `wrap`.
///
/// The futures are evaluated in the order written. They are declared the other way round, as the variables of
/// a block are dropped last to first: so they are dropped in the order written too.
pub(crate) fn declare_futures(exprs: &[&Expr], wrap: impl Fn(&dyn ToTokens) -> TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let declarations = (0..exprs.len()).rev().map(|index| {
        let future = local("future", index);
        quote_spanned!(span=> let mut #future;)
    });
    let assignments = exprs.iter().enumerate().map(|(index, expr)| {
        let future = local("future", index);
        if let Expr::Reference(_) = expr {
            // What is borrowed may be a temporary, which lives on only if it's borrowed by a `let`.
            let borrowed = local("borrowed", index);
            let wrapped = wrap(&borrowed);
            quote_spanned!(span=> let #borrowed = #expr; #future = #wrapped;)
        } else {
            let wrapped = wrap(expr);
            quote_spanned!(span=> #future = #wrapped;)
        }
    });
    quote_spanned!(span=> #(#declarations)* #(#assignments)*)
}

/// A pinned reference to the future of a branch.
pub(crate) fn pinned(index: usize) -> TokenStream {
    let future = local("future", index);
    quote_spanned! {Span::mixed_site()=>
        // SAFETY: the future is a variable that is never moved from: only this expression names it, and it is
        // dropped in place.
        unsafe { ::core::pin::Pin::new_unchecked(&mut #future) }
    }
}

/// Statements that give each branch in the set `left` its turn: the body that belongs to it, which may take it out.
///
/// For a fair order the first one is the branch numbered `start`.
pub(crate) fn take_turns(order: Order, start: &TokenStream, bodies: &[TokenStream]) -> TokenStream {
    let span = Span::mixed_site();
    let indexes = 0..bodies.len();
    match order {
        Order::Fair if bodies.len() > 1 => quote_spanned! {span=>
            // Each body is there once, and what is polled next is decided by conditional jumps, which are predicted
            // better than one jump by number.
            let mut turns = left.starting_at(#start);
            loop {
                #(if turns.contains(#indexes) { #bodies })*
                if !turns.go_on() {
                    break;
                }
            }
        },
        Order::Biased | Order::Fair => quote_spanned! {span=>
            #(if left.contains(#indexes) { #bodies })*
        },
    }
}
