//! Where a current-thread runtime's core lies while nobody runs it, and who waits for it.
//!
//! E1: `release` AcqRel -> `take` AcqRel: the core is whole.
//! E2: `take` AcqRel, in vain -> `release` AcqRel: the one who leaves sees who waits. All changes of `core` are
//!     swaps, each of which reads the one before: a `take` comes before the `release`, which then sees the
//!     enlistment, or after it, and has the core.

use std::collections::VecDeque;
use std::ptr;

use crate::base::Parker;
use crate::shim::atomic::{AtomicPtr, AtomicUsize, Ordering};
use crate::shim::sync::{Arc, Mutex};

/// See the module's documentation.
pub(crate) struct Seat<C> {
    core: AtomicPtr<C>,
    waiting: AtomicUsize,
    queue: Mutex<VecDeque<Arc<Parker>>>,
}

impl<C> Seat<C> {
    pub(crate) fn new(core: Option<Box<C>>) -> Self {
        Self {
            core: AtomicPtr::new(core.map_or(ptr::null_mut(), Box::into_raw)),
            waiting: AtomicUsize::new(0),
            queue: Mutex::new(VecDeque::new()),
        }
    }

    /// Takes the core, if nobody has it.
    pub(crate) fn take(&self) -> Option<Box<C>> {
        let core = self.core.swap(ptr::null_mut(), Ordering::AcqRel); // E1 E2
        // SAFETY: a pointer in the seat came from a box, and the swap made it ours.
        (!core.is_null()).then(|| unsafe { Box::from_raw(core) })
    }

    /// Puts the core back, and lets a thread that waits for it know.
    pub(crate) fn release(&self, core: Box<C>) {
        self.core.swap(Box::into_raw(core), Ordering::AcqRel); // E1 E2
        self.pass_on();
    }

    /// Wakes a waiting thread if the seat is free.
    #[inline]
    pub(crate) fn pass_on(&self) {
        // Relaxed: E2, and the queue's lock for who was told and passes it on.
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.tell_first();
        }
    }

    #[cold]
    fn tell_first(&self) {
        if let Some(parker) = self.queue.lock().front() {
            parker.unpark();
        }
    }

    /// Wakes all that wait.
    pub(crate) fn wake_all(&self) {
        for parker in &*self.queue.lock() {
            parker.unpark();
        }
    }

    /// Joins those that wait; the caller must try to take the core once more.
    pub(crate) fn enlist(&self, parker: &Arc<Parker>) {
        self.queue.lock().push_back(parker.clone());
        // Relaxed: the `take` that must follow publishes it, E2.
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// Leaves those that wait; the caller must [`pass_on`](Self::pass_on) the word that it may have got.
    pub(crate) fn delist(&self, parker: &Arc<Parker>) {
        // Relaxed: the count is a hint for `pass_on`, exact under the lock's order.
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.queue.lock().retain(|other| !Arc::ptr_eq(other, parker));
    }
}

impl<C> Drop for Seat<C> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
