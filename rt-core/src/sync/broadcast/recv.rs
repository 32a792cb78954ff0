//! The future of the next value.

use std::future::Future;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker, ready};

use super::error::RecvError;
use super::receiver::Receiver;
use crate::coop;
use crate::sync::positions::key;
use crate::sync::waiter::{WAITING, Waiter};

/// Waits for the next value of a receiver, which nobody else can use meanwhile.
pub(super) struct Recv<'a, T> {
    receiver: &'a mut Receiver<T>,
    in_line: bool,
    /// Its key is the position of the value it waits for.
    waiter: Waiter,
}

impl<'a, T> Recv<'a, T> {
    #[inline]
    pub(super) fn new(receiver: &'a mut Receiver<T>) -> Self {
        let waiter = Waiter::new(key(receiver.next));
        Self { receiver, in_line: false, waiter }
    }

    /// Whether it is still in the line, with `waker` as the one to wake.
    ///
    /// # Safety
    ///
    /// It is pinned, and was put into the line.
    #[cold]
    unsafe fn still_waits(&mut self, waker: &Waker) -> bool {
        let node = NonNull::from(&mut self.waiter);
        // SAFETY: our own node, which was put into this line.
        self.in_line = unsafe { Waiter::watch(node, self.receiver.shared.line(), waker) } == WAITING;
        self.in_line
    }

    /// Waits in the line, unless something has come; `None` says to look again.
    ///
    /// # Safety
    ///
    /// It is pinned, and not in the line.
    #[cold]
    unsafe fn line_up(&mut self, waker: &Waker) -> Option<Poll<RecvError>> {
        // Cloned and dropped outside of the lock, since that is code that isn't ours.
        let mut unused = Some(waker.clone());
        let shared = &*self.receiver.shared;
        let mut lock = shared.line().lock();
        let next = self.receiver.next;
        if let Some((missed, next)) = shared.missed(&lock, next) {
            self.receiver.next = next;
            return Some(Poll::Ready(RecvError::Lagged(missed)));
        }
        let closed = shared.is_closed();
        if next < shared.end() {
            return None;
        }
        if closed {
            return Some(Poll::Ready(RecvError::Closed));
        }
        self.waiter.key = key(next);
        // SAFETY: it is pinned, in no line, and leaves this one when it is dropped.
        unsafe { Waiter::join(NonNull::from(&mut self.waiter), &mut lock, unused.take()) };
        self.in_line = true;
        drop(lock);
        Some(Poll::Pending)
    }
}

impl<T: Clone> Future for Recv<'_, T> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let coop = ready!(coop::poll_proceed(cx));
        // SAFETY: nothing is moved out of it.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: it is pinned, and was put into the line.
        if this.in_line && unsafe { this.still_waits(cx.waker()) } {
            return Poll::Pending;
        }
        let output = loop {
            if let Some(value) = this.receiver.take() {
                break Ok(value);
            }
            // SAFETY: it is pinned, and not in the line.
            match unsafe { this.line_up(cx.waker()) } {
                Some(Poll::Ready(error)) => break Err(error),
                Some(Poll::Pending) => return Poll::Pending,
                None => {}
            }
        };
        coop.made_progress();
        Poll::Ready(output)
    }
}

impl<T> Drop for Recv<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.in_line {
            // SAFETY: it is in the line, hence pinned, and isn't polled again.
            unsafe { self.leave() };
        }
    }
}

impl<T> Recv<'_, T> {
    /// # Safety
    ///
    /// It was put into the line.
    #[cold]
    unsafe fn leave(&mut self) {
        let node = NonNull::from(&mut self.waiter);
        let mut lock = self.receiver.shared.line().lock();
        let mut waker = None;
        if self.waiter.verdict() == WAITING {
            // SAFETY: our own node, which is in this line.
            waker = unsafe { Waiter::leave(node, &mut lock) };
        }
        drop(lock);
        drop(waker);
    }
}
