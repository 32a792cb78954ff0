//! Code that blocks, kept away from the tasks.

use std::panic::Location;

use crate::cell::JoinHandle;
use crate::runtime;
use crate::sched;

/// Runs a closure that may block, on a thread where that harms nobody.
///
/// For blocking system calls and for computations that take long. See
/// [`Handle::spawn_blocking`](crate::runtime::Handle::spawn_blocking) for the threads. A closure that has begun
/// can't be aborted; one that waits for a thread can.
///
/// # Panics
///
/// When the thread has entered no runtime, or when the system gives no thread and there is none yet.
///
/// # Examples
///
/// ```
/// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
/// let sum = rt_core::task::spawn_blocking(|| (1..=100).sum::<u32>()).await.unwrap();
/// assert_eq!(sum, 5_050);
/// # });
/// ```
#[track_caller]
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let location = Location::caller();
    runtime::current(|handle| handle.spawn_blocking_at(f, location))
}

/// Runs a closure that may block, in place, after the worker's other tasks were handed to another thread.
///
/// What runs in the same task beside it, by `join!` or `select!`, waits; use
/// [`spawn_blocking`] where that matters. The closure may call `block_on`.
///
/// # Panics
///
/// On a current-thread runtime, which has no other thread.
///
/// # Examples
///
/// ```
/// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
/// let sum = rt_core::spawn(async {
///     rt_core::task::block_in_place(|| (1..=100).sum::<u32>())
/// });
/// assert_eq!(sum.await.unwrap(), 5_050);
/// # });
/// ```
#[cfg(feature = "rt-multi-thread")]
#[track_caller]
pub fn block_in_place<F, R>(f: F) -> R
where
    F: FnOnce() -> R,
{
    sched::block_in_place(f)
}
