//! The LIFO slot: the task that was woken last by the one that runs now.
//!
//! What that task needs is warm in the cache, and as a rule the two exchange messages. The owner puts and takes;
//! the watch takes from a worker that is stuck. Both by a swap, so that the task goes to one of them.
//!
//! E1: `put` AcqRel -> `take` Acquire: the task behind the pointer is whole.

use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use super::queue::Item;
use crate::shim::atomic::{AtomicPtr, Ordering};

/// See the module's documentation.
pub(crate) struct LifoSlot<T: Item> {
    task: AtomicPtr<()>,
    _task: PhantomData<T>,
}

// SAFETY: items are `Send`, and each leaves the slot once, by a swap.
unsafe impl<T: Item> Send for LifoSlot<T> {}
// SAFETY: as above.
unsafe impl<T: Item> Sync for LifoSlot<T> {}

impl<T: Item> LifoSlot<T> {
    pub(crate) fn new() -> Self {
        Self { task: AtomicPtr::new(ptr::null_mut()), _task: PhantomData }
    }

    /// Puts a task in, and gives back the one that was there.
    #[inline]
    pub(crate) fn put(&self, task: T) -> Option<T> {
        let before = self.task.swap(task.into_raw().as_ptr(), Ordering::AcqRel); // E1
        // SAFETY: what the slot held was put by `put`, and the swap made it ours.
        NonNull::new(before).map(|raw| unsafe { T::from_raw(raw) })
    }

    /// Whether a task is in it, as the owner sees it.
    pub(crate) fn is_filled(&self) -> bool {
        // Relaxed: the owner put it there itself.
        !self.task.load(Ordering::Relaxed).is_null()
    }

    /// Takes the task out.
    #[inline]
    pub(crate) fn take(&self) -> Option<T> {
        // Relaxed: only saves the swap when there is nothing, which is the usual case.
        if self.task.load(Ordering::Relaxed).is_null() {
            return None;
        }
        let raw = self.task.swap(ptr::null_mut(), Ordering::Acquire); // E1
        // SAFETY: as in `put`.
        NonNull::new(raw).map(|raw| unsafe { T::from_raw(raw) })
    }
}

impl<T: Item> Drop for LifoSlot<T> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
