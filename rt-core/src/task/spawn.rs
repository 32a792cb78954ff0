//! Spawning from within a runtime.

use std::future::Future;
use std::panic::Location;

use crate::cell::{self, JoinHandle};
use crate::runtime;

/// Spawns a task on the calling thread's runtime.
///
/// The task starts at once, whether or not the [`JoinHandle`] is awaited, and runs beside the others: on
/// another worker, or while this task waits. Dropping the handle lets the task run on its own.
///
/// When the runtime shuts down, the task may be dropped wherever it waits.
///
/// # Panics
///
/// When the thread has entered no runtime.
///
/// # Examples
///
/// ```
/// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
/// let tasks: Vec<_> = (0..4).map(|i| rt_core::spawn(async move { i * i })).collect();
/// let mut squares = Vec::new();
/// for task in tasks {
///     squares.push(task.await.unwrap());
/// }
/// assert_eq!(squares, [0, 1, 4, 9]);
/// # });
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let location = Location::caller();
    if cell::is_large::<F>() {
        // Here, before it is moved into the closure below, and from there on from frame to frame.
        let future = cell::boxed(future);
        return runtime::current(|handle| handle.spawn_at(future, location));
    }
    runtime::current(|handle| handle.spawn_at(future, location))
}
