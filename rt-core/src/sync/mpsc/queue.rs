//! The queue of a channel: many senders push, one receiver pops.
//!
//! Three things exist: blocks of slots in a chain, the [`Tail`] with the position of the next message, and the receiver's
//! [`Head`].
//!
//! ```text
//!   tail: see `tail.rs`, which has the transitions (1) to (7)
//!   slot: EMPTY ─ publish (8) ▶ the lap's mark ─ pop (9): the receiver's position is behind it
//! ```
//!
//! - Whoever claims a slot has it; then he puts the value there, and marks it (8). A slot that was claimed and isn't
//!   marked yet holds up those behind it.
//! - A sender that finds all slots claimed puts a new block at the tail, and links it behind the old one. The receiver
//!   leaves a block when the next one is linked, and its values were taken: so the senders have left it.
//! - When the receiver has taken all and no block follows, it starts the same block again: a channel that is drained
//!   now and then lives in one block for ever.
//! - One block that was left is kept for the next extension, and freed when the receiver goes to sleep.
//!
//! E1: `publish` Release -> `pop` Acquire: the value is there; the sender has left the block.
//! E2: `extend` Release -> `claim` Acquire: the last block is whole. A sender that saw it before the tail's lap was its own
//! would find the tail changed.
//! E3: `extend` Release -> `advance` Acquire: the next block is whole; the sender has left the old one.
//! E4: `put_spare` Release -> `take_spare` Acquire: the spare block is reset.
//!
//! `tests_loom.rs` of the folder models it.

use std::ptr::{self, NonNull};
use std::task::Waker;

use super::block::{Block, mark};
use super::tail::{COUNT, Sleep, Tail, Terms, View, WakerIdentity, identity};
use crate::shim;
use crate::shim::atomic::{AtomicPtr, Ordering};
use crate::shim::cell::UnsafeCell;

/// Looks so often, before it lets the other's thread run, at what another thread does in a few instructions.
const SPINS: usize = shim::scaled(64, 1);

/// Where the receiver is. Only the receiver touches it.
struct Head<T> {
    /// `None` before the first value.
    block: Option<NonNull<Block<T>>>,
    /// The slot it pops next; as many as there are when it needs the next block, or another lap.
    slot: usize,
    /// How many messages were claimed when this lap began, as the tail counts.
    before: u32,
    /// The mark of this lap.
    mark: u8,
    /// The waker with this identity is in the cell, while the tail says that the receiver is asleep.
    asleep: Option<WakerIdentity>,
}

impl<T> Head<T> {
    /// How many messages were popped, as the tail counts.
    fn count(&self) -> u32 {
        self.before.wrapping_add(self.slot as u32) & COUNT
    }

    /// Goes to the first slot of the next lap.
    fn next_lap(&mut self) {
        self.before = self.count();
        self.slot = 0;
        self.mark = mark(self.mark == mark(false));
    }

    /// How many messages were claimed and not popped.
    fn behind(&self, tail: View) -> usize {
        (tail.count(Block::<T>::BITS).wrapping_sub(self.count()) & COUNT) as usize
    }
}

/// Why the receiver doesn't sleep, or that it does.
#[must_use]
pub(super) enum Wait {
    /// Its task will be woken.
    Asleep,
    /// There may be something by now.
    Again,
    /// Nothing will come.
    Over,
}

/// See the module's documentation.
#[repr(C)]
pub(super) struct Queue<T> {
    /// The last block. Changed under the tail's lock for it.
    last: AtomicPtr<Block<T>>,
    /// Beside the last block: who sends needs both.
    tail: Tail,
    head: UnsafeCell<Head<T>>,
    /// In place of a `next`: the first block.
    first: AtomicPtr<Block<T>>,
    /// A block that was used up, for the next sender that needs one.
    spare: AtomicPtr<Block<T>>,
    _end: [u64; 8],
}

// SAFETY: the queue hands values from senders to the receiver; the rest is shared by the rules above.
unsafe impl<T: Send> Send for Queue<T> {}
// SAFETY: as above. Which methods are the receiver's is in their safety conditions.
unsafe impl<T: Send> Sync for Queue<T> {}

