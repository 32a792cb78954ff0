//! A closure as a task.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::cell::{Id, JoinHandle, Notified, Schedule, Shard, Task, TaskRef, new_task};

/// A future that runs a closure in its first poll, which is its last.
struct Once<F>(Option<F>);

// The closure is moved out before it runs, never pinned.
impl<F> Unpin for Once<F> {}

impl<F: FnOnce() -> R, R> Future for Once<F> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<R> {
        // A task isn't polled again once it is complete, nor when the closure panicked.
        self.0.take().map_or(Poll::Pending, |f| Poll::Ready(f()))
    }
}

/// The scheduler of tasks that never wait: it has nothing to do.
struct Never;

static NEVER: Never = Never;

/// A task that runs the closure.
pub(super) fn new<F, R>(f: F, location: &'static Location<'static>) -> (Notified, JoinHandle<R>)
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    // SAFETY: the scheduler is a static, and the closure is `Send`.
    unsafe { new_task(Once(Some(f)), &NEVER, Id::next(), location) }
}

impl Schedule for Never {
    const KIND: &'static str = "blocking";

    fn schedule(&self, task: Notified) {
        task.cancel();
    }

    fn yield_now(&self, task: Notified) {
        task.cancel();
    }

    fn register(&self, _: &TaskRef) -> Option<Shard> {
        None
    }

    fn release(&self, _: &TaskRef) -> Option<Task> {
        None
    }
}
