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
//! The lock is held for a few instructions. `Clone` is code that isn't ours: it may take long, wait for another
//! thread, or use the channel. So a receiver lends the value from the slot, clones it with no lock held, and brings it
//! back, unless it's the last one that sees it. The lock's word says so:
//!
//! ```text
//!          lock (4)              lend (6)
//!     FREE ────────▶ LOCKED ────────────────▶ LENT: the value is in the frame of the receiver that clones it
//!          ◀────────   │  ▲      lock (4)       │
//!         unlock (5)   │  └────────────────────┘
//!                      └──▶ LENT, if it was LENT before and still is (5)
//! ```
//!
//! Senders, and receivers that leave, lock a slot that is LENT like any other: to (2) and (3) it makes no difference where
//! the value is. One that was evicted meanwhile, or that all have seen, is dropped when it comes back; (3) has made the
//! slot FREE. Who wants to clone a value that is LENT waits until it's back, since values needn't be `Sync`; but not on the
//! thread that has it, whose `Clone` is receiving with another receiver then, and may use the value as it does itself.
//!
//! So the word and the count tell where the value is: in the slot, when that is FREE and somebody has yet to see it; else
//! the slot holds nothing. That needs no flag beside the value, to be written each time it goes and comes.
//!
//! E1: `unlock` Release -> `lock`, `enter` Acquire: what was done under the lock is seen by the next holder.
//! All else is Relaxed, since the lock orders what counts; the look from outside tells of a moment that may be over, and
//! gives no access.

use std::mem::{ManuallyDrop, MaybeUninit};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr;

