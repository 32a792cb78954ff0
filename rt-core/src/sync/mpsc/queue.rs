//! The queue of a channel: many senders push, one receiver pops, and sleeps at the slot that comes next.
//!
//! Three things exist: blocks of slots in a chain, the [`Tail`] word (the last block, how many of its slots are
//! left, and whether the queue is closed), and the receiver's [`Head`].
//!
//! ```text
//!   tail:  (B, n) ─ claim (1) ▶ (B, n-1) ─ ... ─ claim ▶ (B, 0) ─ extend (2) ▶ (C, m-1)
//!             ▲                                            │
//!             └────────────── rewind (3): all is popped ───┘      any ─ close (4) ▶ (.., CLOSED), final
//!   slot:  EMPTY ─ publish (5) ▶ READY ─ pop (6), rewind or recycle ▶ EMPTY
//!          EMPTY ◀ sleep (7), rise (8) ▶ WAITING ─ publish ▶ READY, and the sender wakes the receiver
//!          EMPTY, WAITING ─ close (9) ▶ END          `next` of a block: the same, with a block for READY
//! ```
//!
//! - The tail word has the block and the count in one, so that a claim (1) is one exchange, and whoever wins
//!   it has that slot: no sender waits for another. Only the winner looks into the block. It can't be gone:
//!   the receiver leaves a block when all its slots were published and `next` is set, and it is the winner
//!   who publishes the slot (1), or sets `next` (2).
//! - The value of the word says all about the claim it allows; that it may have changed and changed back
//!   in between doesn't matter.
//! - A sender that finds no slot left brings a new block, takes its first slot by the same exchange that puts
//!   the block at the tail (2), and then links it behind the old one.
//! - When the receiver has popped all and no slot is left it starts the same block again (3): a channel that
//!   is drained now and then lives in one block for ever.
//! - The receiver sleeps by marking the slot that it waits for (7). The publication (5) is an exchange, and who
//!   finds the mark wakes it. A claimed slot that isn't published yet holds up those behind it.
//!
//! E1: `publish` Release -> `pop` Acquire: the value is there; the sender has left the block.
//! E2: `extend`, `rewind` Release -> `claim` Acquire (through other claims, which are exchanges too): the block's
//! slots are empty, and all that happened to them before is over.
//! E3: `link` Release -> `advance` Acquire: the next block is whole; the sender has left the old one.
//! E4: `sleep` Release -> `publish`, `link`, `close` Acquire: the waker is there.
//! E5: `WakerCell::take` Release -> `WakerCell::put` Acquire: the waker has been taken.
//! E6: `recycle` Release -> `fresh_block` Acquire: the spare block is reset.

use std::ptr::{self, NonNull};
use std::task::{RawWakerVTable, Waker};

use super::block::{Block, EMPTY, END, READY, TAG_BITS, WAITING, as_block, end_mark, waiting_mark};
use crate::shim;
use crate::shim::atomic::{AtomicBool, AtomicPtr, AtomicU8, Ordering};
use crate::shim::cell::UnsafeCell;

const CLOSED: usize = 1 << (TAG_BITS - 1);
const LEFT: usize = CLOSED - 1;
const TAG: usize = CLOSED | LEFT;

/// A value of the tail word: a block, how many of its slots aren't claimed, and whether the queue is closed.
struct TailView<T>(*mut Block<T>);

impl<T> Clone for TailView<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for TailView<T> {}

impl<T> TailView<T> {
    fn new(block: NonNull<Block<T>>, left: usize) -> Self {
        Self(block.as_ptr().map_addr(|address| address | left))
    }

    /// The last block; `None` before the first value.
    fn block(self) -> Option<NonNull<Block<T>>> {
        NonNull::new(self.0.map_addr(|address| address & !TAG))
    }

    fn left(self) -> usize {
        self.0.addr() & LEFT
    }

    fn is_closed(self) -> bool {
        self.0.addr() & CLOSED != 0
    }

