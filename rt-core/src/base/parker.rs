//! A thread's bed: it sleeps until someone unparks it, and an unpark that comes first isn't lost.
//!
//! ```text
//!            park (1)                    unpark (3)
//!   EMPTY ───────────────▶ PARKED ────────────────────▶ NOTIFIED
//!     │ ▲                    │ timeout (2)                 │
//!     │ └────────────────────┘                             │
//!     │ ▲                 park (4)                         │
//!     │ └──────────────────────────────────────────────────┤
//!     └────────────────────────────────────────────────────▶
//!                        unpark (5)
//! ```
//!
//! E1: `unpark` AcqRel -> `park` Acquire: what was written before the unpark is seen after the park.

use std::time::Duration;

use crate::shim::atomic::{AtomicU32, Ordering};
use crate::shim::sync::{Condvar, Mutex};

const EMPTY: u32 = 0;
const PARKED: u32 = 1;
const NOTIFIED: u32 = 2;

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Parker {
    state: AtomicU32,
    lock: Mutex<()>,
    wake: Condvar,
}

impl Parker {
    pub(crate) fn new() -> Self {
        Self { state: AtomicU32::new(EMPTY), lock: Mutex::new(()), wake: Condvar::new() }
    }

    /// Sleeps until unparked. One thread at a time may park here.
    pub(crate) fn park(&self) {
        if !self.consume() {
            self.sleep(None);
        }
    }

    /// Sleeps until unparked, at most for `limit`; true when it was unparked.
    pub(crate) fn park_timeout(&self, limit: Duration) -> bool {
        self.consume() || (!limit.is_zero() && self.sleep(Some(limit)))
    }

    /// Takes a notification that is already there. (4)
    fn consume(&self) -> bool {
        self.state.compare_exchange(NOTIFIED, EMPTY, Ordering::Acquire, Ordering::Relaxed).is_ok() // E1
    }

    fn sleep(&self, limit: Option<Duration>) -> bool {
        let mut guard = self.lock.lock();
        // (1); a failure means that an unpark came meanwhile. Relaxed: PARKED publishes nothing.
        if self.state.compare_exchange(EMPTY, PARKED, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            self.state.swap(EMPTY, Ordering::Acquire); // E1
            return true;
        }
        loop {
            let mut timed_out = false;
            match limit {
                Some(limit) => (guard, timed_out) = self.wake.wait_timeout(guard, limit),
                None => guard = self.wake.wait(guard),
            }
            if self.consume() {
                return true;
            }
            // A spurious wake-up with a limit ends the park early, which every caller must allow for.
            if timed_out || limit.is_some() {
                // (2); an unpark may have come between the two looks.
                return self.state.swap(EMPTY, Ordering::Acquire) == NOTIFIED; // E1
            }
        }
    }

    /// Wakes the thread that is parked here, or lets the next park return at once. (3, 5)
    pub(crate) fn unpark(&self) {
        // A swap even when it is NOTIFIED already: it publishes what this thread wrote.
        if self.state.swap(NOTIFIED, Ordering::AcqRel) == PARKED {
            // E1
            // The sleeper set PARKED under the lock; passing through it means that it waits by now.
            drop(self.lock.lock());
            self.wake.notify_one();
        }
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
