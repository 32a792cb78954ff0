//! Procedural macros of rt-core: the attributes [`main`] and [`macro@test`], and what is behind
//! `select!`, `join!` and `try_join!`.
//!
//! Use them through rt-core, which documents them and re-exports them under its feature `macros`.
//!
//! # Which crate an expansion names
//!
//! An expansion refers to the runtime by a path, and a proc-macro has no `$crate`. So
//! - the function-like macros take the path as the first thing in their input, up to a `;`. rt-core wraps
//!   each in a `macro_rules!` of the same name that puts its `$crate` there; that path stays right however
//!   rt-core is called or re-exported;
//! - the attributes say `::rt_core` unless told otherwise with `crate = "path"`. Those that start with
//!   `tokio_` say `::tokio`; a facade of that name re-exports them as `main` and `test`.
//!
//! An attribute exists in three kinds, of which rt-core re-exports the one that fits its own features: plain,
//! `_rt` (without `rt-multi-thread`) and `_fail` (without `rt`: says which feature is missing).
#![forbid(unsafe_code)]
#![allow(clippy::needless_doctest_main, reason = "the attributes are about `main`")]

mod branches;
mod entry;
mod join;
mod krate;
mod select;

use proc_macro::TokenStream;

use crate::entry::{Defaults, Features, Kind};

/// Runs an async function, usually `main`, on a runtime made for the call.
///
/// # Options
///
/// | option | value | default |
/// |---|---|---|
/// | `flavor` | `"multi_thread"`, `"current_thread"` or `"local"` | `"multi_thread"` |
/// | `worker_threads` | number of worker threads (`multi_thread` only) | one per core |
/// | `start_paused` | whether the clock starts paused (`current_thread` and `local` only) | `false` |
/// | `unhandled_panic` | `"ignore"` or `"shutdown_runtime"` (`current_thread` and `local` only) | `"ignore"` |
/// | `name` | the runtime's name | none |
/// | `crate` | path of the runtime crate | `"::rt_core"` |
///
/// The function keeps its attributes, visibility, generics, arguments and return type; only `async` goes.
/// I/O and time are enabled as far as they are compiled in. The function itself isn't a task: what is to run
/// in parallel with it is spawned.
///
/// # Panics
///
/// The function panics when the runtime can't be built (no threads or file descriptors left), and when it is
/// called from within a runtime.
///
/// # Examples
///
/// ```
/// #[rt_core::main(flavor = "current_thread")]
/// async fn main() {
///     let answer = async { 42 }.await;
///     assert_eq!(answer, 42);
/// }
/// ```
///
/// which is the same as
///
/// ```
/// fn main() {
///     rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
///         let answer = async { 42 }.await;
///         assert_eq!(answer, 42);
///     })
/// }
/// ```
#[allow(clippy::needless_doctest_main)] // It's what the attribute is for.
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Main, Features::MultiThread, "::rt_core", args, item)
}

/// [`main`], for a runtime crate without its feature `rt-multi-thread`: a flavor must be given.
#[proc_macro_attribute]
pub fn main_rt(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Main, Features::CurrentThread, "::rt_core", args, item)
}

/// [`main`], for a runtime crate without its feature `rt`: always an error.
#[proc_macro_attribute]
pub fn main_fail(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Main, Features::None, "::rt_core", args, item)
}

/// Turns an async function into a test that runs on a runtime of its own.
///
/// Takes the options of [`main`]; the flavor is `"current_thread"` by default. Other attributes of the
/// function (`#[ignore]`, `#[should_panic]` ...) mean what they mean on any test.
///
/// # Examples
///
/// ```
/// #[rt_core::test(flavor = "multi_thread", worker_threads = 2)]
/// async fn answers() {
///     assert_eq!(async { 42 }.await, 42);
/// }
/// ```
#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Test, Features::MultiThread, "::rt_core", args, item)
}

/// [`macro@test`], for a runtime crate without its feature `rt-multi-thread`.
#[proc_macro_attribute]
pub fn test_rt(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Test, Features::CurrentThread, "::rt_core", args, item)
}

/// [`macro@test`], for a runtime crate without its feature `rt`: always an error.
#[proc_macro_attribute]
pub fn test_fail(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Test, Features::None, "::rt_core", args, item)
}

/// [`main`] of a facade called `tokio`.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn tokio_main(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Main, Features::MultiThread, "::tokio", args, item)
}

/// [`main_rt`] of a facade called `tokio`.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn tokio_main_rt(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Main, Features::CurrentThread, "::tokio", args, item)
}

/// [`macro@test`] of a facade called `tokio`.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn tokio_test(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Test, Features::MultiThread, "::tokio", args, item)
}

/// [`test_rt`] of a facade called `tokio`.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn tokio_test_rt(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Kind::Test, Features::CurrentThread, "::tokio", args, item)
}

/// What is behind `rt_core::select!`, which documents it. Input: `<path of rt-core>; <what select! takes>`.
#[doc(hidden)]
#[proc_macro]
pub fn select(input: TokenStream) -> TokenStream {
    select::expand(input.into()).into()
}

/// What is behind `rt_core::join!`, which documents it. Input: `<path of rt-core>; <what join! takes>`.
#[doc(hidden)]
#[proc_macro]
pub fn join(input: TokenStream) -> TokenStream {
    join::expand(input.into(), join::Until::AllDone).into()
}

/// What is behind `rt_core::try_join!`, which documents it. Input: `<path of rt-core>; <what try_join! takes>`.
#[doc(hidden)]
#[proc_macro]
pub fn try_join(input: TokenStream) -> TokenStream {
    join::expand(input.into(), join::Until::FirstError).into()
}

fn attribute(
    kind: Kind,
    features: Features,
    krate: &'static str,
    args: TokenStream,
    item: TokenStream,
) -> TokenStream {
    entry::expand(&Defaults { kind, features, krate }, args.into(), item.into()).into()
}
