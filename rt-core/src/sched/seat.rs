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
    /// How often the core was put back; written by who puts it back.
    departures: AtomicUsize,
    waiting: AtomicUsize,
    queue: Mutex<VecDeque<Arc<Parker>>>,
}

impl<C> Seat<C> {
    pub(crate) fn new(core: Option<Box<C>>) -> Self {
        Self {
            core: AtomicPtr::new(core.map_or(ptr::null_mut(), Box::into_raw)),
            departures: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            queue: Mutex::new(VecDeque::new()),
        }
    }

    /// Whether the core lies here, which may change at any time.
    #[inline]
    pub(crate) fn is_free(&self) -> bool {
        // Relaxed: a hint.
        !self.core.load(Ordering::Relaxed).is_null()
    }

    /// Takes the core, if nobody has it.
    pub(crate) fn take(&self) -> Option<Box<C>> {
        let core = self.core.swap(ptr::null_mut(), Ordering::AcqRel); // E1 E2
        // SAFETY: a pointer in the seat came from a box, and the swap made it ours.
        (!core.is_null()).then(|| unsafe { Box::from_raw(core) })
    }

    /// How often someone has left. Unchanged from before something was done to after the core was taken: nobody else
    /// had the core after that was done.
    #[inline]
    pub(crate) fn departures(&self) -> usize {
        // Relaxed: who has the core reads what was written before it was put back, E1; and one that leaves after it has
        // seen what was done here writes after the first look.
        self.departures.load(Ordering::Relaxed)
    }

    /// Puts the core back, and lets a thread that waits for it know.
    pub(crate) fn release(&self, core: Box<C>) {
        // Relaxed: nobody else writes it, and the swap below publishes it, E1.
        self.departures.store(self.departures().wrapping_add(1), Ordering::Relaxed);
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