use crate::base::{Spin, thread_number};
use crate::shim::atomic::{AtomicPtr, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;

/// The position of no value: it takes centuries to send so many.
const NEVER: u64 = u64::MAX;

const FREE: u8 = 0;
const LENT: u8 = 1;
const LOCKED: u8 = 2;

/// The lock's word; see the module's documentation.
struct Lock(AtomicU8);

/// What somebody who wants to clone the value may do.
#[must_use]
enum Entry {
    /// The slot is locked; no value is lent.
    Locked,
    /// The slot is locked; the value is lent to the calling thread.
    Mine,
}

impl Lock {
    /// Waits until nobody holds it; what it was, to be restored. It is taken for `likely`, without a look. (4)
    #[inline]
    fn lock(&self, likely: u8) -> u8 {
        if self.exchange(likely) { likely } else { self.wait() }
    }

    #[cold]
    fn wait(&self) -> u8 {
        let mut spin = Spin::new();
        loop {
            // Relaxed: a stale value makes the exchange fail.
            let was = self.0.load(Ordering::Relaxed);
            if was != LOCKED && self.exchange(was) {
                return was;
            }
            spin.turn();
        }
    }

    /// Waits until nobody holds it, and no other thread has the value. (4)
    #[inline]
    fn enter(&self, lent_to: &AtomicUsize) -> Entry {
        if self.exchange(FREE) { Entry::Locked } else { self.wait_to_enter(lent_to) }
    }

    #[cold]
    fn wait_to_enter(&self, lent_to: &AtomicUsize) -> Entry {
        // Relaxed: first a guess, then under the lock. A thread doesn't take itself for another.
        let is_mine = || lent_to.load(Ordering::Relaxed) == thread_number();
        let mut spin = Spin::new();
        loop {
            // Relaxed: as above.
            match self.0.load(Ordering::Relaxed) {
                FREE if self.exchange(FREE) => return Entry::Locked,
                LENT if is_mine() && self.exchange(LENT) => {
                    if is_mine() {
                        return Entry::Mine;
                    }
                    // Evicted meanwhile, and another was lent.
                    self.unlock(LENT);
                }
                _ => spin.turn(),
            }
        }
    }

    #[inline]
    fn exchange(&self, was: u8) -> bool {
        // Relaxed when it fails: then nothing was learned but that.
        self.0.compare_exchange(was, LOCKED, Ordering::Acquire, Ordering::Relaxed).is_ok() // E1
    }

    /// Held until now. (5)
    #[inline]
    fn unlock(&self, now: u8) {
        self.0.store(now, Ordering::Release); // E1
    }
}

/// See the module's documentation. Each has a line of memory to itself, or receivers would be in the way of those that
/// are at the next slot.
#[repr(align(64))]
pub(super) struct Slot<T> {
    /// Written under the lock.
    position: AtomicU64,
    /// Written under the lock: how many receivers have yet to see the value.
    unseen: AtomicUsize,
    lock: Lock,
    /// The number of the thread that the value was lent to last. Written under the lock.
    lent_to: AtomicUsize,
    /// While LENT: where the value is. Written under the lock.
    lent: AtomicPtr<Lent<T>>,
    /// Here while somebody has yet to see it, unless it's lent. Touched under the lock.
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: values are touched under the lock, or by the one thread that they are lent to.
unsafe impl<T: Send> Send for Slot<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Slot<T> {}

// A panic of `Clone` brings the value back, and nothing else that isn't ours runs while a slot is between two states.
impl<T> UnwindSafe for Slot<T> {}
impl<T> RefUnwindSafe for Slot<T> {}

/// A value in the frame of who clones it. There until it's brought back, and touched by that thread alone.
type Lent<T> = UnsafeCell<ManuallyDrop<T>>;

impl<T> Slot<T> {
    pub(super) fn new() -> Self {
        Self {
            position: AtomicU64::new(NEVER),
            unseen: AtomicUsize::new(0),
            lock: Lock(AtomicU8::new(FREE)),
            lent_to: AtomicUsize::new(0),
            lent: AtomicPtr::new(ptr::null_mut()),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Holds `value` from now on, which somebody has yet to see; returns what it held before, to be dropped outside of all
    /// locks. (1, 3)
    pub(super) fn put(&self, position: u64, unseen: usize, value: T) -> Option<T> {
        let was = self.lock.lock(FREE);
        let here = was == FREE && self.unseen.load(Ordering::Relaxed) > 0;
        // SAFETY: the slot is locked, and somebody had yet to see a value that isn't lent.
        let before = here.then(|| unsafe { self.take() });
        self.position.store(position, Ordering::Relaxed);
        self.unseen.store(unseen, Ordering::Relaxed);
        // SAFETY: the slot is locked, and holds no value.
        unsafe { self.set(value) };
        self.lock.unlock(FREE);
        before
    }

    /// The value of position `next`, which is counted up; none when this isn't here. (2, 6)
    ///
    /// It is counted as seen before it is cloned, since `Clone` may panic.
    #[inline]
    pub(super) fn see(&self, next: &mut u64) -> Option<T>
    where
        T: Clone,
    {
        let position = *next;
        let entry = self.lock.enter(&self.lent_to);
        if let Entry::Mine = entry {
            return self.see_mine(next);
        }
        if !self.is_at(position) {
            self.lock.unlock(FREE);
            return None;
        }
        *next += 1;
        let last = self.count() == 0;
        // SAFETY: the slot is locked, and somebody had yet to see the value, which isn't lent.
        let value = unsafe { self.take() };
        if last {
            self.lock.unlock(FREE);
            return Some(value.clone());
        }
        let lent = Lent::new(ManuallyDrop::new(value));
        self.lent.store((&raw const lent).cast_mut(), Ordering::Relaxed);
        self.lent_to.store(thread_number(), Ordering::Relaxed);
        self.lock.unlock(LENT);
        let debt = Debt { slot: self, position, lent: &lent };
        // SAFETY: it is lent to this thread.
        Some(unsafe { copy(debt.lent) })
    }

    /// As `see`, with the slot locked, when a caller of ours is cloning its value.
    #[cold]
    fn see_mine(&self, next: &mut u64) -> Option<T>
    where
        T: Clone,
    {
        let here = self.is_at(*next);
        if here {
            *next += 1;
            let _ = self.count();
        }
        let lent: *const Lent<T> = self.lent.load(Ordering::Relaxed);
        self.lock.unlock(LENT);
        // SAFETY: it is lent to this thread, and so to a caller of ours, in whose frame it stays.
        here.then(|| unsafe { copy(&*lent) })
    }

    /// Brings back the value of `position` that was lent.
    #[inline]
    fn bring_back(&self, position: u64, value: T) {
        let was = self.lock.lock(LENT);
        if !self.is_at(position) {
            // Evicted. Another may be lent.
            self.lock.unlock(was);
        } else if self.unseen.load(Ordering::Relaxed) == 0 {
            self.lock.unlock(FREE);
        } else {
            // SAFETY: the slot is locked, and holds no value: this is the one.
            unsafe { self.set(value) };
            self.lock.unlock(FREE);
        }
    }

    /// Does without the value of `position`; returns it when nobody else wants it. (2)
    #[must_use]
    pub(super) fn skip(&self, position: u64) -> Option<T> {
        let was = self.lock.lock(FREE);
        let last = self.is_at(position) && self.count() == 0;
        // SAFETY: the slot is locked, and the value, which had yet to be seen, isn't lent.
        let value = (last && was == FREE).then(|| unsafe { self.take() });
        self.lock.unlock(was);
        value
    }

    /// # Safety
    ///
    /// The slot is locked and holds the value, which it doesn't when it's unlocked.
    #[inline]
    unsafe fn take(&self) -> T {
        // SAFETY: the caller's promise.
        self.value.with(|held| unsafe { (*held).assume_init_read() })
    }

    /// # Safety
    ///
    /// The slot is locked and holds no value, which it does when it's unlocked.
    #[inline]
    unsafe fn set(&self, value: T) {
        // SAFETY: the caller's promise.
        self.value.with_mut(|held| unsafe { (*held).write(value) });
    }

    #[inline]
    fn is_at(&self, position: u64) -> bool {
        self.position.load(Ordering::Relaxed) == position
    }

    /// Under the lock: one receiver less has to see the value; how many are left.
    #[inline]
    fn count(&self) -> usize {
        let unseen = self.unseen.load(Ordering::Relaxed);
        debug_assert!(unseen > 0, "seen by more receivers than there were");
        self.unseen.store(unseen - 1, Ordering::Relaxed);
        unseen - 1
    }

    /// Whether the value of `position` is here, or lent, and some receiver has yet to see it.
    pub(super) fn is_queued(&self, position: u64) -> bool {
        self.is_at(position) && self.unseen.load(Ordering::Relaxed) > 0
    }
}

impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        // Nobody clones it any more: its receiver would be there.
        if self.unseen.load(Ordering::Relaxed) > 0 {
            // SAFETY: nobody else is there, and somebody had yet to see the value.
            drop(unsafe { self.take() });
        }
    }
}

/// # Safety
///
/// The value is lent to the calling thread, and isn't brought back before this returns.
#[inline]
unsafe fn copy<T: Clone>(lent: &Lent<T>) -> T {
    // SAFETY: no other thread touches it, and this one changes it only to bring it back.
    lent.with(|value| T::clone(unsafe { &*value }))
}

/// That a value is to be brought back, also when its `Clone` panics.
struct Debt<'a, T> {
    slot: &'a Slot<T>,
    position: u64,
    lent: &'a Lent<T>,
}

impl<T> Drop for Debt<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it's lent to this thread, which is done with it.
        let value = self.lent.with_mut(|value| unsafe { ManuallyDrop::take(&mut *value) });
        self.slot.bring_back(self.position, value);
    }
}
