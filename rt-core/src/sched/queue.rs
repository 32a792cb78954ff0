//! A worker's run queue: a ring that its owner pushes to and pops from, and that anyone may steal from.
//!
//! Two counters that only grow delimit what is queued: `head..tail`, slot `i` at `i % CAPACITY`. The owner
//! alone moves `tail`. `head` moves by compare-and-swap: by one when the owner pops, by half of what is
//! there when a thief steals. A thief copies the slots *before* it moves `head`: when its swap succeeds,
//! nobody took them meanwhile, and when it fails, the copies are forgotten. So there is no state in which a
//! thief holds part of the ring, and a thief that is preempted delays nobody. (Go's scheduler steals in
//! the same manner; Chase and Lev, "Dynamic circular work-stealing deque", 2005, have the growing
//! counters.)
//!
//! Why not a queue whose owner needs no read-modify-write, such as BWoS (OSDI'23)? There the owner takes
//! whole blocks for itself, and what is in them can't be taken from a worker that a task blocks. Here
//! all of it can: that is the promise which `rescue` keeps.
//!
//! E1: `push` Release `tail` -> `steal` Acquire `tail`: the slots below it are written, and the task behind
//!     each is whole.
//! E2: `steal` Release `head` -> `push` Acquire `head`: the thief has read the slots which the owner is about
//!     to overwrite.
//! E3: `pop` Release `head` -> `steal` Acquire `head`: keeps the chain of E2 across both kinds of swap.

use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use crate::base::CachePadded;
use crate::shim::atomic::{AtomicPtr, AtomicUsize, Ordering};
use crate::shim::scaled;

/// Slots of a ring, a power of two.
pub(crate) const CAPACITY: usize = scaled(256, 4);

/// What the ring holds: something that is one pointer wide.
pub(crate) trait Item: Sized + Send {
    /// Gives up the item for a pointer.
    fn into_raw(self) -> NonNull<()>;

    /// Takes the item back.
    ///
    /// # Safety
    ///
    /// `raw` came from `into_raw`, and is taken back once.
    unsafe fn from_raw(raw: NonNull<()>) -> Self;
}

/// The ring. See the module's documentation.
pub(crate) struct RunQueue<T: Item> {
    head: CachePadded<AtomicUsize>,
    tail: CachePadded<AtomicUsize>,
    slots: Box<[AtomicPtr<()>]>,
    _items: PhantomData<T>,
}

// SAFETY: items are `Send`, and each leaves the ring once, by a successful swap of `head`.
unsafe impl<T: Item> Send for RunQueue<T> {}
// SAFETY: as above.
unsafe impl<T: Item> Sync for RunQueue<T> {}

impl<T: Item> RunQueue<T> {
    pub(crate) fn new() -> Self {
        Self {
            head: CachePadded::new(AtomicUsize::new(0)),
            tail: CachePadded::new(AtomicUsize::new(0)),
            slots: (0..CAPACITY).map(|_| AtomicPtr::new(ptr::null_mut())).collect(),
            _items: PhantomData,
        }
    }

    /// How many items there are, as seen from any thread.
    pub(crate) fn len(&self) -> usize {
        // Acquire on head first: a tail that is read after it isn't smaller.
        let head = self.head.load(Ordering::Acquire); // E2 E3
        let tail = self.tail.load(Ordering::Acquire); // E1
        tail.wrapping_sub(head).min(CAPACITY)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether another item fits, as the owner sees it: more may fit by now.
    #[inline]
    pub(crate) fn has_room(&self) -> bool {
        // Relaxed: only the owner writes the tail, and `push` looks at the head again.
        self.tail.load(Ordering::Relaxed).wrapping_sub(self.head.load(Ordering::Relaxed)) < CAPACITY
    }

    #[inline]
    fn slot(&self, index: usize) -> &AtomicPtr<()> {
        &self.slots[index & (CAPACITY - 1)]
    }

    /// Adds an item at the back; gives it back when the ring is full.
    ///
    /// # Safety
    ///
    /// Only the owner calls this: two at once would write the same slot.
    #[inline]
    pub(crate) unsafe fn push(&self, item: T) -> Result<(), T> {
        // Relaxed: only the owner writes it.
        let tail = self.tail.load(Ordering::Relaxed);
        let head = self.head.load(Ordering::Acquire); // E2
        if tail.wrapping_sub(head) >= CAPACITY {
            return Err(item);
        }
        // Relaxed: the store of `tail` publishes it.
        self.slot(tail).store(item.into_raw().as_ptr(), Ordering::Relaxed);
        self.tail.store(tail.wrapping_add(1), Ordering::Release); // E1
        Ok(())
    }

    /// Takes the item at the front.
    ///
    /// # Safety
    ///
    /// Only the owner calls this: it reads slots on the ground that nobody pushes meanwhile.
    #[inline]
    pub(crate) unsafe fn pop(&self) -> Option<T> {
        // Relaxed: only the owner writes it.
        let tail = self.tail.load(Ordering::Relaxed);
        // Relaxed: the owner wrote the slots itself, and the swap below tells whether head was current.
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            if head == tail {
                return None;
            }
            // Relaxed: our own write.
            let raw = self.slot(head).load(Ordering::Relaxed);
            match self.head.compare_exchange_weak(
                head,
                head.wrapping_add(1),
                Ordering::Release, // E3
                Ordering::Relaxed, // Relaxed: the loop looks only at the number.
            ) {
                // SAFETY: the slot held an item, and moving head past it makes it ours alone.
                Ok(_) => return Some(unsafe { T::from_raw(NonNull::new_unchecked(raw)) }),
                Err(now) => head = now,
            }
        }
    }

