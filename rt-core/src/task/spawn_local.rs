//! Spawning tasks that stay on their thread.
#![forbid(unsafe_code)]

use std::future::Future;
use std::panic::Location;

use super::local;
use crate::cell::JoinHandle;

/// Spawns a task that stays on the calling thread, so that its future needn't be `Send`.
///
/// It goes to the [`LocalSet`](super::LocalSet) that is polled here, or was [entered](super::LocalSet::enter); or else
/// to the [`LocalRuntime`](crate::runtime::LocalRuntime) of this thread. [`spawn`](super::spawn()) spawns on the
/// runtime, also within a set.
///
/// # Panics
///
/// When the thread has entered no set, and no local runtime of its own: none at all, or that of another thread.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
///
/// # rt_core::runtime::LocalRuntime::new().unwrap().block_on(async {
/// let five = Rc::new(5);
/// let task = rt_core::task::spawn_local(async move { *five });
/// assert_eq!(task.await.unwrap(), 5);
/// # });
/// ```
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    local::spawn_local_at(future, Location::caller())
}
