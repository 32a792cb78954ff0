//! A spin lock for critical sections of a few dozen nanoseconds.
//!
//! Taking `std`'s mutex and giving it back are two read-modify-writes; here the second is a plain store. That
//! pays where a lock is taken twice in the life of a timer, and is nearly always free: a driver's structures
//! are used by its own thread. No code that isn't ours (wakers) and no system call may run inside, unless the
//! lock is one that everyone only tries (`try_with`).
//!
//! E1: unlock Release -> lock Acquire: the next holder sees what the last one wrote.

use crate::shim;
use crate::shim::atomic::{AtomicBool, Ordering};
use crate::shim::cell::UnsafeCell;

/// Rounds of busy waiting before the thread lets others run: the holder may have lost its processor.
const SPINS: usize = shim::scaled(64, 0);

/// See the module's documentation.
pub(crate) struct Lock<T> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `held` gives the value to one thread at a time, so sharing the lock sends the value around.
unsafe impl<T: Send> Sync for Lock<T> {}
// SAFETY: the lock owns the value.
unsafe impl<T: Send> Send for Lock<T> {}

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Runs `f` on the value, alone.
    #[inline]
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        if !self.take() {
            self.wait();
        }
        let _held = Held(&self.held);
        // SAFETY: the flag went from false to true by our hand, and `Held` puts it back after the use.
        self.value.with_mut(|value| f(unsafe { &mut *value }))
    }

    /// Runs `f` on the value unless someone else is at it.
    #[inline]
    pub(crate) fn try_with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        if !self.take() {
            return None;
        }
        let _held = Held(&self.held);
        // SAFETY: as in `with`.
        Some(self.value.with_mut(|value| f(unsafe { &mut *value })))
    }

    #[inline]
    fn take(&self) -> bool {
        self.held.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok() // E1
    }

    #[cold]
    fn wait(&self) {
        for _ in 0..SPINS {
            // Looking is cheaper than taking: the line stays shared until the lock is free. Relaxed: `take` is
            // what synchronizes.
            if !self.held.load(Ordering::Relaxed) && self.take() {
                return;
            }
            shim::hint::spin_loop();
        }
        while !self.take() {
            shim::thread::yield_now();
        }
    }
}

/// Unlocks on drop, so also when the critical section panics.
struct Held<'a>(&'a AtomicBool);

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release); // E1
    }
}

impl<T> std::fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lock")
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