/// The sending side.
impl<T> Queue<T> {
    /// With room for so many messages, if it counts them.
    pub(super) fn new(room: usize) -> Self {
        let slots = Block::<T>::SLOTS;
        Self {
            last: AtomicPtr::new(ptr::null_mut()),
            tail: Tail::new(room, Block::<T>::BITS),
            head: UnsafeCell::new(Head {
                block: None,
                slot: slots,
                before: 0,
                mark: mark(false),
                asleep: None,
            }),
            first: AtomicPtr::new(ptr::null_mut()),
            spare: AtomicPtr::new(ptr::null_mut()),
            _end: [0; 8],
        }
    }

    #[inline]
    pub(super) fn tail(&self) -> &Tail {
        &self.tail
    }

    /// Puts a value at the end, and wakes the receiver if it waits for it. The value comes back when the tail refuses it.
    #[inline]
    pub(super) fn push(&self, value: T, terms: Terms) -> Result<(), T> {
        let mut now = self.tail.load();
        loop {
            if !now.allows(terms, Block::<T>::BITS) {
                match self.make_way(now, terms) {
                    Some(later) => now = later,
                    None => return Err(value),
                }
                continue;
            }
            let last = self.last.load(Ordering::Acquire); // E2
            match self.tail.claim(now, terms) {
                Ok(()) => {
                    // SAFETY: the tail hasn't changed since `now`, when that was its last block. It has empty slots, so that
                    // there is one; and the receiver doesn't leave it before this slot is published.
                    unsafe { self.publish(NonNull::new_unchecked(last), now, value) };
                    return Ok(());
                }
                Err(actual) => now = actual,
            }
        }
    }

    /// Puts the value into the slot of `now`, and wakes the receiver if that one was asleep. (8)
    ///
    /// # Safety
    ///
    /// The caller has claimed the slot, which is one of `block`.
    #[inline]
    unsafe fn publish(&self, block: NonNull<Block<T>>, now: View, value: T) {
        let slot = now.slot(Block::<T>::BITS);
        // SAFETY: the slot is ours until it is marked, and the block is live until then.
        unsafe {
            Block::value(block, slot).with_mut(|place| (*place).write(value));
            Block::mark(block, slot).store(mark(now.is_odd(Block::<T>::BITS)), Ordering::Release); // E1
        }
        if now.is_asleep() {
            // SAFETY: we have cleared ASLEEP by the claim.
            unsafe { self.tail.wake_receiver() };
        }
    }

    /// Makes a slot if there may be one for such a message; the tail as it is then. `None` if it is refused.
    #[cold]
    fn make_way(&self, now: View, terms: Terms) -> Option<View> {
        if now.refuses(terms) {
            return None;
        }
        if now.is_extending() {
            for _ in 0..SPINS {
                shim::hint::spin_loop();
                let later = self.tail.load();
                if !later.is_extending() {
                    return Some(later);
                }
            }
            shim::thread::yield_now();
        } else if now.is_full(Block::<T>::BITS) {
            let fresh = self.take_spare().unwrap_or_else(Block::allocate);
            match self.tail.extend(now) {
                // SAFETY: we have the lock, and the block is ours.
                Ok(()) => unsafe { self.extend(fresh) },
                Err(actual) => {
                    self.put_spare(fresh);
                    return Some(actual);
                }
            }
        }
        Some(self.tail.load())
    }

    /// Puts `next` behind the last block.
    ///
    /// # Safety
    ///
    /// The caller has locked the tail for it, and nobody else has `next`.
    unsafe fn extend(&self, next: NonNull<Block<T>>) {
        // Relaxed: the lock has made the last one's name known.
        let last = NonNull::new(self.last.load(Ordering::Relaxed));
        self.last.store(next.as_ptr(), Ordering::Release); // E2
        // SAFETY: the receiver doesn't leave the last block before it is linked.
        unsafe { self.next_of(last) }.store(next.as_ptr(), Ordering::Release); // E3
        self.tail.extended(Block::<T>::BITS);
    }

    /// Where the block behind `block` is named.
    ///
    /// # Safety
    ///
    /// `block` is live, and stays so while the result is used.
    unsafe fn next_of(&self, block: Option<NonNull<Block<T>>>) -> &AtomicPtr<Block<T>> {
        // SAFETY: the caller's promise.
        block.map_or(&self.first, |block| unsafe { &(*block.as_ptr()).next })
    }

