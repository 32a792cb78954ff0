use proc_macro2::TokenStream;
use quote::quote;

use super::{Defaults, Features, Kind, expand};

fn main_with(args: TokenStream, item: TokenStream) -> String {
    let defaults = Defaults { kind: Kind::Main, features: Features::MultiThread, krate: "::rt_core" };
    expand(&defaults, args, item).to_string()
}

fn test_with(args: TokenStream, item: TokenStream) -> String {
    let defaults = Defaults { kind: Kind::Test, features: Features::MultiThread, krate: "::rt_core" };
    expand(&defaults, args, item).to_string()
}

/// The chain of calls that builds the runtime: what's between the body and `block_on`.
fn builder(args: TokenStream) -> String {
    let expanded = main_with(
        args,
        quote!(
            async fn main() {
                work()
            }
        ),
    );
    let (_, rest) = expanded.split_once("} ; ").expect("the body comes first");
    let (chain, _) = rest.split_once(" . expect").expect("then the builder");
    chain.to_owned()
}

#[test]
fn a_whole_function() {
    let expanded = main_with(
        quote!(),
        quote! {
            /// Does it.
            #[allow(dead_code)]
            pub(crate) async fn run<'a, T: Clone>(list: &'a [T], mut n: usize) -> Option<T> where T: Send {
                #![allow(unused)]
                n += 1;
                list.get(n).cloned()
            }
        },
    );
    let expected = quote! {
        /// Does it.
        #[allow(dead_code)]
        pub(crate) fn run<'a, T: Clone>(list: &'a [T], mut n: usize) -> Option<T> where T: Send {
            #![allow(unused)]
            let body = async move {
                if false {
                    return ::core::option::Option::< Option<T> >::unwrap(::core::option::Option::None);
                }
                n += 1;
                list.get(n).cloned()
            };
            ::rt_core::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .expect("the runtime can't be built")
                .block_on(body)
        }
    };
    assert_eq!(expanded, expected.to_string());
}

#[test]
fn a_whole_test() {
    let expanded = test_with(
        quote!(),
        quote!(
            #[should_panic]
            async fn fails() {
                panic!()
            }
        ),
    );
    let expected = quote! {
        #[::core::prelude::v1::test]
        #[should_panic]
        fn fails() {
            let body = async move {
                if false {
                    return ::core::option::Option::<()>::unwrap(::core::option::Option::None);
                }
                panic!()
            };
            let body: ::core::pin::Pin<&mut dyn ::core::future::Future<Output = ()>> = ::core::pin::pin!(body);
            ::rt_core::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("the runtime can't be built")
                .block_on(body)
        }
    };
    assert_eq!(expanded, expected.to_string());
}

#[test]
fn options_become_calls() {
    let expect = |args, chain: TokenStream| assert_eq!(builder(args), chain.to_string());
    expect(quote!(), quote!(::rt_core::runtime::Builder::new_multi_thread().enable_all().build()));
    expect(
        quote!(flavor = "multi_thread", worker_threads = 4, start_paused = false, name = "web",),
        quote! {
            ::rt_core::runtime::Builder::new_multi_thread().enable_all()
                .worker_threads(4).start_paused(false).name("web").build()
        },
    );
    expect(
        quote!(
            crate = "crate::rt",
            flavor = "current_thread",
            unhandled_panic = "ignore",
            start_paused = true
        ),
        quote! {
            crate::rt::runtime::Builder::new_current_thread().enable_all().start_paused(true)
                .unhandled_panic(crate::rt::runtime::UnhandledPanic::Ignore).build()
        },
    );
    expect(
        quote!(crate = rtc, flavor = "local", unhandled_panic = "shutdown_runtime"),
        quote! {
            rtc::runtime::Builder::new_current_thread().enable_all()
                .unhandled_panic(rtc::runtime::UnhandledPanic::ShutdownRuntime)
                .build_local(::core::default::Default::default())
        },
    );
}

#[test]
fn types_that_cannot_be_named_give_no_hint() {
    for ty in [quote!(impl Iterator<Item = u8>), quote!(Result<(), impl std::error::Error>), quote!(!)] {
        let expanded = test_with(quote!(), quote!(async fn f() -> #ty { todo() }));
        assert!(!expanded.contains("if false") && !expanded.contains("dyn"), "{expanded}");
    }
}

#[test]
fn a_facade_has_its_own_path() {
    let defaults = Defaults { kind: Kind::Main, features: Features::CurrentThread, krate: "::tokio" };
    let expanded = expand(
        &defaults,
        quote!(flavor = "current_thread"),
        quote!(
            async fn main() {}
        ),
    )
    .to_string();
    assert!(expanded.contains(":: tokio :: runtime :: Builder :: new_current_thread ()"), "{expanded}");
}

#[test]
fn missing_features_are_told() {
    let error = |kind, features, args| {
        let defaults = Defaults { kind, features, krate: "::rt_core" };
        let expanded = expand(
            &defaults,
            args,
            quote!(
                async fn f() {}
            ),
        )
        .to_string();
        assert!(expanded.contains("compile_error") && !expanded.contains("Builder"), "{expanded}");
        expanded
    };
    assert!(error(Kind::Main, Features::CurrentThread, quote!()).contains("the default flavor"));
    let chosen = error(Kind::Test, Features::CurrentThread, quote!(flavor = "multi_thread"));
    assert!(chosen.contains("the flavor `multi_thread` needs the feature `rt-multi-thread`"));
    assert!(error(Kind::Main, Features::None, quote!(flavor = "local")).contains("feature `rt` "));
    assert!(error(Kind::Test, Features::None, quote!()).contains("feature `rt` "));
}

#[test]
fn what_is_not_a_function_is_kept() {
    let expanded = main_with(
        quote!(),
        quote!(
            struct Server {
                port: u16,
            }
        ),
    );
    assert!(expanded.contains("compile_error"));
    assert!(
        expanded.ends_with(
            &quote!(
                struct Server {
                    port: u16,
                }
            )
            .to_string()
        )
    );
}

#[test]
fn a_body_that_does_not_parse_is_left_to_the_compiler() {
    let expanded = main_with(quote!(), quote!(async fn main() { let x = ; }));
    assert!(expanded.contains("let x = ;") && !expanded.contains("compile_error"));
}
