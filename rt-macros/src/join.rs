//! `join!` and `try_join!`: wait for several futures at once.
//!
//! ```text
//! {
//!     let futures = &mut (joined({future}), joined({future}));  // see `declare_futures`
//!     let mut start = 0;                             // not with `biased`: the first to be polled, another one each time
//!     poll_fn({poll the futures that aren't done; when all are, take the outputs}).await
//! }
//! ```

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

use crate::branches::{Order, declare_futures, pinned};
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
        let round = self.round(until);
        // A lone future has no turn to wait for.
        let (declare_start, rotate) = if self.order == Order::Fair && count > 1 {
            let count = count as u32;
            (
                Some(quote_spanned!(span=> let mut start = 0_u32;)),
                Some(quote_spanned!(span=> start = if start + 1 == #count { 0 } else { start + 1 };)),
            )
        } else {
            (None, None)
        };
        quote_spanned! {span=> {
            #declare_error
            #futures
            #declare_start
            ::core::future::poll_fn(move |cx| {
                let mut is_pending = false;
                #round
                if !is_pending {
                    return ::core::task::Poll::Ready(#outputs);
                }
                #rotate
                ::core::task::Poll::Pending
            })
            .await
        }}
    }

    /// Statements that poll each future that isn't done: from the first one on, or from the one numbered `start`.
    fn round(&self, until: Until) -> TokenStream {
        let span = Span::mixed_site();
        let krate = &self.krate;
        let count = self.futures.len();
        let bodies = (0..count).map(|index| poll_branch(krate, index, until));
        match self.order {
            Order::Fair if count > 1 => {
                let indexes = 0..count as u32;
                quote_spanned! {span=>
                    let mut turns = #krate::macros::support::Rotation::starting_at(start);
                    loop {
                        #(if turns.contains(#indexes) { #bodies })*
                        if !turns.go_on() {
                            break;
                        }
                    }
                }
            }
            Order::Fair | Order::Biased => quote_spanned!(span=> #(#bodies)*),
        }
    }
}

/// Polls one future, unless it's done.
fn poll_branch(krate: &Krate, index: usize, until: Until) -> TokenStream {
    let span = Span::mixed_site();
    let future = pinned(index);
    let poll = match until {
        Until::AllDone => quote_spanned! {span=>
            is_pending |= #krate::macros::support::poll_joined(#future, cx).is_pending();
        },
        Until::FirstError => quote_spanned! {span=>
            match #krate::macros::support::poll_try_joined(#future, cx) {
                ::core::task::Poll::Ready(::core::result::Result::Ok(())) => {}
                ::core::task::Poll::Ready(::core::result::Result::Err(error)) => {
                    return ::core::task::Poll::Ready(::core::result::Result::Err(error));
                }
                ::core::task::Poll::Pending => is_pending = true,
            }
        },
    };
    quote_spanned!(span=> if #future.is_running() { #poll })
}

/// Takes the output of a future that is done.
fn take(index: usize) -> TokenStream {
    let future = pinned(index);
    quote_spanned!(Span::mixed_site()=> #future.take_output())
}
