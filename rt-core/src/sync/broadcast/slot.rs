//! A place in the ring, for one value at a time.
//!
//! ```text
//!              put (1)                       see, skip (2)
//!   FREE ─────────────────▶ HELD(p, n) ─────────────────────▶ HELD(p, n - 1), FREE when that is 0
//!                               │
//!                               └── put (3) ──▶ HELD(p + capacity, m): the value is evicted
//! ```
//!
//! HELD(p, n) holds the value of position `p`, which `n` receivers have yet to see: those that were there when it
//! was sent, less those that have seen it or have gone. Each arrow is taken under the lock of the slot, (1) and
//! (3) under that of the ring's end as well. What isn't in the lock repeats what happens under it, for a look
//! from outside; there the position is `NEVER` before the first value.
//!
//! All is Relaxed, since the lock orders what counts; the look from outside tells of a moment that may be over, and
//! gives no access.
//!
//! The lock is a latch, though `Clone` runs under it, which may take long: most of what receiving costs is
//! that the receivers of all workers want the same line of memory, and a lock with sleepers wants it twice. Who waits for a long
//! `Clone` sleeps in short turns.

use crate::base::Latch;
use crate::shim::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The position of no value: it takes centuries to send so many.
const NEVER: u64 = u64::MAX;

/// See the module's documentation. Each has a line of memory to itself, or receivers would be in the way of those that
/// are at the next slot.
#[repr(align(64))]
pub(super) struct Slot<T> {
    /// Written under the lock.
    position: AtomicU64,
    /// Written under the lock: how many receivers have yet to see the value.
    unseen: AtomicUsize,
    value: Latch<Option<T>>,
}

impl<T> Slot<T> {
    pub(super) fn new() -> Self {
        Self { position: AtomicU64::new(NEVER), unseen: AtomicUsize::new(0), value: Latch::new(None) }
    }

    /// Holds `value` from now on; returns what it held before, to be dropped outside of all locks. (1, 3)
    ///
    /// The value comes back when somebody is at the slot: to [wait](Self::wait) for it under the lock of the ring's end would
    /// be to wait for a `Clone`.
    pub(super) fn put(&self, position: u64, unseen: usize, value: T) -> Result<Option<T>, T> {
        let Some(mut held) = self.value.try_lock() else { return Err(value) };
        self.position.store(position, Ordering::Relaxed);
        self.unseen.store(unseen, Ordering::Relaxed);
        Ok(held.replace(value))
    }

    /// Waits until whoever is at the slot is done.
    #[cold]
    pub(super) fn wait(&self) {
        drop(self.value.lock());
    }

    /// The value of position `next`, which is counted up; none when this isn't here. (2)
    ///
    /// It is counted as seen before it is cloned, since `Clone` may panic. The last one that sees it takes it out of the slot,
    /// and clones and drops it with nobody waiting.
    #[inline]
    pub(super) fn see(&self, next: &mut u64) -> Option<T>
    where
        T: Clone,
    {
        let mut held = self.value.lock();
        if !self.count(*next) {
            return None;
        }
        *next += 1;
        if self.unseen.load(Ordering::Relaxed) > 0 {
            return held.clone();
        }
        let last = held.take();
        drop(held);
        last.clone()
    }

    /// Does without the value of `position`; returns it when nobody else wants it. (2)
    #[must_use]
    pub(super) fn skip(&self, position: u64) -> Option<T> {
        let mut held = self.value.lock();
        if self.count(position) && self.unseen.load(Ordering::Relaxed) == 0 { held.take() } else { None }
    }

    /// Under the lock: one receiver less has to see the value of `position`; false when it isn't here.
    #[inline]
    fn count(&self, position: u64) -> bool {
        if self.position.load(Ordering::Relaxed) != position {
            return false;
        }
        let unseen = self.unseen.load(Ordering::Relaxed);
        debug_assert!(unseen > 0, "seen by more receivers than there were");
        self.unseen.store(unseen - 1, Ordering::Relaxed);
        true
    }

    /// Whether the value of `position` is here and some receiver has yet to see it.
    pub(super) fn is_queued(&self, position: u64) -> bool {
        self.position.load(Ordering::Relaxed) == position && self.unseen.load(Ordering::Relaxed) > 0
    }
}
