//! What wakers on any thread reach of a set.
//!
//! A task that is woken in its set's own turn goes straight into the set's queue. From everywhere else it goes into
//! the inbox; the first to find that empty wakes whoever polls the set. The edges are those of the inbox: who polls
//! leaves its waker first and looks into the inbox afterwards.

use super::tasks;
use crate::base::{AtomicWaker, Pushed};
use crate::cell::{Notified, Registry, Schedule, Shard, Task, TaskInbox, TaskRef};
use crate::shim::sync::Arc;

/// See the module's documentation.
pub(super) struct Shared {
    pub(super) inbox: TaskInbox,
    pub(super) registry: Registry,
    /// Wakes whoever polls the set.
    pub(super) poller: AtomicWaker,
}

impl Shared {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { inbox: TaskInbox::new(), registry: Registry::new(1), poller: AtomicWaker::new() })
    }
}

impl Schedule for Shared {
    const KIND: &'static str = "local";

    fn schedule(&self, task: Notified) {
        let Some(task) = tasks::queue_here(self, task) else { return };
        // The task may be polled and complete as soon as it is in the inbox, and the set go with it.
        // SAFETY: a task that isn't complete has a live owner, and owners are made by `Arc::new`.
        let this = unsafe {
            Arc::increment_strong_count(self);
            Arc::from_raw(self)
        };
        if this.inbox.push(task) == Pushed::First {
            this.poller.wake();
        }
    }

    fn yield_now(&self, task: Notified) {
        self.schedule(task);
    }

    fn register(&self, task: &TaskRef) -> Option<Shard> {
        self.registry.register(0, task)
    }

    fn release(&self, task: &TaskRef) -> Option<Task> {
        self.registry.release(task)
    }
}
