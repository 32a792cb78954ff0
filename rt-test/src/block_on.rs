//! A runtime for one future.

use std::future::Future;

use rt_core::runtime::Builder;

/// Runs a future to its end on a runtime of its own, with one thread, and returns its output.
///
/// I/O and time are enabled as far as they are compiled in.
///
/// # Panics
///
/// When the runtime can't be built, when it's called within a runtime, and when the future panics.
///
/// # Examples
///
/// ```
/// assert_eq!(rt_test::block_on(async { 5 }), 5);
/// ```
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().enable_all().build().expect("the runtime can't be built").block_on(future)
}
