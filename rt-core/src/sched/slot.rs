//! What a worker owns, in the part that others may reach.

use std::ptr::NonNull;

use super::config::Config;
use super::counters::Counters;
use super::gather::WakesForLittle;
use super::lifo::LifoSlot;
use super::queue::{Item, RunQueue};
use super::worker::Core;
use crate::cell::Notified;
use crate::driver::Driver;
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

/// Its queue, LIFO slot, driver and counters.
pub(crate) struct Slot {
    pub(crate) queue: RunQueue<Notified>,
    pub(crate) lifo: LifoSlot<Notified>,
    pub(crate) driver: Arc<Driver>,
    pub(crate) counters: Counters,
    pub(super) wakes_for_little: WakesForLittle,
    /// The core on its way from one thread to another.
    pub(crate) handoff: Mutex<Option<Box<Core>>>,
}

impl Slot {
    /// How many tasks are queued here, as seen from any thread.
    pub(crate) fn queue_depth(&self) -> usize {
        self.queue.len() + self.counters.own.read() as usize
    }

    pub(crate) fn new(driver: Arc<Driver>, config: &Config) -> Self {
        Self {
            queue: RunQueue::new(),
            lifo: LifoSlot::new(),
            driver,
            counters: Counters::new(config),
            wakes_for_little: WakesForLittle::default(),
            handoff: Mutex::new(None),
        }
    }
}
