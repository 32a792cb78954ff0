//! The future of the next value.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use super::error::RecvError;
use super::receiver::Receiver;
use crate::coop;
use crate::sync::positions::Place;

/// Waits for the next value of a receiver, which nobody else can use meanwhile.
pub(super) struct Recv<'a, T> {
    receiver: &'a mut Receiver<T>,
    place: Place,
}

impl<'a, T> Recv<'a, T> {
    #[inline]
    pub(super) fn new(receiver: &'a mut Receiver<T>) -> Self {
        Self { receiver, place: Place::new() }
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
        // SAFETY: it is pinned, in no line, and leaves this one when it is dropped.
        unsafe { self.place.join(&mut lock, next, unused.take()) };
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
        // SAFETY: it's this line that it joins.
        if unsafe { this.place.waits(this.receiver.shared.line(), cx.waker()) } {
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
        // SAFETY: it's this line that it joins.
        unsafe { self.place.leave(self.receiver.shared.line(), |_| ()) };
    }
}
