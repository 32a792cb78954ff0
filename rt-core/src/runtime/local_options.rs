//! How a local runtime is to be.
#![forbid(unsafe_code)]

use std::marker::PhantomData;

/// Options of a [`LocalRuntime`](super::LocalRuntime), beside those of its builder: none so far.
///
/// # Examples
///
/// ```
/// use rt_core::runtime::{Builder, LocalOptions};
///
/// let runtime = Builder::new_current_thread().build_local(LocalOptions::default())?;
/// assert_eq!(runtime.block_on(async { 5 }), 5);
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct LocalOptions {
    // Options to come may hold what must stay on its thread.
    _not_send: PhantomData<*const ()>,
}