    /// The same with one slot less; there is one left.
    fn less(self) -> Self {
        Self(self.0.map_addr(|address| address - 1))
    }

    fn closed(self) -> Self {
        Self(self.0.map_addr(|address| address | CLOSED))
    }
}

/// The tail word; see the module's documentation.
struct Tail<T>(AtomicPtr<Block<T>>);

impl<T> Tail<T> {
    fn load(&self) -> TailView<T> {
        TailView(self.0.load(Ordering::Acquire)) // E2
    }

    #[inline]
    fn exchange(&self, now: TailView<T>, next: TailView<T>) -> Result<(), TailView<T>> {
        // Release for (2) and (3); a claim (1) needs Acquire only, and it costs nothing more.
        self.0
            .compare_exchange_weak(now.0, next.0, Ordering::AcqRel, Ordering::Acquire)
            .map(|_| ()) // E2
            .map_err(TailView)
    }
}

/// What identifies a waker without borrowing it.
type WakerIdentity = (*const (), *const RawWakerVTable);

/// Where the receiver is. Only the receiver touches it.
struct Head<T> {
    /// `None` before the first value.
    block: Option<NonNull<Block<T>>>,
    /// How many slots the block has; none without a block.
    slots: usize,
    /// The slot it pops next; as many as there are when it needs the next block.
    slot: usize,
    /// It has marked that slot (or `next`), and the waker with this identity is in the cell.
    asleep: Option<WakerIdentity>,
}

impl<T> Head<T> {
    /// The state of the slot it pops next, if it is in this block.
    ///
    /// # Safety
    ///
    /// The block is live.
    unsafe fn next_slot(&self) -> Option<&AtomicU8> {
        // SAFETY: a slot below `slots` is one of the block.
        self.block.filter(|_| self.slot < self.slots).map(|block| unsafe { Block::state(block, self.slot) })
    }
}

/// What [`Queue::pop`] found.
#[must_use]
pub(super) enum Pop<T> {
    Value(T),
    /// Nothing is published in the next slot.
    Empty,
    /// Nothing will come.
    End,
}

/// The receiver's waker. It is the receiver's, or the sender's that found the mark, until it has taken it.
struct WakerCell {
    lent: AtomicBool,
    waker: UnsafeCell<Option<Waker>>,
}

impl WakerCell {
    /// Puts a waker in, and lends the cell to the sender that finds the mark; false if one has it still.
    ///
    /// # Safety
    ///
    /// The caller is the receiver, and awake.
    unsafe fn put(&self, waker: &Waker) -> bool {
        if self.lent.load(Ordering::Acquire) {
            return false; // E5
        }
        let waker = waker.clone();
        // SAFETY: it isn't lent, and so it is the receiver's.
        self.waker.with_mut(|slot| unsafe { *slot = Some(waker) });
        // Relaxed: it is published by the mark (E4).
        self.lent.store(true, Ordering::Relaxed);
        true
    }

    /// Takes the waker out, and gives the cell back to the receiver.
    ///
    /// # Safety
    ///
    /// The caller has removed the mark.
    unsafe fn take(&self) -> Option<Waker> {
        // SAFETY: who removes the mark has the cell.
        let waker = self.waker.with_mut(|slot| unsafe { (*slot).take() });
        self.lent.store(false, Ordering::Release); // E5
        waker
    }
}

/// See the module's documentation.
///
/// What senders write is kept off the cache lines that the receiver writes, by distance rather than by
/// alignment, since aligned allocations are slow.
#[repr(C)]
pub(super) struct Queue<T> {
    tail: Tail<T>,
    /// In place of a `next`: the first block.
    first: AtomicPtr<Block<T>>,
    /// A block that was used up, for the next sender that needs one.
    spare: AtomicPtr<Block<T>>,
    _apart: [u64; 8],
    head: UnsafeCell<Head<T>>,
    waker: WakerCell,
    _end: [u64; 8],
}

