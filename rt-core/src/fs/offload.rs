//! Whole operations on the blocking pool.

use std::io;
use std::panic::Location;
use std::task::{Context, Poll};

use crate::base::complaints;
use crate::blocking::{self, JoinHandle};
use crate::coop::{RestoreOnPending, poll_proceed};

/// Runs `f` on the blocking pool. What has begun runs to its end, also when this is dropped.
///
/// # Panics
///
/// Outside of a runtime.
pub(super) async fn offload<T, F>(f: F) -> io::Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> io::Result<T> + Send + 'static,
{
    spawn(f).await.unwrap_or_else(|_| Err(failed()))
}

/// As [`offload`], begun at once.
#[track_caller]
pub(super) fn spawn<T, F>(f: F) -> JoinHandle<T>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    match blocking::spawn_current(f, Location::caller()) {
        Some(join) => join,
        None => panic!("{}", complaints::NO_RUNTIME),
    }
}

/// The error of an operation that the blocking pool didn't run.
pub(super) fn failed() -> io::Error {
    io::Error::other(complaints::NOT_RUN)
}

/// Spends a unit of the task's budget on an operation that may be done on this thread.
///
/// # Errors
///
/// When the runtime is shut down: whether an operation fails then mustn't depend on what is in memory.
///
/// # Panics
///
/// Outside of a runtime, for the same reason.
#[track_caller]
pub(super) fn poll_begin(cx: &mut Context<'_>) -> Poll<io::Result<RestoreOnPending>> {
    match blocking::is_open() {
        Some(true) => poll_proceed(cx).map(Ok),
        Some(false) => Poll::Ready(Err(failed())),
        None => panic!("{}", complaints::NO_RUNTIME),
    }
}

/// As [`poll_begin`], for an operation that does something in any case.
pub(super) async fn begin() -> io::Result<()> {
    std::future::poll_fn(|cx| poll_begin(cx).map_ok(|proceed| proceed.made_progress())).await
}