    /// Takes the front half, from any thread: one item is returned, the others go to the back of `into`.
    ///
    /// # Safety
    ///
    /// The caller owns `into`, which is another ring.
    pub(crate) unsafe fn steal(&self, into: &Self) -> Option<T> {
        debug_assert!(!ptr::eq(self, into));
        // Relaxed: only we, its owner, write it.
        let into_tail = into.tail.load(Ordering::Relaxed);
        let room = CAPACITY - into_tail.wrapping_sub(into.head.load(Ordering::Acquire)).min(CAPACITY); // E2
        let (first, rest) = self.claim(room + 1, |index, raw| {
            // Relaxed: published by the store of `tail` below. Slots behind our tail are ours to write.
            into.slot(into_tail.wrapping_add(index)).store(raw, Ordering::Relaxed);
        })?;
        if rest > 0 {
            into.tail.store(into_tail.wrapping_add(rest), Ordering::Release); // E1
        }
        Some(first)
    }

    /// Takes the front half, from any thread, as a list of at most `CAPACITY` items.
    pub(crate) fn take_half(&self, mut each: impl FnMut(T)) -> usize {
        let mut raws = [ptr::null_mut(); CAPACITY];
        let Some((first, rest)) = self.claim(CAPACITY, |index, raw| raws[index] = raw) else { return 0 };
        each(first);
        for raw in &raws[..rest] {
            // SAFETY: the claim made these items ours, each once.
            each(unsafe { T::from_raw(NonNull::new_unchecked(*raw)) });
        }
        rest + 1
    }

    /// Claims half of what is there, at most `limit`. `copy` is given all but the first, perhaps more than
    /// once: what counts is the last time for each index, below the number that is returned.
    fn claim(&self, limit: usize, mut copy: impl FnMut(usize, *mut ())) -> Option<(T, usize)> {
        let mut head = self.head.load(Ordering::Acquire); // E2 E3
        loop {
            let tail = self.tail.load(Ordering::Acquire); // E1
            let len = tail.wrapping_sub(head);
            if len == 0 || len > CAPACITY {
                // Empty; or head is older than tail by a whole round, and so is out of date.
                if len == 0 {
                    return None;
                }
                head = self.head.load(Ordering::Acquire); // E2 E3
                continue;
            }
            let n = (len - len / 2).min(limit);
            // Relaxed: E1 has published the slots; should the owner overwrite one now, the swap below fails.
            let first = self.slot(head).load(Ordering::Relaxed);
            for index in 1..n {
                // Relaxed: the same.
                copy(index - 1, self.slot(head.wrapping_add(index)).load(Ordering::Relaxed));
            }
            let moved = head.wrapping_add(n);
            match self.head.compare_exchange(head, moved, Ordering::AcqRel, Ordering::Acquire) {
                // E2 E3
                // SAFETY: head stood still while we copied, so the items were there, and now they're ours.
                Ok(_) => return Some((unsafe { T::from_raw(NonNull::new_unchecked(first)) }, n - 1)),
                Err(now) => head = now,
            }
        }
    }
}

impl<T: Item> Drop for RunQueue<T> {
    fn drop(&mut self) {
        // SAFETY: `&mut self`: nobody else has the ring.
        while let Some(item) = unsafe { self.pop() } {
            drop(item);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(all(test, loom))]
pub(crate) mod tests_loom;
