//! What `select!` becomes.
//!
//! ```text
//! {
//!     enum Output<B0, B1> { B0(B0), B1(B1), Disabled }
//!     let mut branches = {the set of both};
//!     let condition0: bool = {condition};            // each condition; a false one takes its branch out
//!     let mut output = {
//!         let futures = &mut ({future}, {future});   // see `declare_futures`
//!         poll_fn({poll the branches in the set; the first output that matches ends it}).await
//!     };                                             // all futures are dropped here
//!     match output { Output::B0({pattern}) => {handler}, ... }
//! }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::{Expr, Pat};

use super::parse::{Branch, Select};
use super::pattern::{looking, matches_all};
use crate::branches::{Order, declare_futures, pinned};
use crate::krate::{Krate, local};

/// Branches whose set is one byte.
const FEW: usize = u8::BITS as usize;

/// Bits in one word of the set of branches.
const WORD: usize = u64::BITS as usize;

/// Expands the input of `select!`; what is wrong with it becomes a `compile_error!`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    match syn::parse2::<Select>(input) {
        Ok(select) => select.expand(),
        Err(error) => {
            let error = error.into_compile_error();
            // In a block, so that it is an expression wherever `select!` was one.
            quote_spanned!(Span::mixed_site()=> { #error })
        }
    }
}

impl Select {
    fn expand(&self) -> TokenStream {
        let span = Span::mixed_site();
        let krate = &self.krate;
        if self.branches.is_empty() {
            // Only `else`, which the parser saw to. The same kind of expression as below.
            let otherwise = self.otherwise();
            return quote_spanned!(span=> match () { () => #otherwise });
        }
        // An item has no hygiene: a name that nobody else has.
        let output = Ident::new("__RtSelectOutput", span);
        let variants: Vec<_> =
            (0..self.branches.len()).map(|index| format_ident!("B{index}", span = span)).collect();
        let everything = all(krate, self.branches.len());
        let conditions =
            self.branches.iter().enumerate().filter_map(|(index, branch)| disable(index, branch));
        let futures: Vec<_> = self.branches.iter().map(|branch| &branch.future).collect();
        let futures = declare_futures(
            &futures,
            |future| quote_spanned!(span=> ::core::future::IntoFuture::into_future(#future)),
        );
        let poll = self.poll(&output, &variants);
        let arms = self.branches.iter().zip(&variants).map(|(branch, variant)| {
            let Branch { pattern, handler, .. } = branch;
            let pattern = match pattern {
                // In a branch, `_` says all that needs to be said about `()`, even to clippy.
                Pat::Wild(_) => quote_spanned!(span=> _),
                _ => pattern.to_token_stream(),
            };
            quote_spanned!(span=> #output::#variant(#pattern) => #handler,)
        });
        let otherwise = self.otherwise();
        quote_spanned! {span=> {
            enum #output<#(#variants),*> {
                #(#variants(#variants),)*
                Disabled,
            }
            let mut branches = #everything;
            #(#conditions)*
            // A pattern may borrow the output mutably.
            #[allow(unused_mut)]
            let mut output = {
                #futures
                ::core::future::poll_fn(move |cx| { #poll }).await
            };
            match output {
                #(#arms)*
                #output::Disabled => #otherwise,
                // An output is returned only when it matches.
                _ => ::core::unreachable!(),
            }
        }}
    }

    /// The body of the closure that polls the branches.
    fn poll(&self, output: &Ident, variants: &[Ident]) -> TokenStream {
        let span = Span::mixed_site();
        let krate = &self.krate;
        let bodies: Vec<_> = self
            .branches
            .iter()
            .zip(variants)
            .enumerate()
            .map(|(index, (branch, variant))| poll_branch(index, branch, output, variant))
            .collect();
        let count = bodies.len() as u32;
        let start = quote_spanned!(span=> #krate::macros::support::random_start(#count));
        let turns = take_turns(self.order, &start, &bodies);
        quote_spanned! {span=>
            if #krate::macros::support::poll_budget(cx).is_pending() {
                return ::core::task::Poll::Pending;
            }
            let mut is_pending = false;
            // In a register while the futures are polled.
            let mut left = branches.unpack();
            #turns
            branches = left.into();
            if is_pending {
                ::core::task::Poll::Pending
            } else {
                ::core::task::Poll::Ready(#output::Disabled)
            }
        }
    }

    fn otherwise(&self) -> TokenStream {
        match &self.otherwise {
            Some(handler) => handler.to_token_stream(),
            None => {
                let krate = &self.krate;
                quote_spanned!(Span::mixed_site()=> #krate::macros::support::all_branches_disabled())
            }
        }
    }
}

/// Statements that take a branch out of the set when its condition is false.
fn disable(index: usize, branch: &Branch) -> Option<TokenStream> {
    let condition: &Expr = branch.condition.as_ref()?;
    let is_enabled = local("condition", index);
    Some(quote_spanned! {Span::mixed_site()=>
        let #is_enabled: bool = #condition;
        if !#is_enabled {
            branches.remove(#index);
        }
    })
}

/// Polls one branch: returns its output if it matches, takes it out of the set if it doesn't.
fn poll_branch(index: usize, branch: &Branch, output: &Ident, variant: &Ident) -> TokenStream {
    let span = Span::mixed_site();
    let future = pinned(index);
    let finish = if matches_all(&branch.pattern) {
        quote_spanned!(span=> return ::core::task::Poll::Ready(output);)
    } else {
        let pattern = looking(branch.pattern.clone());
        quote_spanned! {span=>
            let is_match = match &output {
                #output::#variant(#pattern) => true,
                _ => false,
            };
            if is_match {
                return ::core::task::Poll::Ready(output);
            }
            left.remove(#index);
        }
    };
    // That the other arm diverges lets the compiler choose the type of an output which nothing else tells, as that of
    // a future that always panics. An output of the type `!` makes unreachable what comes after it.
    quote_spanned! {span=>
        #[allow(unreachable_code)]
        'branch: {
            let output = match ::core::future::Future::poll(#future, cx) {
                ::core::task::Poll::Ready(output) => output,
                ::core::task::Poll::Pending => {
                    is_pending = true;
                    break 'branch;
                }
            };
            let output = #output::#variant(output);
            #finish
        }
    }
}

/// The set of all of `count` branches, as it is kept between polls. Few of them take a byte.
fn all(krate: &Krate, count: usize) -> TokenStream {
    let span = Span::mixed_site();
    if count <= FEW {
        quote_spanned!(span=> #krate::macros::support::FewBranches::all(#count))
    } else if count <= WORD {
        quote_spanned!(span=> #krate::macros::support::Branches::all(#count))
    } else {
        let words = count.div_ceil(WORD);
        quote_spanned!(span=> #krate::macros::support::ManyBranches::<#words>::all(#count))
    }
}

/// Statements that give each branch in the set `left` its turn: the body that belongs to it, which may take it out.
///
/// For a fair order the first one is the branch numbered `start`.
fn take_turns(order: Order, start: &TokenStream, bodies: &[TokenStream]) -> TokenStream {
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
