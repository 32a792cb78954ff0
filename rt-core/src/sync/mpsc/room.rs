//! Room of a channel.
//!
//! Room of a bounded channel is counted in the tail's word, where sending takes it together with a place. A channel for
//! more messages than that can count has permits of its own, and senders take them before they push.
//!
//! What the receiver frees isn't given back one by one, which would take the tail's cache line from the senders each
//! time: it is [`Owed`] until it is a batch, or somebody wants it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::owed::Owed;
use super::tail::{AcquireRoom, MOST_ROOM, Tail, Terms, View};
use crate::shim;
use crate::sync::error::{AcquireError, TryAcquireError};
use crate::sync::permits::{Acquire, Permits};

/// Room of a bounded channel; see the module's documentation.
pub(super) struct Bounded {
    owed: Owed,
    pub(super) capacity: usize,
    /// So much is owed at most; 1 when each message's room is given back at once.
    batch: usize,
    /// In place of the tail's count, when that would be too small.
    large: Option<Box<Permits>>,
}

/// What there is to be had.
struct Now {
    free: usize,
    has_line: bool,
    is_closed: bool,
}

impl Bounded {
    pub(super) fn new(capacity: usize) -> Self {
        let batch = (capacity / shim::scaled(4, 1)).clamp(1, shim::scaled(128, 2));
        let large = (capacity > MOST_ROOM).then(|| Box::new(Permits::new(capacity)));
        Self { owed: Owed::new(), capacity, batch, large }
    }

    /// How much of it the tail counts.
    pub(super) fn in_tail(&self) -> usize {
        if self.large.is_some() { 0 } else { self.capacity }
    }

    fn now(&self, tail: &Tail) -> Now {
        match &self.large {
            None => {
                let now = tail.room().snapshot();
                Now { free: now.free(), has_line: now.has_line(), is_closed: now.is_closed() }
            }
            Some(large) => {
                let now = large.snapshot();
                Now { free: now.free(), has_line: now.has_line(), is_closed: now.is_closed() }
            }
        }
    }

    fn give(&self, tail: &Tail, n: usize) {
        match &self.large {
            None => drop(tail.room().release(n)),
            Some(large) => drop(large.release(n)),
        }
    }

    fn try_acquire(&self, tail: &Tail, n: usize) -> Result<(), TryAcquireError> {
        match &self.large {
            None => tail.room().try_acquire(n),
            Some(large) => large.try_acquire(n),
        }
    }

    /// Takes room for `n` if there is so much and nobody waits.
    #[inline]
    pub(super) fn try_take(&self, tail: &Tail, n: usize) -> Result<(), TryAcquireError> {
        match self.try_acquire(tail, n) {
            Err(TryAcquireError::NoPermits) if self.owed.is_some() => {
                self.settle(tail);
                self.try_acquire(tail, n)
            }
            result => result,
        }
    }

    /// For how many more messages there is room.
    pub(super) fn available(&self, tail: &Tail) -> usize {
        let now = self.now(tail);
        // Read one after the other: what was settled, or sent and received, in between isn't to count twice.
        if now.has_line { 0 } else { (now.free + self.owed.count()).min(self.capacity) }
    }

    /// Gives back what is owed.
    #[cold]
    fn settle(&self, tail: &Tail) {
        let owed = self.owed.take();
        if owed > 0 {
            self.give(tail, owed);
        }
        let now = self.now(tail);
        if now.has_line || now.is_closed {
            self.want(tail);
        }
    }

    /// What is freed is wanted at once from now on. Whoever waits calls it when he is in the line: so either he finds
    /// what the receiver has freed, or the receiver finds that it is wanted.
    #[cold]
    fn want(&self, tail: &Tail) {
        if self.batch == 1 {
            return; // Nothing is ever owed.
        }
        let owed = self.owed.want();
        if owed > 0 {
            self.give(tail, owed);
        }
    }

    /// Gives back room that nothing was sent by. If it was all that was missing for the end, wakes the receiver.
    pub(super) fn put_back(&self, tail: &Tail, n: usize) {
        self.give(tail, n);
        let now = self.now(tail);
        if now.is_closed && now.free == self.capacity {
            tail.rouse();
        }
    }

