//! What senders and receiver of a channel share.
//!
//! A bounded channel has a [`Permits`] core: a permit for each message there is room for. A sender takes one
//! before it pushes, and the receiver gives it back after it has popped, in batches ([`Owed`]). `close` closes the
//! permits; who had one by then may still send, and so the channel has ended when all permits are back. An
//! unbounded channel has none, and is closed by its queue.
//!
//! E1: `remove_sender` AcqRel -> `remove_sender` AcqRel of the last: what the others pushed is in the queue before
//! its end is marked.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::error::TryRecvError;
use super::owed::Owed;
use super::queue::{Pop, Queue};
use crate::base::{AtomicWaker, block_on};
use crate::coop;
use crate::shim;
use crate::shim::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::sync::Notify;
use crate::sync::error::{AcquireError, TryAcquireError};
use crate::sync::permits::{Acquire, Permits};

/// See the module's documentation. `room` is that of a bounded channel.
#[repr(C)]
pub(super) struct Chan<T, R> {
    senders: AtomicUsize,
    weak_senders: AtomicUsize,
    /// Tells senders that the receiver has closed the channel.
    closed: Notify,
    /// The receiver has closed the channel. Only it writes and reads this.
    refused: AtomicBool,
    /// Beside the tail of the queue, since who sends needs both.
    pub(super) room: R,
    queue: Queue<T>,
}

/// Room of a bounded channel.
///
/// What the receiver frees isn't given back to the permits one by one, which would take their cache line from the senders
/// each time: it is [`Owed`] until it is a batch, or somebody wants it.
#[repr(C)]
pub(super) struct Bounded {
    /// The receiver's: off the line of the others, by distance.
    owed: Owed,
    _apart: [u64; 8],
    permits: Permits,
    pub(super) capacity: usize,
    /// So much is owed at most; 1 when each message's room is given back at once.
    batch: usize,
    /// The receiver of a closed channel, which waits for permits to come back.
    idle: AtomicWaker,
}

impl Bounded {
    pub(super) fn new(capacity: usize) -> Self {
        let batch = (capacity / shim::scaled(4, 1)).clamp(1, shim::scaled(32, 2));
        Self {
            owed: Owed::new(),
            _apart: [0; 8],
            permits: Permits::new(capacity),
            capacity,
            batch,
            idle: AtomicWaker::new(),
        }
    }

    /// Takes `n` permits if there is so much room and nobody waits.
    #[inline]
    pub(super) fn try_take(&self, n: usize) -> Result<(), TryAcquireError> {
        match self.permits.try_acquire(n) {
            Err(TryAcquireError::NoPermits) if self.owed.is_some() => {
                self.settle();
                self.permits.try_acquire(n)
            }
            result => result,
        }
    }

    /// For how many more messages there is room.
    pub(super) fn available(&self) -> usize {
        let now = self.permits.snapshot();
        // Read one after the other: what was settled, or sent and received, in between isn't to count twice.
        if now.has_line() { 0 } else { (now.available() + self.owed.count()).min(self.capacity) }
    }

    /// Gives what is owed to the permits.
    #[cold]
    fn settle(&self) {
        let owed = self.owed.take();
        if owed > 0 {
            self.permits.release(owed);
        }
        let now = self.permits.snapshot();
        if now.has_line() || now.is_closed() {
            self.want();
        }
    }

    /// What is freed is wanted at once from now on. Whoever waits calls it when he is in the line: so either he finds
    /// what the receiver has freed, or the receiver finds that it is wanted.
    #[cold]
    fn want(&self) {
        let owed = self.owed.want();
        if owed > 0 {
            self.permits.release(owed);
        }
    }

    /// Gives back permits by which nothing was sent.
    pub(super) fn put_back(&self, n: usize) {
        let now = self.permits.release(n);
        if now.is_closed() && now.free() == self.capacity {
            self.idle.wake();
        }
    }

    /// Waits for `n` permits.
    #[inline]
    pub(super) fn reserve(&self, n: usize) -> Reserve<'_> {
        Reserve { acquire: self.permits.acquire(n), unserved: Unserved { room: self, armed: false } }
    }
}

/// Waits for room.
pub(super) struct Reserve<'a> {
    // Dropped before the other.
    acquire: Acquire<'a>,
    unserved: Unserved<'a>,
}