// SAFETY: the queue hands values from senders to the receiver; the rest is shared by the rules above.
unsafe impl<T: Send> Send for Queue<T> {}
// SAFETY: as above. Which methods are the receiver's is in their safety conditions.
unsafe impl<T: Send> Sync for Queue<T> {}

/// The sending side.
impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        Self {
            tail: Tail(AtomicPtr::new(ptr::null_mut())),
            first: AtomicPtr::new(ptr::null_mut()),
            spare: AtomicPtr::new(ptr::null_mut()),
            _apart: [0; 8],
            head: UnsafeCell::new(Head { block: None, slots: 0, slot: 0, asleep: None }),
            waker: WakerCell { lent: AtomicBool::new(false), waker: UnsafeCell::new(None) },
            _end: [0; 8],
        }
    }

    /// Puts a value at the end, and wakes the receiver if it waits for it. The value comes back when the queue
    /// is closed.
    #[inline]
    pub(super) fn push(&self, value: T) -> Result<(), T> {
        let mut now = self.tail.load();
        loop {
            if now.is_closed() {
                return Err(value);
            }
            if now.left() == 0 {
                return self.push_beyond(now, value);
            }
            match self.tail.exchange(now, now.less()) {
                Ok(()) => break, // (1)
                Err(actual) => now = actual,
            }
        }
        // SAFETY: we won the slot, so that there is a block, it is live, and the slot ours.
        unsafe {
            let block = now.block().unwrap_unchecked();
            let slot = Block::slots(block) - now.left();
            self.publish(block, slot, value, false);
        }
        Ok(())
    }

    /// As `push`, where the last block may be full.
    #[cold]
    fn push_beyond(&self, mut now: TailView<T>, value: T) -> Result<(), T> {
        let fresh = self.fresh_block(now.block().is_none());
        loop {
            if now.is_closed() {
                self.put_spare(fresh);
                return Err(value);
            }
            if now.left() > 0 {
                self.put_spare(fresh);
                return self.push(value);
            }
            // SAFETY: nobody else has the fresh block.
            let slots = unsafe { Block::slots(fresh) };
            match self.tail.exchange(now, TailView::new(fresh, slots - 1)) {
                Ok(()) => break, // (2)
                Err(actual) => now = actual,
            }
        }
        // SAFETY: we put the fresh block behind that one, which is live until it is linked.
        let asleep = unsafe { self.link(now.block(), fresh) };
        // SAFETY: the first slot is ours, and the receiver can't get past it.
        unsafe { self.publish(fresh, 0, value, asleep) };
        Ok(())
    }

    /// Links `next` behind `block`; whether the receiver sleeps there, so that the caller has to wake it.
    ///
    /// # Safety
    ///
    /// The caller has put `next` at the tail, which was `block`.
    unsafe fn link(&self, block: Option<NonNull<Block<T>>>, next: NonNull<Block<T>>) -> bool {
        // SAFETY: the receiver leaves `block` when it is linked, and `next` when its first slot is published.
        unsafe {
            Block::follow(next, block);
            self.next_of(block).swap(next.as_ptr(), Ordering::AcqRel) == waiting_mark() // E3 E4
        }
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

    /// Puts the value into a slot, and wakes the receiver if it sleeps there, or `asleep` says so. (5)
    ///
    /// # Safety
    ///
    /// The caller has claimed the slot. With `asleep` it has removed the receiver's mark.
    #[inline]
    unsafe fn publish(&self, block: NonNull<Block<T>>, slot: usize, value: T, asleep: bool) {
        // SAFETY: the slot is ours until it is READY, and the block is live until then.
        let before = unsafe {
            Block::value(block, slot).with_mut(|place| (*place).write(value));
            Block::state(block, slot).swap(READY, Ordering::AcqRel) // E1 E4
        };
        if before == WAITING || asleep {
            // SAFETY: we have removed the mark.
            unsafe { self.wake() };
        }
    }

    /// # Safety
    ///
    /// The caller has removed the receiver's mark.
    #[cold]
    unsafe fn wake(&self) {
        // SAFETY: the caller's promise.
        if let Some(waker) = unsafe { self.waker.take() } {
            waker.wake();
        }
    }

    fn fresh_block(&self, first: bool) -> NonNull<Block<T>> {
        // The load spares an exchange.
        let mut spare = ptr::null_mut();
        if !self.spare.load(Ordering::Relaxed).is_null() {
            spare = self.spare.swap(ptr::null_mut(), Ordering::Acquire); // E6
        }
        let slots = if first { Block::<T>::FIRST } else { Block::<T>::FURTHER };
        NonNull::new(spare).unwrap_or_else(|| Block::allocate(slots))
    }

    /// Keeps an empty block for later, or frees it if there is one already.
    fn put_spare(&self, block: NonNull<Block<T>>) {
        let kept = self.spare.compare_exchange(
            ptr::null_mut(),
            block.as_ptr(),
            Ordering::Release,
            Ordering::Relaxed,
        ); // E6
        if kept.is_err() {
            // SAFETY: it is empty, and nobody has it but us.
            unsafe { Block::free(block) };
        }
    }

    /// The last sender has gone: no value will come after those that were pushed. (4, 9)
    ///
    /// # Safety
    ///
    /// Nobody pushes any more.
    pub(super) unsafe fn end(&self) {
        let tail = self.close();
        // SAFETY: nobody puts another block at the tail, so that the receiver doesn't leave this one.
        let asleep = unsafe {
            match tail.block() {
                Some(block) if tail.left() > 0 => {
                    let slot = Block::slots(block) - tail.left();
                    Block::state(block, slot).swap(END, Ordering::AcqRel) == WAITING // E4
                }
                block => self.next_of(block).swap(end_mark(), Ordering::AcqRel) == waiting_mark(), // E4
            }
        };
        if asleep {
            // SAFETY: we have removed the mark.
            unsafe { self.wake() };
        }
    }

    /// From now on nothing can be pushed. (4)
    fn close(&self) -> TailView<T> {
        let mut now = self.tail.load();
        while !now.is_closed() {
            match self.tail.exchange(now, now.closed()) {
                Ok(()) => break,
                Err(actual) => now = actual,
            }
        }
        now
    }

    /// Refuses further values; those that were pushed, or are being pushed, can still be popped.
    pub(super) fn refuse(&self) {
        self.close();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.tail.load().is_closed()
    }
}