    /// Waits for room for `n`.
    #[inline]
    pub(super) fn reserve<'a>(&'a self, tail: &'a Tail, n: usize) -> Reserve<'a> {
        let wait = match &self.large {
            None => Wait::InTail(tail.room().acquire(n)),
            Some(large) => Wait::Large(large.acquire(n)),
        };
        Reserve { wait, unserved: Unserved { room: self, tail, armed: false } }
    }
}

/// Waits for room.
pub(super) struct Reserve<'a> {
    // Dropped before the other.
    wait: Wait<'a>,
    unserved: Unserved<'a>,
}

enum Wait<'a> {
    InTail(AcquireRoom<'a>),
    Large(Acquire<'a>),
}

impl Future for Wait<'_> {
    type Output = Result<(), AcquireError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: nothing is moved out of it, and what is in it is pinned with the whole.
        unsafe {
            match self.get_unchecked_mut() {
                Self::InTail(acquire) => Pin::new_unchecked(acquire).poll(cx),
                Self::Large(acquire) => Pin::new_unchecked(acquire).poll(cx),
            }
        }
    }
}

/// When the wait ends without room it may have had some, and have been the last to give it back.
struct Unserved<'a> {
    room: &'a Bounded,
    tail: &'a Tail,
    armed: bool,
}

impl Drop for Unserved<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.armed {
            self.room.put_back(self.tail, 0);
        }
    }
}

impl Future for Reserve<'_> {
    type Output = Result<(), AcquireError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: nothing is moved out of it, and `wait` is pinned with the whole.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let mut wait = unsafe { Pin::new_unchecked(&mut this.wait) };
        let mut result = wait.as_mut().poll(cx);
        if result.is_pending() && !this.unserved.armed {
            this.unserved.armed = true;
            if this.unserved.room.batch > 1 {
                this.unserved.room.want(this.unserved.tail);
                // It may have been what was missing.
                result = wait.poll(cx);
            }
        }
        if let Poll::Ready(Ok(())) = result {
            this.unserved.armed = false;
        }
        result
    }
}

/// What the two kinds of channels do differently.
pub(super) trait Room {
    /// How a message that has no permit is sent.
    const TERMS: Terms;

    /// Gives the room of `n` received messages back.
    fn release(&self, tail: &Tail, n: usize);

    /// The receiver wants no more.
    fn close(&self, tail: &Tail);

    /// Whether it was closed, and nobody has room by which he may still send.
    fn is_over(&self, now: View) -> bool;

    /// As `is_over`, if that can't be told by the tail; asked once more after the receiver went to sleep.
    fn is_over_elsewhere(&self) -> bool;
}

impl Room for Bounded {
    const TERMS: Terms = Terms::TAKE;

    #[inline]
    fn release(&self, tail: &Tail, n: usize) {
        if self.batch == 1 {
            self.give(tail, n);
        } else if self.owed.add(n, self.batch) {
            self.settle(tail);
        }
    }

    fn close(&self, tail: &Tail) {
        if let Some(large) = &self.large {
            large.close();
        }
        tail.room().close();
        // All must come back before the channel has ended.
        self.settle(tail);
    }

    fn is_over(&self, now: View) -> bool {
        now.is_closed()
            && match &self.large {
                None => now.room() == self.capacity,
                Some(_) => self.is_over_elsewhere(),
            }
    }

    fn is_over_elsewhere(&self) -> bool {
        self.large.as_ref().is_some_and(|large| {
            let now = large.snapshot();
            now.is_closed() && now.free() == self.capacity
        })
    }
}

/// An unbounded channel has room for all.
pub(super) struct Unbounded;

impl Room for Unbounded {
    const TERMS: Terms = Terms::NONE;

    #[inline]
    fn release(&self, _: &Tail, _: usize) {}

    fn close(&self, tail: &Tail) {
        tail.room().close();
    }

    fn is_over(&self, now: View) -> bool {
        now.is_closed()
    }

    fn is_over_elsewhere(&self) -> bool {
        false
    }
}
