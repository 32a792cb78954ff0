//! One place for one waker: a single consumer registers, any thread wakes.
//!
//! ```text
//!               replace (1)                    take (3)
//!   REGISTERING ◀────────── IDLE ──────────────────────────▶ WAKING
//!        │  └──────────────▶                ◀───────────────────┘
//!        │      stored (2)                       taken (4)
//!        │ take (5)
//!        ▼
//!   REGISTERING | WAKING ── stored (6): wakes the waker itself ──▶ IDLE
//! ```
//!
//! The slot is the registrant's in REGISTERING, the taker's in WAKING, and whoever takes next may have it in
//! IDLE. A `take` that meets a registration leaves its mark (5), and the registrant wakes itself (6).
//!
//! E1: `replace` (2) Release -> `take` (3) Acquire: the waker is whole.
//! E2: `take` (4) Release -> `replace` (1) Acquire: the slot is empty again.
//! E3: `take` (5) Release -> `replace` (6) Acquire: what the waking thread wrote is seen by the poll to come.
//! A `take` is AcqRel even when it finds WAKING: two threads that wake at once must both be seen (E3).

use std::task::Waker;

use crate::shim;
use crate::shim::atomic::{AtomicU8, Ordering};
use crate::shim::cell::UnsafeCell;

const IDLE: u8 = 0;
const REGISTERING: u8 = 1;
const WAKING: u8 = 2;

/// See the module's documentation.
pub(crate) struct AtomicWaker {
    state: AtomicU8,
    waker: UnsafeCell<Option<Waker>>,
}

// SAFETY: the state word gives the slot to one thread at a time, and a waker may move between threads.
unsafe impl Send for AtomicWaker {}
// SAFETY: as above.
unsafe impl Sync for AtomicWaker {}

impl AtomicWaker {
    pub(crate) fn new() -> Self {
        Self { state: AtomicU8::new(IDLE), waker: UnsafeCell::new(None) }
    }

    /// Makes `waker` the one to wake, and returns the waker of before, whose drop may be anybody's code. After it, the
    /// caller must look once more at what it waits for: a wake that came before isn't repeated.
    ///
    /// Only one thread may register at a time; two that do so by mistake get a spurious wake-up, no more.
    #[must_use]
    pub(crate) fn replace(&self, waker: &Waker) -> Option<Waker> {
        match self.state.compare_exchange(IDLE, REGISTERING, Ordering::Acquire, Ordering::Acquire) {
            // E2
            Ok(_) => self.store(waker),
            // A wake is under way, for the waker of before: it may be too late for it to see ours.
            Err(_) => {
                shim::hint::spin_loop();
                waker.wake_by_ref();
                None
            }
        }
    }

    fn store(&self, waker: &Waker) -> Option<Waker> {
        /// Gives the slot back, also when cloning or dropping a waker panics.
        struct Done<'a>(&'a AtomicWaker);
        impl Drop for Done<'_> {
            fn drop(&mut self) {
                self.0.finish_replace();
            }
        }

        // SAFETY: REGISTERING makes the slot ours until `finish_replace`.
        let same =
            self.waker.with(|slot| unsafe { (*slot).as_ref().is_some_and(|old| old.will_wake(waker)) });
        let done = Done(self);
        let mut old = None;
        if !same {
            let new = waker.clone();
            // SAFETY: as above.
            old = self.waker.with_mut(|slot| unsafe { (*slot).replace(new) });
        }
        drop(done);
        old
    }

    fn finish_replace(&self) {
        let idle = self.state.compare_exchange(REGISTERING, IDLE, Ordering::AcqRel, Ordering::Acquire); // E1 E3
        if idle.is_err() {
            // SAFETY: a taker left its mark and went; the slot is still ours.
            let waker = self.waker.with_mut(|slot| unsafe { (*slot).take() });
            self.state.swap(IDLE, Ordering::AcqRel); // E1 E3
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    /// Wakes the registered waker, if any.
    pub(crate) fn wake(&self) {
        if let Some(waker) = self.take() {
            waker.wake();
        }
    }

    /// Takes the registered waker out, to be woken later.
    pub(crate) fn take(&self) -> Option<Waker> {
        match self.state.fetch_or(WAKING, Ordering::AcqRel) {
            // E1 E3
            IDLE => {
                // SAFETY: WAKING over IDLE makes the slot ours until it is cleared.
                let waker = self.waker.with_mut(|slot| unsafe { (*slot).take() });
                self.state.fetch_and(!WAKING, Ordering::Release); // E2
                waker
            }
            // The registrant sees the mark and wakes itself, or another thread is waking already.
            _ => None,
        }
    }
}

impl std::fmt::Debug for AtomicWaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AtomicWaker")
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
