//! The wakers of tasks that wait for the same event.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::task::Waker;

use slab::Slab;

/// Wakers by key. It stands under its owner's lock; wakers are cloned, called and dropped outside of it,
/// as they may run anything.
#[derive(Debug, Default)]
pub(crate) struct Waiters(Slab<Waker>);

impl Waiters {
    /// Whether the entry would wake the same task.
    pub(crate) fn is_current(&self, key: Option<usize>, waker: &Waker) -> bool {
        key.and_then(|key| self.0.get(key)).is_some_and(|entry| entry.will_wake(waker))
    }

    /// Stores the waker under `key`, which is filled in if there was none. The one that it replaces is
    /// returned, to be dropped outside of the lock.
    pub(crate) fn set(&mut self, key: &mut Option<usize>, waker: Waker) -> Option<Waker> {
        match key.and_then(|key| self.0.get_mut(key)) {
            Some(entry) => Some(std::mem::replace(entry, waker)),
            None => {
                *key = Some(self.0.insert(waker));
                None
            }
        }
    }

    /// Removes an entry, to be dropped outside of the lock.
    pub(crate) fn remove(&mut self, key: usize) -> Option<Waker> {
        self.0.try_remove(key)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Wakes, and lets a panicking waker keep nobody else from being woken: its panic goes on once all are.
#[derive(Default)]
pub(crate) struct WakeAll(Option<Box<dyn Any + Send>>);

impl WakeAll {
    /// Wakes all of these.
    pub(crate) fn wake(&mut self, waiters: Waiters) {
        for (_, waker) in waiters.0 {
            let outcome = catch_unwind(AssertUnwindSafe(|| waker.wake()));
            self.0 = self.0.take().or(outcome.err());
        }
    }

    /// Raises the first panic of a waker again.
    pub(crate) fn finish(self) {
        if let Some(panic) = self.0 {
            resume_unwind(panic);
        }
    }
}
