//! What senders and receiver of a channel share.
//!
//! Sending takes room and a place in the queue, at once as a rule ([`Tail`](super::tail::Tail)); the receiver gives the
//! room back after it has popped ([`Room`]). `close` closes the room; who had some by then may still send, and so a bounded
//! channel has ended when all room is back.
//!
//! E1: `remove_sender` AcqRel -> `remove_sender` AcqRel of the last: what the others pushed is in the queue before
//! its end is marked.

use std::task::{Context, Poll, ready};

use super::error::TryRecvError;
use super::queue::{Queue, Wait};
use super::room::Room;
use super::tail::{Tail, Terms};
use crate::coop;
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::sync::Notify;

/// See the module's documentation.
#[repr(C)]
pub(super) struct Chan<T, R> {
    senders: AtomicUsize,
    weak_senders: AtomicUsize,
    /// Tells senders that the receiver has closed the channel.
    closed: Notify,
    queue: Queue<T>,
    /// Behind the receiver's part of the queue, since it is the receiver that frees room.
    pub(super) room: R,
}

impl<T, R> Chan<T, R> {
    /// A channel with one sender.
    ///
    /// `in_tail` is how much room the tail counts.
    pub(super) fn new(room: R, in_tail: usize) -> Self {
        Self {
            senders: AtomicUsize::new(1),
            weak_senders: AtomicUsize::new(0),
            closed: Notify::new(),
            queue: Queue::new(in_tail),
            room,
        }
    }
}

/// The sending side.
impl<T, R: Room> Chan<T, R> {
    /// Sends a message if there is room and nobody waits for it.
    #[inline]
    pub(super) fn push(&self, value: T) -> Result<(), T> {
        self.queue.push(value, R::TERMS)
    }

    /// Sends a message whose room has been taken.
    #[inline]
    pub(super) fn push_reserved(&self, value: T) {
        if self.queue.push(value, Terms::HAS).is_err() {
            unreachable!("who has room is never refused");
        }
    }

    #[inline]
    pub(super) fn tail(&self) -> &Tail {
        self.queue.tail()
    }

    pub(super) fn is_closed(&self) -> bool {
        let now = self.tail().load();
        now.is_closed() || now.has_ended()
    }

    /// Waits until the receiver has gone or closed the channel.
    pub(super) async fn closed(&self) {
        // Made before the look, so that a notification after it isn't missed.
        let notified = self.closed.notified();
        if self.is_closed() {
            coop::consume_budget().await;
        } else {
            notified.await;
        }
    }

    /// Another sender appears.
    pub(super) fn add_sender(&self) {
        // Relaxed: whoever makes one of another has that one.
        self.senders.fetch_add(1, Ordering::Relaxed);
    }

    /// A sender appears out of a weak one, unless the last has gone.
    pub(super) fn revive_sender(&self) -> bool {
        let mut now = self.senders.load(Ordering::Relaxed);
        while now > 0 {
            // E1: as if it had been made of a sender that is there.
            match self.senders.compare_exchange_weak(now, now + 1, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(actual) => now = actual,
            }
        }
        false
    }