/// When the wait ends without permits it may have had some, and have been the last to give them back.
struct Unserved<'a> {
    room: &'a Bounded,
    armed: bool,
}

impl Drop for Unserved<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.armed {
            self.room.put_back(0);
        }
    }
}

impl Future for Reserve<'_> {
    type Output = Result<(), AcquireError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: nothing is moved out of it, and `acquire` is pinned with the whole.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let mut acquire = unsafe { Pin::new_unchecked(&mut this.acquire) };
        let mut result = acquire.as_mut().poll(cx);
        if result.is_pending() && !this.unserved.armed {
            this.unserved.armed = true;
            this.unserved.room.want();
            // It may have been what was missing.
            result = acquire.poll(cx);
        }
        if let Poll::Ready(Ok(())) = result {
            this.unserved.armed = false;
        }
        result
    }
}

/// What the two kinds of channels do differently.
pub(super) trait Room {
    /// Gives the room of `n` received messages back.
    fn release(&self, n: usize);

    /// The receiver wants no more. False if the queue must refuse them.
    fn close(&self) -> bool;

    /// Whether the receiver has closed it, if that can be told here.
    fn is_closed(&self) -> bool;

    /// Whether it is closed and all that may still be sent has been received; when not, and with a
    /// context, has the task woken when it may be so.
    ///
    /// Called once it is closed.
    fn is_over(&self, cx: Option<&Context<'_>>) -> bool;

    /// Drops the waker that `is_over` registered.
    fn forget_waker(&self);
}

impl Room for Bounded {
    #[inline]
    fn release(&self, n: usize) {
        if self.batch == 1 {
            self.permits.release(n);
        } else if self.owed.add(n, self.batch) {
            self.settle();
        }
    }

    fn close(&self) -> bool {
        self.permits.close();
        // All must come back before the channel has ended.
        self.settle();
        true
    }

    fn is_closed(&self) -> bool {
        self.permits.snapshot().is_closed()
    }

    fn is_over(&self, cx: Option<&Context<'_>>) -> bool {
        if let Some(cx) = cx {
            self.idle.register(cx.waker());
        }
        self.permits.snapshot().free() == self.capacity
    }

    fn forget_waker(&self) {
        drop(self.idle.take());
    }
}

/// An unbounded channel has room for all.
pub(super) struct Unbounded;

impl Room for Unbounded {
    #[inline]
    fn release(&self, _: usize) {}

    fn close(&self) -> bool {
        false
    }

    fn is_closed(&self) -> bool {
        false
    }

    fn is_over(&self, _: Option<&Context<'_>>) -> bool {
        false
    }

    fn forget_waker(&self) {}
}

impl<T, R> Chan<T, R> {
    /// A channel with one sender.
    pub(super) fn new(room: R) -> Self {
        Self {
            senders: AtomicUsize::new(1),
            weak_senders: AtomicUsize::new(0),
            closed: Notify::new(),
            refused: AtomicBool::new(false),
            room,
            queue: Queue::new(),
        }
    }
}

/// The sending side.
impl<T, R: Room> Chan<T, R> {
    /// Sends a message for which there is room.
    #[inline]
    pub(super) fn push(&self, value: T) -> Result<(), T> {
        self.queue.push(value)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.room.is_closed() || self.queue.is_closed()
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
            // E1
            // SAFETY: with no sender nobody pushes, and none appears any more.
            unsafe { self.queue.end() };
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
        let coop = ready!(coop::poll_proceed(cx));
        loop {
            // SAFETY: the caller is the receiver.
            let received = match unsafe { self.queue.pop() } {
                Pop::Value(value) => {
                    self.room.release(1);
                    Some(value)
                }
                Pop::End => None,
                // SAFETY: the caller is the receiver.
                Pop::Empty => match ready!(unsafe { self.sleep(cx) }) {
                    After::Over => None,
                    After::Again => continue,
                },
            };
            coop.made_progress();
            return Poll::Ready(received);
        }
    }

    /// Has the task woken when there is something, after it found nothing.
    ///
    /// # Safety
    ///
    /// As [`poll_recv`](Self::poll_recv).
    #[cold]
    unsafe fn sleep(&self, cx: &Context<'_>) -> Poll<After> {
        // SAFETY: the caller is the receiver.
        unsafe {
            if self.is_over(Some(cx)) {
                Poll::Ready(After::Over)
            } else if self.queue.sleep(cx.waker()) {
                Poll::Pending
            } else {
                Poll::Ready(After::Again)
            }
        }
    }

