//! A lock for a few instructions of our own: a line to enter, a node to take out.
//!
//! ```text
//!            lock (1)
//!     FREE ───────────▶ HELD
//!          ◀───────────
//!            drop of the guard (2)
//! ```
//!
//! Nobody sleeps for it, so that letting go of it is a plain store, where a lock with sleepers needs a
//! read-modify-write to learn of them: that is a fifth of what a notification costs. And a holder never finds that it has
//! to wake somebody by a system call, which under contention took longer than all that was done under the lock.
//!
//! What is held for longer, or while code runs that isn't ours, has no business here, unless that is over soon as a rule and
//! what it uses is its own. A holder that is preempted is waited for with `yield_now`, which lets it run; and if it
//! isn't run for that, as its priority is lower, or takes its time, in short sleeps.
//!
//! E1: the guard's drop Release -> `lock` Acquire: what was done under the latch is seen by the next holder.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::shim::atomic::{AtomicBool, Ordering};
use crate::shim::cell::UnsafeCell;
use crate::shim::{hint, scaled};

/// Looks at a latch that is held, before the holder is taken for preempted.
const SPINS: usize = scaled(200, 0);

/// How one waits for somebody who is about to be done.
pub(crate) struct Spin(usize);

impl Spin {
    #[inline]
    pub(crate) const fn new() -> Self {
        Self(0)
    }

    /// Lets some time pass.
    #[cold]
    pub(crate) fn turn(&mut self) {
        if self.0 < SPINS {
            hint::spin_loop();
        } else {
            hint::wait_for_holder(self.0 - SPINS);
        }
        self.0 += 1;
    }
}

/// See the module's documentation.
pub(crate) struct Latch<T> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: it gives access to one at a time, and sending it sends the value.
unsafe impl<T: Send> Send for Latch<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Latch<T> {}

// A panic lets go of it, and what is done under it is never left halfway by one.
impl<T> UnwindSafe for Latch<T> {}
impl<T> RefUnwindSafe for Latch<T> {}

impl<T> Latch<T> {
    #[cfg(not(loom))]
    pub(crate) const fn new(value: T) -> Self {
        Self { held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    #[cfg(loom)]
    pub(crate) fn new(value: T) -> Self {
        Self { held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Waits until nobody holds it. (1)
    #[inline]
    pub(crate) fn lock(&self) -> LatchGuard<'_, T> {
        if !self.take() {
            self.wait();
        }
        LatchGuard { latch: self, _not_send: PhantomData }
    }

    #[inline]
    fn take(&self) -> bool {
        // Relaxed when it fails: then nothing was learned but that.
        self.held.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok() // E1
    }

    #[cold]
    fn wait(&self) {
        let mut spin = Spin::new();
        loop {
            // Relaxed: a look that leaves the cache line where it is until it's worth trying.
            while self.held.load(Ordering::Relaxed) {
                spin.turn();
            }
            if self.take() {
                return;
            }
        }
    }
}

/// The right to the value of a [`Latch`].
pub(crate) struct LatchGuard<'a, T> {
    latch: &'a Latch<T>,
    _not_send: PhantomData<*mut ()>,
}

impl<T> Drop for LatchGuard<'_, T> {
    /// (2)
    #[inline]
    fn drop(&mut self) {
        self.latch.held.store(false, Ordering::Release); // E1
    }
}

impl<T> Deref for LatchGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: whoever has the guard has the value for itself, until it is dropped.
        self.latch.value.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for LatchGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above.
        self.latch.value.with_mut(|value| unsafe { &mut *value })
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