    fn take_spare(&self) -> Option<NonNull<Block<T>>> {
        // Relaxed: it only spares an exchange.
        if self.spare.load(Ordering::Relaxed).is_null() {
            return None;
        }
        NonNull::new(self.spare.swap(ptr::null_mut(), Ordering::Acquire)) // E4
    }

    /// Keeps an empty block for later, or frees it if there is one already.
    fn put_spare(&self, block: NonNull<Block<T>>) {
        let (none, spare) = (ptr::null_mut(), block.as_ptr());
        let kept = self.spare.compare_exchange(none, spare, Ordering::Release, Ordering::Relaxed); // E4
        if kept.is_err() {
            // SAFETY: it is empty, and nobody has it but us.
            unsafe { Block::free(block) };
        }
    }
}

/// The receiving side. For all of it: the caller is the only receiver, alone for the length of the call.
impl<T> Queue<T> {
    /// Takes the next value, if it is there. (9)
    ///
    /// # Safety
    ///
    /// The caller is the receiver, alone for the length of the call.
    #[inline]
    pub(super) unsafe fn pop(&self) -> Option<T> {
        // SAFETY: the head is the receiver's.
        self.head.with_mut(|head| unsafe {
            let head = &mut *head;
            if head.slot == Block::<T>::SLOTS && !self.advance(head) {
                return None;
            }
            // A slot that is there is one of a block.
            let block = head.block.unwrap_unchecked();
            if Block::mark(block, head.slot).load(Ordering::Acquire) != head.mark {
                return None; // E1
            }
            let value = Block::value(block, head.slot).with(|place| (*place).assume_init_read());
            head.slot += 1;
            if head.slot == Block::<T>::SLOTS {
                // Before the next sender comes: if it finds no slot, it takes another block.
                self.advance(head);
            }
            Some(value)
        })
    }

