//! The future of a change.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use super::error::RecvError;
use super::signal::{News, Signal, Version};
use crate::coop;
use crate::sync::positions::Place;

/// Waits for a version other than the one seen, which then is the one seen.
pub(super) struct Changed<'a> {
    signal: &'a Signal,
    seen: &'a mut Version,
    place: Place,
}

impl<'a> Changed<'a> {
    #[inline]
    pub(super) fn new(signal: &'a Signal, seen: &'a mut Version) -> Self {
        Self { signal, seen, place: Place::new() }
    }

    /// What there is to tell; if nothing, it is in the line, and `waker` the one to wake.
    ///
    /// # Safety
    ///
    /// It is pinned, and not in the line.
    #[cold]
    unsafe fn line_up(&mut self, waker: &Waker) -> News {
        // Cloned and dropped outside of the lock, since that is code that isn't ours.
        let mut unused = Some(waker.clone());
        let mut lock = self.signal.line().lock();
        let news = self.signal.announce(&lock, *self.seen);
        if let News::Nothing = news {
            // SAFETY: it is pinned, in no line, and leaves this one when it is dropped.
            unsafe { self.place.join(&mut lock, self.seen.position(), unused.take()) };
        }
        drop(lock);
        news
    }
}

impl Future for Changed<'_> {
    type Output = Result<(), RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let coop = ready!(coop::poll_proceed(cx));
        // SAFETY: nothing is moved out of it.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: it's this line that it joins.
        if unsafe { this.place.waits(this.signal.line(), cx.waker()) } {
            return Poll::Pending;
        }
        let mut news = this.signal.look().news(*this.seen);
        if let News::Nothing = news {
            // SAFETY: it is pinned, and not in the line.
            news = unsafe { this.line_up(cx.waker()) };
        }
        let output = match news {
            News::Nothing => return Poll::Pending,
            News::Changed(version) => {
                *this.seen = version;
                Ok(())
            }
            News::Closed(error) => Err(error),
        };
        coop.made_progress();
        Poll::Ready(output)
    }
}

impl Drop for Changed<'_> {
    #[inline]
    fn drop(&mut self) {
        let signal = self.signal;
        // SAFETY: it's this line that it joins.
        unsafe { self.place.leave(signal.line(), |lock| signal.left(lock)) };
    }
}
