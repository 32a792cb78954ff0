//! `join!` and `try_join!`: wait for several futures at once.
//!
//! ```text
//! {
//!     let futures = &mut (joined({future}), joined({future}));  // see `declare_futures`
//!     let mut branches = {the set of both};          // with `biased`, neither this
//!     let mut start = {0};                           // nor that: the first to be polled, another one each time
//!     poll_fn({poll the branches in the set; one that is done leaves it; with none left, take the outputs}).await
//! }
//! ```

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

use crate::branches::{Order, all, declare_futures, pinned, take_turns};
use crate::krate::Krate;

/// What ends the wait.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// `join!`
    AllDone,
    /// `try_join!`
    FirstError,
}

/// What is written in a `join!`.
struct Join {
    krate: Krate,
    order: Order,
    futures: Punctuated<Expr, Token![,]>,
}

impl Parse for Join {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let krate = input.parse()?;
        let order = Order::parse_prefix(input)?;
        let mut futures = Punctuated::new();
        while !input.is_empty() {
            futures.push_value(input.parse()?);
            if input.is_empty() {
                break;
            }
            if input.peek(Token![=>]) || input.peek(Token![=]) {
                return Err(
                    input.error("futures are joined without patterns and handlers; that is `select!`")
                );
            }
            if !input.peek(Token![,]) {
                return Err(input.error("expected `,` between futures"));
            }
            futures.push_punct(input.parse()?);
        }
        Ok(Self { krate, order, futures })
    }
}

/// Expands the input of `join!` or `try_join!`; what is wrong with it becomes a `compile_error!`.
pub(crate) fn expand(input: TokenStream, until: Until) -> TokenStream {
    match syn::parse2::<Join>(input) {
        Ok(join) => join.expand(until),
        Err(error) => {
            let error = error.into_compile_error();
            quote_spanned!(Span::mixed_site()=> { #error })
        }
    }
}

impl Join {
    fn expand(&self, until: Until) -> TokenStream {
        let span = Span::mixed_site();
        let krate = &self.krate;
        let count = self.futures.len();
        if count == 0 {
            return match until {
                Until::AllDone => quote_spanned!(span=> ()),
                Until::FirstError => quote_spanned!(span=> ::core::result::Result::Ok(())),
            };
        }
        let futures: Vec<_> = self.futures.iter().collect();
        let futures = declare_futures(&futures, |future| match until {
            Until::AllDone => quote_spanned!(span=> #krate::macros::support::joined(#future)),
            Until::FirstError => quote_spanned!(span=> shared_error.joined(#future)),
        });
        let outputs: Vec<_> = (0..count).map(take).collect();
        let outputs = match until {
            Until::AllDone => quote_spanned!(span=> (#(#outputs,)*)),
            Until::FirstError => quote_spanned!(span=> ::core::result::Result::Ok((#(#outputs,)*))),
        };
        // Ties the error types together, so that a future with another one is what the compiler points at.
        let declare_error = match until {
            Until::AllDone => None,
            Until::FirstError => {
                Some(quote_spanned!(span=> let shared_error = #krate::macros::support::SharedError::new();))
            }
        };
        let rounds = match self.order {
            Order::Biased => in_order(krate, count, until),
            Order::Fair => in_turns(krate, count, until),
        };
        let Rounds { declare, poll, all_done, keep } = rounds;
        quote_spanned! {span=> {
            #declare_error
            #futures
            #declare
            ::core::future::poll_fn(move |cx| {
                #poll
                if #all_done {
                    return ::core::task::Poll::Ready(#outputs);
                }
                #keep
                ::core::task::Poll::Pending
            })
            .await
        }}
    }
}

/// How the futures are polled, again and again until all are done.
struct Rounds {
    /// Statements before the first round.
    declare: TokenStream,
    /// Statements of a round.
    poll: TokenStream,
    /// Whether it was the last.
    all_done: TokenStream,
    /// Statements after a round that wasn't.
    keep: TokenStream,
}

/// From the first to the last. Each future tells whether it's done.
fn in_order(krate: &Krate, count: usize, until: Until) -> Rounds {
    let span = Span::mixed_site();
    let bodies = (0..count).map(|index| {
        let future = pinned(index);
        let body = poll_branch(krate, index, until, &TokenStream::new());
        quote_spanned! {span=>
            if #future.is_running() {
                #body
                is_pending |= #future.is_running();
            }
        }
    });
    Rounds {
        declare: TokenStream::new(),
        poll: quote_spanned!(span=> let mut is_pending = false; #(#bodies)*),
        all_done: quote_spanned!(span=> !is_pending),
        keep: TokenStream::new(),
    }
}

/// From another one on in each round. A set tells which aren't done.
fn in_turns(krate: &Krate, count: usize, until: Until) -> Rounds {
    let span = Span::mixed_site();
    let everything = all(krate, count);
    let bodies: Vec<_> = (0..count)
        .map(|index| poll_branch(krate, index, until, &quote_spanned!(span=> left.remove(#index))))
        .collect();
    let turns = take_turns(Order::Fair, &quote_spanned!(span=> start as usize), &bodies);
    let (declare_start, rotate) = if count > 1 {
        let count = count as u32;
        (
            quote_spanned!(span=> let mut start = 0_u32;),
            quote_spanned!(span=> start = if start + 1 == #count { 0 } else { start + 1 };),
        )
    } else {
        Default::default()
    };
    Rounds {
        declare: quote_spanned!(span=> let mut branches = #everything; #declare_start),
        poll: quote_spanned! {span=>
            // In registers while the futures are polled.
            let mut left = branches.unpack();
            #turns
        },
        all_done: quote_spanned!(span=> left.is_empty()),
        keep: quote_spanned!(span=> branches = left.into(); #rotate),
    }
}

/// Polls one future, and does `done` when it is.
fn poll_branch(krate: &Krate, index: usize, until: Until, done: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let future = pinned(index);
    match until {
        Until::AllDone => quote_spanned! {span=>
            if #krate::macros::support::poll_joined(#future, cx).is_ready() {
                #done
            }
        },
        Until::FirstError => quote_spanned! {span=>
            match #krate::macros::support::poll_try_joined(#future, cx) {
                ::core::task::Poll::Ready(::core::result::Result::Ok(())) => { #done }
                ::core::task::Poll::Ready(::core::result::Result::Err(error)) => {
                    return ::core::task::Poll::Ready(::core::result::Result::Err(error));
                }
                ::core::task::Poll::Pending => {}
            }
        },
    }
}

/// Takes the output of a future that is done.
fn take(index: usize) -> TokenStream {
    let future = pinned(index);
    quote_spanned!(Span::mixed_site()=> #future.take_output())
}
