//! Telling the error of a runtime that has gone from others.
#![forbid(unsafe_code)]

use std::io;

use crate::base;

/// Whether an I/O operation failed because the runtime that its resource belongs to has shut down.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "net")] {
/// use rt_core::runtime::{Builder, is_rt_shutdown_err};
///
/// let first = Builder::new_current_thread().enable_all().build().unwrap();
/// let second = Builder::new_current_thread().enable_all().build().unwrap();
/// let listener = first.block_on(rt_core::net::TcpListener::bind("127.0.0.1:0")).unwrap();
/// drop(first);
/// let error = second.block_on(listener.accept()).unwrap_err();
/// assert!(is_rt_shutdown_err(&error));
/// # }
/// ```
pub fn is_rt_shutdown_err(err: &io::Error) -> bool {
    base::is_gone(err)
}
