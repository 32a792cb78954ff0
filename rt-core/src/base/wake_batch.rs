//! Wakers collected under a lock and woken outside it.

use std::mem::MaybeUninit;
use std::task::Waker;

use super::contain;

const CAPACITY: usize = 32;

/// Up to 32 wakers on the stack.
///
/// Wakers run code that isn't ours, which may take locks or panic: it must never run under a lock of ours.
/// A waker that panics doesn't keep the others from being woken.
pub(crate) struct WakeBatch {
    wakers: [MaybeUninit<Waker>; CAPACITY],
    start: usize,
    end: usize,
}

impl WakeBatch {
    pub(crate) const fn new() -> Self {
        Self { wakers: [const { MaybeUninit::uninit() }; CAPACITY], start: 0, end: 0 }
    }

    /// Whether another waker fits; when not, release the lock and call [`wake_all`](Self::wake_all).
    pub(crate) const fn has_room(&self) -> bool {
        self.end < CAPACITY
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.end - self.start
    }

    /// Adds a waker.
    ///
    /// # Panics
    ///
    /// When the batch is full.
    pub(crate) fn push(&mut self, waker: Waker) {
        assert!(self.has_room(), "wake batch is full");
        self.wakers[self.end].write(waker);
        self.end += 1;
    }

    /// Wakes all, in the order they came, and is empty again.
    ///
    /// The panic of a waker ends here: it concerns neither the other wakers nor the caller, who may have taken
    /// a message or a permit that an unwinding would lose. The panic hook has told of it.
    pub(crate) fn wake_all(&mut self) {
        while let Some(waker) = self.take() {
            contain(|| waker.wake());
        }
        (self.start, self.end) = (0, 0);
    }

    fn take(&mut self) -> Option<Waker> {
        if self.start == self.end {
            return None;
        }
        let index = self.start;
        self.start += 1;
        // SAFETY: slots from `start` to `end` are initialized, and `start` has moved past this one.
        Some(unsafe { self.wakers[index].assume_init_read() })
    }
}

impl Drop for WakeBatch {
    fn drop(&mut self) {
        while self.take().is_some() {}
    }
}
