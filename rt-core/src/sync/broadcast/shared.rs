//! What senders and receivers share: the ring, its end, and the line of those that wait for more.
//!
//! Values are numbered by their positions, from 0. The value of position `p` lies in slot `p % capacity`, as
//! long as it isn't evicted by that of `p + capacity`. A receiver knows the position it wants next.
//!
//! Two kinds of locks exist: that of the end, and one in each slot (`slot.rs`). No code that isn't ours runs under either.
//! Who holds the end may lock a slot. A receiver goes by the end, without its lock; if it is short of it, it locks the slot, and
//! finds its value there unless that has been evicted. The end is put forward after the slot was filled, with the lock held
//! over both: so who holds the lock and is short of the end by no more than the capacity finds its value in the slot.
//!
//! The line (`positions.rs`) holds receivers by the positions they wait for.
//!
//! E1: `part` AcqRel -> `strong_count` Acquire: who sees that there is no sender sees all that was sent.
//! E2: `leave` Release -> `receivers` Acquire: what a receiver's owner did before it dropped it is seen by who sees it
//! gone.
//! E3: `send` Release -> `end` Acquire: who is short of the end finds its value (or a later one) in its slot.
//! Relaxed is what is read under the lock that it is written under, and what only counts.

use super::slot::Slot;
use crate::base::{CachePadded, Latch, List};
use crate::shim::atomic::{AtomicU64, AtomicUsize, Ordering};
use crate::shim::sync::Arc;
use crate::sync::Notify;
use crate::sync::positions::{self, Locked};
use crate::sync::waiter::Line;

/// Far from an overflow that could be reached by leaking receivers.
const MAX_RECEIVERS: usize = usize::MAX >> 2;

pub(super) struct Shared<T> {
    slots: Box<[Slot<T>]>,
    /// The position of the next value to be sent. Written under the lock.
    end: AtomicU64,
    /// How many receivers there are. Written under the lock.
    receivers: AtomicUsize,
    /// Its lock is that of the end.
    line: CachePadded<Line>,
    strong: AtomicUsize,
    weak: AtomicUsize,
    /// Tells of the drop of the last receiver.
    pub(super) abandoned: Notify,
}

impl<T> Shared<T> {
    /// For a ring of `capacity`, with one sender and no receiver.
    #[track_caller]
    pub(super) fn allocate(capacity: usize) -> Arc<Self> {
        assert!(capacity > 0, "a broadcast channel can't have a capacity of zero");
        assert!(capacity <= usize::MAX >> 1, "a broadcast channel's capacity may be usize::MAX / 2 at most");
        Arc::new(Self {
            slots: (0..capacity.next_power_of_two()).map(|_| Slot::new()).collect(),
            end: AtomicU64::new(0),
            receivers: AtomicUsize::new(0),
            line: CachePadded::new(Latch::new(List::new())),
            strong: AtomicUsize::new(1),
            weak: AtomicUsize::new(0),
            abandoned: Notify::new(),
        })
    }

    #[inline]
    pub(super) fn slot(&self, position: u64) -> &Slot<T> {
        // Truncating is what is meant: the length is a power of two.
        &self.slots[position as usize & (self.slots.len() - 1)]
    }

    /// The position of the next value to be sent.
    pub(super) fn end(&self) -> u64 {
        self.end.load(Ordering::Acquire) // E3
    }

    pub(super) fn receivers(&self) -> usize {
        self.receivers.load(Ordering::Acquire) // E2
    }

    /// Whether all senders are gone. Look at this first and at the end afterwards, which then is final.
    pub(super) fn is_closed(&self) -> bool {
        self.strong_count() == 0
    }

    pub(super) fn line(&self) -> &Line {
        &self.line
    }

    /// How many values a receiver that wants `next` has missed, at that moment of the lock; and then
    /// where to go on.
    pub(super) fn missed(&self, _lock: &Locked<'_>, next: u64) -> Option<(u64, u64)> {
        let oldest = self.end().saturating_sub(self.slots.len() as u64);
        (next < oldest).then(|| (oldest - next, oldest))
    }

