//! What the attributes make of a function.
//!
//! ```text
//! {attributes} {visibility} fn name({arguments}) -> {type} {
//!     let body = async move { {body} };
//!     {crate}::runtime::Builder::new_multi_thread().enable_all().build().expect("...").block_on(body)
//! }
//! ```

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::function::Function;
use super::options::{Flavor, Options, UnhandledPanic};
use super::{Defaults, Kind};

/// Expands `#[main(args)] item` or `#[test(args)] item`.
pub(crate) fn expand(defaults: &Defaults, args: TokenStream, item: TokenStream) -> TokenStream {
    let function: Function = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            // The item as well, so that an editor goes on to complete what is being written.
            let error = error.into_compile_error();
            return quote_spanned!(Span::mixed_site()=> #error #item);
        }
    };
    let options = Options::parse(args, defaults);
    let checked = match (options, function.check(defaults.kind)) {
        (Ok(options), Ok(())) => Ok(options),
        (Ok(_), Err(error)) | (Err(error), Ok(())) => Err(error),
        (Err(mut error), Err(another)) => {
            error.combine(another);
            Err(error)
        }
    };
    match checked {
        Ok(options) => run(&function, defaults.kind, &options),
        Err(error) => {
            let error = error.into_compile_error();
            let function = without_runtime(&function);
            quote_spanned!(Span::mixed_site()=> #error #function)
        }
    }
}

/// The function, with its body run on a runtime.
fn run(function: &Function, kind: Kind, options: &Options) -> TokenStream {
    let span = Span::mixed_site();
    let body = function.body();
    let runtime = build(options);
    // If the body's type doesn't fit, the compiler points here.
    let end = function.end_of_body().resolved_at(span);
    let block_on = quote_spanned!(end=> #runtime.block_on(body));
    match kind {
        Kind::Main => function.with_body(&quote_spanned! {span=>
            let body = #body;
            #block_on
        }),
        Kind::Test => {
            // A crate has hundreds of tests: as trait objects they share one `block_on`.
            let erase = function.nameable_output().map(|ty| {
                quote_spanned! {span=>
                    let body: ::core::pin::Pin<&mut dyn ::core::future::Future<Output = #ty>> =
                        ::core::pin::pin!(body);
                }
            });
            let function = function.with_body(&quote_spanned! {span=>
                let body = #body;
                #erase
                #block_on
            });
            quote_spanned! {span=>
                #[::core::prelude::v1::test]
                #function
            }
        }
    }
}

/// An expression that makes the runtime.
fn build(options: &Options) -> TokenStream {
    let span = Span::mixed_site();
    let Options { flavor, worker_threads, start_paused, unhandled_panic, name, krate } = options;
    let builder = match flavor {
        Flavor::MultiThread => quote_spanned!(span=> #krate::runtime::Builder::new_multi_thread()),
        Flavor::CurrentThread | Flavor::Local => {
            quote_spanned!(span=> #krate::runtime::Builder::new_current_thread())
        }
    };
    let worker_threads = worker_threads.as_ref().map(|count| quote_spanned!(span=> .worker_threads(#count)));
    let start_paused = start_paused.map(|flag| quote_spanned!(span=> .start_paused(#flag)));
    let unhandled_panic = unhandled_panic.map(|behaviour| {
        let behaviour = match behaviour {
            UnhandledPanic::Ignore => quote_spanned!(span=> Ignore),
            UnhandledPanic::ShutdownRuntime => quote_spanned!(span=> ShutdownRuntime),
        };
        quote_spanned!(span=> .unhandled_panic(#krate::runtime::UnhandledPanic::#behaviour))
    });
    let name = name.as_ref().map(|name| quote_spanned!(span=> .name(#name)));
    let build = match flavor {
        Flavor::Local => quote_spanned!(span=> .build_local(::core::default::Default::default())),
        Flavor::MultiThread | Flavor::CurrentThread => quote_spanned!(span=> .build()),
    };
    quote_spanned! {span=>
        #builder.enable_all() #worker_threads #start_paused #unhandled_panic #name #build
            .expect("the runtime can't be built")
    }
}

/// The function after an error: still there and still checked, but not run, so that the error is the only one.
fn without_runtime(function: &Function) -> TokenStream {
    if function.signature.ident == "main" && !function.signature.inputs.is_empty() {
        // That error has been told, and the compiler would tell it again.
        return quote_spanned!(Span::mixed_site()=> fn main() {});
    }
    let function = function.without_test_attributes();
    let body = function.body();
    function.with_body(&quote_spanned! {Span::mixed_site()=>
        let _ = #body;
        ::core::unreachable!()
    })
}
