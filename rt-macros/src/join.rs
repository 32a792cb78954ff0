//! `join!` and `try_join!`: wait for several futures at once.
//!
//! ```text
//! {
//!     let mut future1; let mut future0;              // see `declare_futures`
//!     future0 = joined({future}); future1 = joined({future});
//!     let mut branches = {the set of both};
//!     let mut start = {0};                           // the first to be polled, another one each time
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
        let everything = all(krate, count);
        let bodies: Vec<_> = (0..count).map(|index| poll_branch(krate, index, until)).collect();
        let turns = take_turns(self.order, &quote_spanned!(span=> start), &bodies);
        let outputs: Vec<_> = (0..count).map(take).collect();
        let outputs = match until {
            Until::AllDone => quote_spanned!(span=> (#(#outputs,)*)),
            Until::FirstError => quote_spanned!(span=> ::core::result::Result::Ok((#(#outputs,)*))),
        };
        let (declare_start, rotate) = match self.order {
            Order::Fair if count > 1 => (
                quote_spanned!(span=> let mut start = 0_usize;),
                quote_spanned!(span=> start = if start + 1 == #count { 0 } else { start + 1 };),
            ),
            _ => Default::default(),
        };
        // Ties the error types together, so that a future with another one is what the compiler points at.
        let declare_error = match until {
            Until::AllDone => None,
            Until::FirstError => {
                Some(quote_spanned!(span=> let shared_error = #krate::macros::support::SharedError::new();))
            }
        };
        quote_spanned! {span=> {
            #declare_error
            #futures
            let mut branches = #everything;
            #declare_start
            ::core::future::poll_fn(|cx| {
                // In registers while the futures are polled.
                let mut left = branches;
                #turns
                if left.is_empty() {
                    return ::core::task::Poll::Ready(#outputs);
                }
                branches = left;
                #rotate
                ::core::task::Poll::Pending
            })
            .await
        }}
    }
}

/// Polls one future; it leaves the set when it's done.
fn poll_branch(krate: &Krate, index: usize, until: Until) -> TokenStream {
    let span = Span::mixed_site();
    let future = pinned(index);
    match until {
        Until::AllDone => quote_spanned! {span=>
            if #krate::macros::support::poll_joined(#future, cx).is_ready() {
                left.remove(#index);
            }
        },
        Until::FirstError => quote_spanned! {span=>
            match #krate::macros::support::poll_try_joined(#future, cx) {
                ::core::task::Poll::Ready(::core::result::Result::Ok(())) => left.remove(#index),
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
