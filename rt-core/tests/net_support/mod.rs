//! Runtimes for the tests of sockets, and a future's first poll.
#![allow(dead_code, unused_imports, unused_macros, reason = "each test binary uses a part")]

use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rt_core::runtime::{Builder, Runtime};

pub(crate) fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[cfg(feature = "rt-multi-thread")]
pub(crate) fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Each flavor of runtime.
pub(crate) fn runtimes() -> Vec<Runtime> {
    vec![
        current_thread(),
        #[cfg(feature = "rt-multi-thread")]
        multi_thread(),
    ]
}

/// Each test runs on each flavor: in a task, and outside of one, where there is no budget and, with workers, no driver of
/// one's own.
macro_rules! on_each_flavor {
    ($($(#[$meta:meta])* async fn $name:ident() $body:block)+) => {$(
        $(#[$meta])*
        #[test]
        fn $name() {
            async fn test() $body
            for runtime in $crate::net_support::runtimes() {
                runtime.block_on(async { rt_core::spawn(test()).await.unwrap() });
                runtime.block_on(test());
            }
        }
    )+};
}
pub(crate) use on_each_flavor;

pub(crate) fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Writes until the system takes no more, and gives how many bytes that was.
pub(crate) fn fill(try_write: impl Fn(&[u8]) -> io::Result<usize>) -> usize {
    let (chunk, mut total) = (vec![7; 64 * 1024], 0);
    loop {
        match try_write(&chunk) {
            Ok(n) => total += n,
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                return total;
            }
        }
    }
}