    /// A sender goes.
    pub(super) fn remove_sender(&self) {
        if self.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.tail().end(); // E1
        }
    }

    pub(super) fn senders(&self) -> usize {
        self.senders.load(Ordering::Acquire) // E1
    }

    pub(super) fn add_weak(&self) {
        // Relaxed: a count that nothing hangs on.
        self.weak_senders.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn remove_weak(&self) {
        // Relaxed: the same.
        self.weak_senders.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn weak_senders(&self) -> usize {
        // Relaxed: a statistic.
        self.weak_senders.load(Ordering::Relaxed)
    }
}

/// The receiving side. For all of it: the caller is the only receiver, alone for the length of the call.
impl<T, R: Room> Chan<T, R> {
    /// # Safety
    ///
    /// The caller is the receiver, alone for the length of the call.
    #[inline]
    pub(super) unsafe fn poll_recv(&self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        ready!(coop::poll_has_remaining(cx));
        loop {
            // SAFETY: the caller is the receiver.
            let received = match unsafe { self.queue.pop() } {
                Some(value) => {
                    self.room.release(self.tail(), 1);
                    Some(value)
                }
                // SAFETY: the caller is the receiver.
                None => match unsafe { self.sleep(cx) } {
                    Wait::Asleep => return Poll::Pending,
                    Wait::Again => continue,
                    Wait::Over => None,
                },
            };
            coop::spend();
            return Poll::Ready(received);
        }
    }

    /// Has the task woken when there is something, after it found nothing.
    ///
    /// # Safety
    ///
    /// As [`poll_recv`](Self::poll_recv).
    #[cold]
    unsafe fn sleep(&self, cx: &Context<'_>) -> Wait {
        // SAFETY: the caller is the receiver.
        match unsafe { self.queue.sleep(cx.waker(), |now| self.room.is_over(now)) } {
            Wait::Asleep if self.room.is_over_elsewhere() => {
                drop(self.tail().rise());
                Wait::Over
            }
            wait => wait,
        }
    }

    /// Receives up to `limit` messages; 0 when the channel has ended, or the limit is 0.
    ///
    /// # Safety
    ///
    /// As [`poll_recv`](Self::poll_recv).
    pub(super) unsafe fn poll_recv_many(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Poll<usize> {
        if limit == 0 {
            return Poll::Ready(0);
        }
        ready!(coop::poll_has_remaining(cx));
        // SAFETY: the caller is the receiver.
        unsafe {
            loop {
                let received = self.take_many(buffer, limit);
                if received == 0 {
                    match self.sleep(cx) {
                        Wait::Asleep => return Poll::Pending,
                        Wait::Again => continue,
                        Wait::Over => {}
                    }
                }
                coop::spend();
                return Poll::Ready(received);
            }
        }
    }

    /// Takes what is there, up to `limit`; how much that was.
    ///
    /// # Safety
    ///
    /// As [`poll_recv`](Self::poll_recv).
    unsafe fn take_many(&self, buffer: &mut Vec<T>, limit: usize) -> usize {
        /// Gives the room of what was taken back, also when the buffer can't grow.
        struct Taken<'a, R: Room>(&'a R, usize, &'a Tail);
        impl<R: Room> Drop for Taken<'_, R> {
            fn drop(&mut self) {
                if self.1 > 0 {
                    self.0.release(self.2, self.1);
                }
            }
        }
        let mut taken = Taken(&self.room, 0, self.tail());
        while taken.1 < limit {
            if buffer.len() == buffer.capacity() {
                // SAFETY: the caller is the receiver.
                let (there, empty) = unsafe { (self.queue.len(), self.queue.is_next_empty()) };
                if taken.1 > 0 && empty {
                    break;
                }
                // It may panic: before a value is taken, so that none is lost.
                buffer.reserve(there.clamp(1, limit - taken.1));
            }
            // SAFETY: the caller is the receiver.
            match unsafe { self.queue.pop() } {
                Some(value) => buffer.push(value),
                None => break,
            }
            taken.1 += 1;
        }
        taken.1
    }

    /// # Safety
    ///
    /// As [`poll_recv`](Self::poll_recv).
    pub(super) unsafe fn try_recv(&self) -> Result<T, TryRecvError> {
        loop {
            // SAFETY: the caller is the receiver.
            unsafe {
                if let Some(value) = self.queue.pop() {
                    self.room.release(self.tail(), 1);
                    return Ok(value);
                }
                if self.queue.is_done(|now| self.room.is_over(now)) {
                    return Err(TryRecvError::Disconnected);
                }
                // A message that was sent may be held up by one whose sender is in the middle of it: saying that the
                // channel is empty would be wrong.
                if !self.queue.wait_for_slow_sender() {
                    return Err(TryRecvError::Empty);
                }
            }
        }
    }

    /// Ends the channel from the receiver's side.
    pub(super) fn close(&self) {
        self.room.close(self.tail());
        self.closed.notify_waiters();
    }

    /// The receiver goes: ends the channel, and drops what is in it.
    ///
    /// # Safety
    ///
    /// As [`poll_recv`](Self::poll_recv).
    pub(super) unsafe fn drop_receiver(&self) {
        self.close();
        // SAFETY: the caller is the receiver.
        unsafe {
            drop(self.tail().rise());
            self.queue.clear(|| self.room.release(self.tail(), 1));
        }
    }

    /// # Safety
    ///
    /// As [`poll_recv`](Self::poll_recv), except that others may call this, too.
    pub(super) unsafe fn len(&self) -> usize {
        // SAFETY: the caller's promise.
        unsafe { self.queue.len() }
    }
}