    /// Gives the value to all receivers, and their number; or gives it back when there are none.
    pub(super) fn send(&self, value: T) -> Result<usize, T> {
        let lock = self.line.lock();
        let receivers = self.receivers.load(Ordering::Relaxed);
        if receivers == 0 {
            return Err(value);
        }
        let position = self.end.load(Ordering::Relaxed);
        let evicted = self.slot(position).put(position, receivers, value);
        self.end.store(position + 1, Ordering::Release); // E3
        if lock.is_empty() {
            drop(lock);
        } else {
            positions::wake(&self.line, lock, Some(position + 1), || ());
        }
        drop(evicted);
        Ok(receivers)
    }

    /// Counts a receiver in; the position of the first value it gets.
    #[track_caller]
    pub(super) fn enter(&self) -> u64 {
        let lock = self.line.lock();
        let receivers = self.receivers.load(Ordering::Relaxed);
        let end = self.end.load(Ordering::Relaxed);
        let full = receivers == MAX_RECEIVERS;
        if !full {
            self.receivers.store(receivers + 1, Ordering::Relaxed);
        }
        drop(lock);
        assert!(!full, "a broadcast channel has too many receivers");
        end
    }

    /// Counts a receiver out that wanted `next`: gives up what it hasn't seen.
    pub(super) fn leave(&self, next: u64) {
        let lock = self.line.lock();
        let receivers = self.receivers.load(Ordering::Relaxed) - 1;
        self.receivers.store(receivers, Ordering::Release); // E2
        let end = self.end.load(Ordering::Relaxed);
        drop(lock);
        let next = next.max(end.saturating_sub(self.slots.len() as u64));
        Farewell { shared: self, next, end, last: receivers == 0 }.skip();
    }

    /// Counts one more sender, by an existing one.
    pub(super) fn join(&self) {
        // Relaxed: that there is a sender now keeps the channel open.
        self.strong.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts one more sender, unless there is none any more.
    #[must_use]
    pub(super) fn rejoin(&self) -> bool {
        // Relaxed: as `join`, if there is one.
        let more = |strong| if strong == 0 { None } else { Some(strong + 1) };
        self.strong.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Counts a sender out; the last one closes the channel.
    pub(super) fn part(&self) {
        // E1
        if self.strong.fetch_sub(1, Ordering::AcqRel) == 1 {
            positions::wake(&self.line, self.line.lock(), None, || ());
        }
    }

    pub(super) fn weak_join(&self) {
        self.weak.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn weak_part(&self) {
        self.weak.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn strong_count(&self) -> usize {
        self.strong.load(Ordering::Acquire) // E1
    }

    pub(super) fn weak_count(&self) -> usize {
        self.weak.load(Ordering::Relaxed)
    }

    /// How many values some receiver has yet to see.
    pub(super) fn queued(&self) -> usize {
        let end = self.end();
        let mut low = end.saturating_sub(self.slots.len() as u64);
        let mut high = end;
        // Receivers see values in their order, so that those seen by all come before the others.
        while low < high {
            let middle = low + (high - low) / 2;
            if self.slot(middle).is_queued(middle) { high = middle } else { low = middle + 1 }
        }
        (end - low) as usize
    }
}

/// The values that a receiver that goes hasn't seen, given up one by one: also when dropping one panics.
struct Farewell<'a, T> {
    shared: &'a Shared<T>,
    next: u64,
    end: u64,
    last: bool,
}

impl<T> Farewell<'_, T> {
    fn skip(&mut self) {
        while self.next < self.end {
            let position = self.next;
            self.next += 1;
            drop(self.shared.slot(position).skip(position));
        }
    }
}

impl<T> Drop for Farewell<'_, T> {
    fn drop(&mut self) {
        self.skip();
        if self.last {
            self.shared.abandoned.notify_waiters();
        }
    }
}
