use std::future::{Future, poll_fn};
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::FutureExt;

use super::header::Cell;
use super::*;
use crate::shim::sync::Mutex;

/// A scheduler that is a list: the tests poll by hand.
struct Queue {
    tasks: Mutex<TaskList>,
    registry: Registry,
}

impl Queue {
    fn new() -> Arc<Self> {
        Arc::new(Self { tasks: Mutex::new(TaskList::new()), registry: Registry::new(2) })
    }

    fn spawn<F: Future + Send + 'static>(self: &Arc<Self>, future: F) -> JoinHandle<F::Output> {
        // SAFETY: each test completes its tasks before its queue goes.
        let (task, join) = unsafe { new_task(future, Arc::as_ptr(self), Id::next(), Location::caller()) };
        self.schedule(task);
        join
    }

    fn pop(&self) -> Option<Notified> {
        self.tasks.lock().pop_front()
    }

    /// Polls what is queued until nothing is.
    fn run(&self) -> Option<Ran> {
        std::iter::from_fn(|| self.pop().map(Notified::run)).last()
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.registry.close_and_shutdown_all();
        while let Some(task) = self.pop() {
            task.cancel();
        }
        self.registry.wait_until_empty();
    }
}

impl Schedule for Queue {
    fn schedule(&self, task: Notified) {
        self.tasks.lock().push_back(task);
    }

    fn yield_now(&self, task: Notified) {
        self.schedule(task);
    }

    fn register(&self, task: &TaskRef) -> Option<Shard> {
        self.registry.register(1, task)
    }

    fn release(&self, task: &TaskRef) -> Option<Task> {
        self.registry.release(task)
    }
}

#[test]
fn a_small_task_is_one_allocation_of_96_bytes() {
    assert_eq!(size_of::<Header>(), 64);
    assert!(size_of::<Cell<std::future::Ready<()>>>() <= 96);
    assert!(size_of::<Cell<std::future::Ready<usize>>>() <= 96);
    assert_eq!(size_of::<JoinHandle<()>>(), 8);
    assert_eq!(align_of::<Cell<std::future::Ready<()>>>(), 8);
}

#[test]
fn the_output_reaches_the_handle() {
    let queue = Queue::new();
    let join = queue.spawn(async { 7 });
    assert!(!join.is_finished());
    assert_eq!(queue.run(), Some(Ran::Completed { panicked: false }));
    assert!(join.is_finished());
    assert_eq!(join.now_or_never().unwrap().unwrap(), 7);
    assert_eq!(queue.registry.len(), 0);
}