    /// Goes to the block after one whose values were all taken, or starts that one again; false if there is no slot yet.
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop).
    #[inline(never)]
    unsafe fn advance(&self, head: &mut Head<T>) -> bool {
        // SAFETY: the head's block is live until the receiver leaves it.
        let next = unsafe { self.next_of(head.block) }.load(Ordering::Acquire); // E3
        if let Some(next) = NonNull::new(next) {
            let before = head.block.replace(next);
            head.next_lap();
            if let Some(mut before) = before {
                // SAFETY: all of it was taken, and it is linked: the senders have left it, and so it is ours alone.
                unsafe { before.as_mut() }.reset();
                self.put_spare(before);
            }
            return true;
        }
        let mut now = self.tail.load();
        // No block is behind this one. So if none is on its way, this is the last.
        while head.block.is_some() && now.is_full(Block::<T>::BITS) && !now.is_extending() {
            if head.behind(now) > 0 {
                return false;
            }
            match self.tail.rewind(now, Block::<T>::BITS) {
                Ok(()) => {
                    head.next_lap();
                    return true;
                }
                Err(actual) => now = actual,
            }
        }
        false
    }

    /// Has `waker` woken when the next slot is claimed, after `pop` found nothing, unless it's `over`. That is asked
    /// while all that was claimed has been popped.
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop), which returned `None`.
    pub(super) unsafe fn sleep(&self, waker: &Waker, over: impl Fn(View) -> bool) -> Wait {
        // SAFETY: the head is the receiver's.
        self.head.with_mut(|head| unsafe {
            let head = &mut *head;
            let now = self.tail.load();
            if head.behind(now) > 0 {
                return self.wait_for_sender(head, waker);
            }
            if now.has_ended() || over(now) {
                return Wait::Over;
            }
            if now.is_asleep() {
                if head.asleep == Some(identity(waker)) {
                    return Wait::Asleep;
                }
                drop(self.tail.rise());
            }
            head.asleep = Some(identity(waker));
            let idle = |now: View| head.behind(now) == 0 && !now.has_ended() && !over(now);
            match self.tail.sleep(self.tail.load(), waker, idle) {
                Sleep::Asleep => {
                    if let Some(spare) = self.take_spare() {
                        Block::free(spare);
                    }
                    Wait::Asleep
                }
                Sleep::Busy => {
                    shim::hint::spin_loop();
                    waker.wake_by_ref();
                    Wait::Asleep
                }
                Sleep::Changed => Wait::Again,
            }
        })
    }

    /// The next slot was claimed, and its sender is in the middle of it: that takes it a few instructions, unless its
    /// thread has just lost its processor. Others may run then, and the task comes again.
    #[cold]
    fn wait_for_sender(&self, head: &Head<T>, waker: &Waker) -> Wait {
        for _ in 0..SPINS {
            // SAFETY: the head's block is live.
            if unsafe { self.is_there(head) } {
                return Wait::Again;
            }
            shim::hint::spin_loop();
        }
        waker.wake_by_ref();
        Wait::Asleep
    }

    /// Whether something is in the next slot, or the next block is there.
    ///
    /// # Safety
    ///
    /// The head is the receiver's.
    unsafe fn is_there(&self, head: &Head<T>) -> bool {
        // SAFETY: the head's block is live.
        unsafe {
            match head.block {
                // Relaxed, both: whoever finds it there takes it by `pop`.
                Some(block) if head.slot < Block::<T>::SLOTS => {
                    Block::mark(block, head.slot).load(Ordering::Relaxed) == head.mark
                }
                // Relaxed: as above.
                block => !self.next_of(block).load(Ordering::Relaxed).is_null(),
            }
        }
    }

    /// Waits for a sender that holds up others which are done; false if there is none such.
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop), which returned `None`.
    #[cold]
    pub(super) unsafe fn wait_for_slow_sender(&self) -> bool {
        // SAFETY: the head is the receiver's.
        self.head.with(|head| unsafe {
            if (*head).behind(self.tail.load()) < 2 {
                // It may have been published before the others were popped: then it is there by now.
                return self.is_there(&*head);
            }
            while !self.is_there(&*head) {
                for _ in 0..SPINS {
                    shim::hint::spin_loop();
                }
                shim::thread::yield_now();
            }
            true
        })
    }

    /// Drops the values that are there, and calls `popped` before each. When dropping one panics the rest is
    /// dropped before that goes on.
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop).
    pub(super) unsafe fn clear(&self, popped: impl Fn()) {
        struct Rest<'a, T, F: Fn()>(&'a Queue<T>, F);
        impl<T, F: Fn()> Rest<'_, T, F> {
            fn clear(&self) {
                // SAFETY: as the caller of the outer function promised.
                while let Some(value) = unsafe { self.0.pop() } {
                    (self.1)();
                    drop(value);
                }
            }
        }
        impl<T, F: Fn()> Drop for Rest<'_, T, F> {
            fn drop(&mut self) {
                self.clear();
            }
        }
        Rest(self, popped).clear();
    }

    /// Whether nothing more will come: it has ended, or is `over`, and all that was claimed has been popped.
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop).
    pub(super) unsafe fn is_done(&self, over: impl FnOnce(View) -> bool) -> bool {
        let now = self.tail.load();
        // SAFETY: the head is the receiver's.
        self.head.with(|head| unsafe { (*head).behind(now) == 0 }) && (now.has_ended() || over(now))
    }

    /// Whether nothing is in the next slot.
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop).
    pub(super) unsafe fn is_next_empty(&self) -> bool {
        // SAFETY: the head is the receiver's.
        self.head.with(|head| unsafe { !self.is_there(&*head) })
    }

    /// How many values the receiver can get to, or will as soon as their senders are done.
    ///
    /// # Safety
    ///
    /// No other call of the receiving side that isn't this one runs meanwhile.
    pub(super) unsafe fn len(&self) -> usize {
        // SAFETY: the head isn't changed.
        self.head.with(|head| unsafe { (*head).behind(self.tail.load()) })
    }
}

impl<T> Drop for Queue<T> {
    fn drop(&mut self) {
        /// Frees the blocks, also when dropping a value panics.
        struct Blocks<'a, T>(&'a mut Queue<T>);
        impl<T> Drop for Blocks<'_, T> {
            fn drop(&mut self) {
                // SAFETY: nobody has the queue any more.
                unsafe {
                    let mut block = self.0.head.with(|head| (*head).block);
                    while let Some(this) = block {
                        block = NonNull::new(this.as_ref().next.load(Ordering::Acquire)); // E3
                        Block::free(this);
                    }
                    if let Some(spare) = self.0.take_spare() {
                        Block::free(spare);
                    }
                }
            }
        }
        let blocks = Blocks(self);
        // SAFETY: nobody else has the queue.
        unsafe { blocks.0.clear(|| {}) };
    }
}