/// The receiving side. For all of it: the caller is the only receiver.
impl<T> Queue<T> {
    /// Takes the next value. (6)
    ///
    /// # Safety
    ///
    /// The caller is the receiver, alone for the length of the call.
    #[inline]
    pub(super) unsafe fn pop(&self) -> Pop<T> {
        // SAFETY: the head is the receiver's.
        self.head.with_mut(|head| unsafe {
            let head = &mut *head;
            if head.slot == head.slots {
                if let Err(end) = self.advance(head) {
                    return if end { Pop::End } else { Pop::Empty };
                }
            }
            // A slot that is there is one of a block.
            let block = head.block.unwrap_unchecked();
            match Block::state(block, head.slot).load(Ordering::Acquire) {
                READY => {} // E1
                END => return Pop::End,
                _ => return Pop::Empty,
            }
            let value = Block::value(block, head.slot).with(|place| (*place).assume_init_read());
            head.slot += 1;
            head.asleep = None;
            Pop::Value(value)
        })
    }

    /// Goes to the block after one whose slots were all popped, or starts that one again. `Err` when there is
    /// no slot yet, and whether there never will be.
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop).
    #[cold]
    unsafe fn advance(&self, head: &mut Head<T>) -> Result<(), bool> {
        // SAFETY: the head's block is live until the receiver leaves it.
        let next = unsafe { self.next_of(head.block) }.load(Ordering::Acquire); // E3
        if let Some(next) = as_block(next) {
            let before = head.block.replace(next);
            // SAFETY: both are live, and `before` is the one before `next`. All of it was popped, and it is
            // linked: the senders have left it.
            unsafe {
                Block::follow(next, before);
                (head.slots, head.slot, head.asleep) = (Block::slots(next), 0, None);
                if let Some(before) = before {
                    self.recycle(before);
                }
            }
            return Ok(());
        }
        if next == end_mark() {
            return Err(true);
        }
        match head.block {
            Some(block) if next.is_null() && self.rewind(block, head.slots) => {
                head.slot = 0;
                Ok(())
            }
            _ => Err(false),
        }
    }

    /// Starts a block again that was popped to its end, if it is still the last. (3)
    fn rewind(&self, block: NonNull<Block<T>>, slots: usize) -> bool {
        let full = TailView::new(block, 0);
        if self.tail.load().0 != full.0 {
            return false;
        }
        for slot in 0..slots {
            // SAFETY: a slot of the block; the exchange below publishes it. If that fails, the block won't be
            // used again before it is reset.
            unsafe { Block::state(block, slot) }.store(EMPTY, Ordering::Relaxed);
        }
        while self.tail.load().0 == full.0 {
            if self.tail.exchange(full, TailView::new(block, slots)).is_ok() {
                return true;
            }
        }
        false
    }

    /// # Safety
    ///
    /// Nobody uses the block any more, and its values were popped.
    unsafe fn recycle(&self, block: NonNull<Block<T>>) {
        // SAFETY: the caller's promise.
        unsafe {
            // Relaxed, all three: nobody else has the block, and E6 publishes it.
            for slot in 0..Block::slots(block) {
                Block::state(block, slot).store(EMPTY, Ordering::Relaxed);
            }
            // Relaxed: as above.
            block.as_ref().next.store(ptr::null_mut(), Ordering::Relaxed);
            block.as_ref().start.store(0, Ordering::Relaxed); // Relaxed: as above.
        }
        self.put_spare(block);
    }

    /// Has `waker` woken when the next slot changes; false if it has, and the caller is to pop again. (7, 8)
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop), which returned `Empty`.
    pub(super) unsafe fn sleep(&self, waker: &Waker) -> bool {
        let identity = (waker.data(), ptr::from_ref(waker.vtable()));
        // SAFETY: the head is the receiver's.
        self.head.with_mut(|head| unsafe {
            let head = &mut *head;
            if head.asleep == Some(identity) && self.is_marked(head) {
                return true;
            }
            drop(self.rise(head));
            if !self.waker.put(waker) {
                // A sender is about to wake the waker of before. It is between two instructions; come again.
                shim::hint::spin_loop();
                waker.wake_by_ref();
                return true;
            }
            if self.mark(head) {
                head.asleep = Some(identity);
                return true;
            }
            // The mark wasn't set, and so the cell is still ours.
            drop(self.waker.take());
            false
        })
    }

    /// Takes the waker back, if no sender has.
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop).
    pub(super) unsafe fn take_waker(&self) -> Option<Waker> {
        // SAFETY: the head is the receiver's.
        self.head.with_mut(|head| unsafe { self.rise(&mut *head) })
    }

    /// Removes the mark, and the waker with it, if it is still there. (8)
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop).
    unsafe fn rise(&self, head: &mut Head<T>) -> Option<Waker> {
        head.asleep.take()?;
        // SAFETY: the head's block is live. Whoever removes the mark has the cell.
        unsafe {
            let removed = match head.next_slot() {
                Some(state) => {
                    // E4
                    state.compare_exchange(WAITING, EMPTY, Ordering::Acquire, Ordering::Relaxed).is_ok()
                }
                None => {
                    let (next, null) = (self.next_of(head.block), ptr::null_mut());
                    // E4
                    next.compare_exchange(waiting_mark(), null, Ordering::Acquire, Ordering::Relaxed).is_ok()
                }
            };
            if removed { self.waker.take() } else { None }
        }
    }

    /// Marks the next slot, or `next`; false if there is something by now. (7)
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop), with the waker in its cell.
    unsafe fn mark(&self, head: &Head<T>) -> bool {
        // SAFETY: the head's block is live.
        unsafe {
            match head.next_slot() {
                Some(state) => {
                    state.compare_exchange(EMPTY, WAITING, Ordering::Release, Ordering::Relaxed).is_ok() // E4
                }
                None => {
                    let (next, null) = (self.next_of(head.block), ptr::null_mut());
                    let marked =
                        next.compare_exchange(null, waiting_mark(), Ordering::Release, Ordering::Relaxed);
                    marked.is_ok() // E4
                }
            }
        }
    }

    /// # Safety
    ///
    /// As [`pop`](Self::pop).
    unsafe fn is_marked(&self, head: &Head<T>) -> bool {
        // SAFETY: the head's block is live.
        unsafe {
            match head.next_slot() {
                // Relaxed, both: the mark is the receiver's own, and its absence is looked into with E1 and E3.
                Some(state) => state.load(Ordering::Relaxed) == WAITING,
                // Relaxed: as above.
                None => self.next_of(head.block).load(Ordering::Relaxed) == waiting_mark(),
            }
        }
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
                while let Pop::Value(value) = unsafe { self.0.pop() } {
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

    /// Whether all that was pushed has been popped, and nothing can be pushed.
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop).
    pub(super) unsafe fn is_drained(&self) -> bool {
        let tail = self.tail.load();
        // SAFETY: the head is the receiver's.
        tail.is_closed()
            && self.head.with(|head| unsafe {
                tail.block() == (*head).block && (*head).slots - tail.left() == (*head).slot
            })
    }

    /// Whether nothing is published in the next slot.
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop).
    pub(super) unsafe fn is_next_empty(&self) -> bool {
        // SAFETY: the head is the receiver's, and its block live.
        self.head.with(|head| unsafe {
            match (*head).next_slot() {
                // Relaxed, both: an answer that may be out of date when it arrives.
                Some(state) => state.load(Ordering::Relaxed) < READY,
                // Relaxed: as above.
                None => as_block(self.next_of((*head).block).load(Ordering::Relaxed)).is_none(),
            }
        })
    }

    /// Whether a value may be published behind a slot that isn't.
    ///
    /// # Safety
    ///
    /// As [`pop`](Self::pop), which returned `Empty`.
    pub(super) unsafe fn is_held_up(&self) -> bool {
        let tail = self.tail.load();
        // SAFETY: the head is the receiver's.
        self.head.with(|head| unsafe {
            tail.block() != (*head).block || (*head).slots - tail.left() > (*head).slot + 1
        })
    }

    /// How many values the receiver can get to, or will as soon as their senders are done.
    ///
    /// # Safety
    ///
    /// No other call of the receiving side that isn't this one runs meanwhile.
    pub(super) unsafe fn len(&self) -> usize {
        // SAFETY: the head isn't changed, and the blocks from its own on aren't left.
        self.head.with(|head| unsafe {
            let head = &*head;
            let tail = self.tail.load();
            let Some(last) = tail.block() else { return 0 };
            let claimed = Block::slots(last) - tail.left();
            if let Some(ahead) = Block::distance(head.block, last) {
                return ahead + claimed - head.slot;
            }
            // The last block was made known before the one before it was: count from block to block.
            let (mut block, mut len) = (head.block, 0);
            while block != Some(last) {
                len += block.map_or(0, |block| Block::slots(block));
                // E3
                let Some(next) = as_block(self.next_of(block).load(Ordering::Acquire)) else { break };
                block = Some(next);
            }
            let rest = if block == Some(last) { claimed } else { 0 };
            len + rest - head.slot
        })
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
                        block = as_block(this.as_ref().next.load(Ordering::Acquire)); // E3
                        Block::free(this);
                    }
                    // E6
                    if let Some(spare) = NonNull::new(self.0.spare.load(Ordering::Acquire)) {
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
