//! What a worker owns, in the part that others may reach: its queue, LIFO slot, driver, registry, counters.
//!
//! The LIFO slot holds the task that was woken last by the one that runs now, which finds what it needs warm
//! in the cache. Its owner puts and takes it, and `rescue` takes it from a worker that is stuck.
//!
//! E1: `put_lifo` AcqRel -> `take_lifo` Acquire: the task behind the pointer is whole.

use std::ptr::{self, NonNull};

use super::counters::Counters;
use super::queue::{Item, RunQueue};
use super::worker::Core;
use crate::cell::Notified;
use crate::driver::Driver;
use crate::shim::atomic::{AtomicPtr, Ordering};
use crate::shim::sync::{Arc, Mutex};

impl Item for Notified {
    fn into_raw(self) -> NonNull<()> {
        Notified::into_raw(self).cast()
    }

    unsafe fn from_raw(raw: NonNull<()>) -> Self {
        // SAFETY: the caller gives back what `into_raw` gave, once.
        unsafe { Notified::from_raw(raw.cast()) }
    }
}

/// See the module's documentation.
pub(crate) struct Slot {
    pub(crate) queue: RunQueue<Notified>,
    lifo: AtomicPtr<()>,
    pub(crate) driver: Arc<Driver>,
    pub(crate) counters: Counters,
    /// The core on its way from one thread to another.
    pub(crate) handoff: Mutex<Option<Box<Core>>>,
}

impl Slot {
    pub(crate) fn new(driver: Arc<Driver>) -> Self {
        Self {
            queue: RunQueue::new(),
            lifo: AtomicPtr::new(ptr::null_mut()),
            driver,
            counters: Counters::default(),
            handoff: Mutex::new(None),
        }
    }

    /// Puts a task into the LIFO slot, and gives back the one that was there. For the owner.
    #[inline]
    pub(crate) fn put_lifo(&self, task: Notified) -> Option<Notified> {
        let raw = Item::into_raw(task).as_ptr();
        let before = self.lifo.swap(raw, Ordering::AcqRel); // E1
        // SAFETY: what the slot held was put by `put_lifo`, and the swap made it ours.
        NonNull::new(before).map(|raw| unsafe { Item::from_raw(raw) })
    }

    /// Takes the task out of the LIFO slot. For any thread.
    #[inline]
    pub(crate) fn take_lifo(&self) -> Option<Notified> {
        // Relaxed: only saves the swap when there is nothing, which is the usual case.
        if self.lifo.load(Ordering::Relaxed).is_null() {
            return None;
        }
        let raw = self.lifo.swap(ptr::null_mut(), Ordering::Acquire); // E1
        // SAFETY: as in `put_lifo`.
        NonNull::new(raw).map(|raw| unsafe { Item::from_raw(raw) })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        drop(self.take_lifo());
    }
}
