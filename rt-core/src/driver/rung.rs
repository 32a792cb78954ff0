//! Which signals came since this thread's driver was last turned.
//!
//! Signals are numbered as they come. A worker notes the last number whenever it has turned its driver, so that one with
//! a higher number is still news to the tasks that it runs: as if the driver brought signals with its turns, like any
//! event. On a thread that is no worker nothing is news.
//!
//! Not modelled: one counter that only grows. Relaxed everywhere: whoever is handed a number by other means (see
//! `signal/listener.rs`) compares it, and a count that is seen late makes a signal news for one turn more.
#![forbid(unsafe_code)]

use std::cell::Cell;

use crate::shim;
use crate::shim::atomic::{AtomicUsize, Ordering};

shim::global! { static RUNG: AtomicUsize = AtomicUsize::new(0); }

shim::thread_slot! {
    // Without a destructor, so that reading it needs no check.
    static HEARD: Cell<usize> = Cell::new(NOTHING_IS_NEWS)
}

const NOTHING_IS_NEWS: usize = usize::MAX;

/// Numbers a signal, from one. For its handler: it only adds to an atomic number.
pub(crate) fn ring() -> usize {
    RUNG.fetch_add(1, Ordering::Relaxed) + 1 // Relaxed: see the header.
}

/// Whether the signal of this number came after the driver's last turn.
pub(crate) fn is_news(number: usize) -> bool {
    number > HEARD.with(Cell::get)
}

/// The driver has been turned.
#[inline]
pub(crate) fn turned() {
    HEARD.with(|heard| heard.set(RUNG.load(Ordering::Relaxed))); // Relaxed: see the header.
}

/// The calling thread is a worker, with a driver that has just been turned, until the guard is dropped.
#[must_use]
pub(crate) struct Hearing {
    before: usize,
}

impl Hearing {
    #[inline]
    pub(crate) fn start() -> Self {
        let before = HEARD.with(Cell::get);
        turned();
        Self { before }
    }
}

impl Drop for Hearing {
    #[inline]
    fn drop(&mut self) {
        HEARD.with(|heard| heard.set(self.before));
    }
}