    /// Whether the receiver closed the channel, and all that could come has been received.
    ///
    /// # Safety
    ///
    /// As [`poll_recv`](Self::poll_recv).
    unsafe fn is_over(&self, cx: Option<&Context<'_>>) -> bool {
        // Relaxed: it's our own. It spares a look at what senders write.
        // SAFETY: the caller is the receiver.
        self.refused.load(Ordering::Relaxed) && (self.room.is_over(cx) || unsafe { self.queue.is_drained() })
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
        let coop = ready!(coop::poll_proceed(cx));
        // SAFETY: the caller is the receiver.
        unsafe {
            loop {
                let (received, ended) = self.take_many(buffer, limit);
                if received > 0 || ended || matches!(ready!(self.sleep(cx)), After::Over) {
                    coop.made_progress();
                    return Poll::Ready(received);
                }
            }
        }
    }

    /// Takes what is there, up to `limit`; how much that was, and whether nothing more will come.
    ///
    /// # Safety
    ///
    /// As [`poll_recv`](Self::poll_recv).
    unsafe fn take_many(&self, buffer: &mut Vec<T>, limit: usize) -> (usize, bool) {
        /// Gives the room of what was taken back, also when the buffer can't grow.
        struct Taken<'a, R: Room>(&'a R, usize);
        impl<R: Room> Drop for Taken<'_, R> {
            fn drop(&mut self) {
                if self.1 > 0 {
                    self.0.release(self.1);
                }
            }
        }
        let mut taken = Taken(&self.room, 0);
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
                Pop::Value(value) => buffer.push(value),
                Pop::Empty => break,
                Pop::End => return (taken.1, true),
            }
            taken.1 += 1;
        }
        (taken.1, false)
    }

    /// # Safety
    ///
    /// As [`poll_recv`](Self::poll_recv).
    pub(super) unsafe fn try_recv(&self) -> Result<T, TryRecvError> {
        loop {
            // SAFETY: the caller is the receiver.
            unsafe {
                match self.queue.pop() {
                    Pop::Value(value) => {
                        self.room.release(1);
                        return Ok(value);
                    }
                    Pop::End => return Err(TryRecvError::Disconnected),
                    Pop::Empty if self.is_over(None) => return Err(TryRecvError::Disconnected),
                    Pop::Empty if !self.queue.is_held_up() => return Err(TryRecvError::Empty),
                    Pop::Empty => self.wait_for_slow_sender(),
                }
            }
        }
    }

    /// A message that was sent is held up by one whose sender is in the middle of it: saying that the channel
    /// is empty would be wrong. Blocks until that sender is through, which takes a few instructions, unless
    /// its thread has just lost its processor.
    ///
    /// # Safety
    ///
    /// As [`poll_recv`](Self::poll_recv).
    #[cold]
    unsafe fn wait_for_slow_sender(&self) {
        for _ in 0..shim::scaled(64, 1) {
            shim::hint::spin_loop();
            // SAFETY: the caller is the receiver.
            if !unsafe { self.queue.is_next_empty() } {
                return;
            }
        }
        // SAFETY: the caller is the receiver.
        let waker = unsafe { self.queue.take_waker() };
        block_on(poll_fn(|cx| {
            // SAFETY: the caller is the receiver.
            if unsafe { self.queue.sleep(cx.waker()) } { Poll::Pending } else { Poll::Ready(()) }
        }));
        // Whoever waits by an earlier poll would have been woken by that sender.
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Ends the channel from the receiver's side.
    pub(super) fn close(&self) {
        // Relaxed: only the receiver writes and reads it.
        self.refused.store(true, Ordering::Relaxed);
        if !self.room.close() {
            self.queue.refuse();
        }
        self.closed.notify_waiters();
    }

    /// The receiver goes: ends the channel, and drops what is in it.
    ///
    /// # Safety
    ///
    /// As [`poll_recv`](Self::poll_recv).
    pub(super) unsafe fn drop_receiver(&self) {
        self.close();
        self.room.forget_waker();
        // SAFETY: the caller is the receiver.
        unsafe {
            drop(self.queue.take_waker());
            self.queue.clear(|| self.room.release(1));
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

/// What to do after finding nothing.
#[must_use]
enum After {
    /// Something has come meanwhile.
    Again,
    /// Nothing will.
    Over,
}
