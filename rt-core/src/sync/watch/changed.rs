//! The future of a change.

use std::future::Future;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker, ready};

use super::error::RecvError;
use super::signal::{News, Signal, Version};
use crate::coop;
use crate::sync::positions::key;
use crate::sync::waiter::{WAITING, Waiter};

/// Waits for a version other than the one seen, which then is the one seen.
pub(super) struct Changed<'a> {
    signal: &'a Signal,
    seen: &'a mut Version,
    in_line: bool,
    /// Its key is the version it has seen.
    waiter: Waiter,
}

impl<'a> Changed<'a> {
    #[inline]
    pub(super) fn new(signal: &'a Signal, seen: &'a mut Version) -> Self {
        let waiter = Waiter::new(key(seen.position()));
        Self { signal, seen, in_line: false, waiter }
    }

    /// What there is to tell; if nothing, it is in the line, and `waker` the one to wake.
    ///
    /// # Safety
    ///
    /// It is pinned.
    #[cold]
    unsafe fn line_up(&mut self, waker: &Waker) -> News {
        // Cloned and dropped outside of the lock, since that is code that isn't ours.
        let mut unused = Some(waker.clone());
        let mut lock = self.signal.line().lock();
        let news = self.signal.announce(&lock, *self.seen);
        if let News::Nothing = news {
            // SAFETY: it is pinned, in no line, and leaves this one when it is dropped.
            unsafe { Waiter::join(NonNull::from(&mut self.waiter), &mut lock, unused.take()) };
            self.in_line = true;
        }
        drop(lock);
        news
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
        self.in_line = unsafe { Waiter::watch(node, self.signal.line(), waker) } == WAITING;
        self.in_line
    }

    /// # Safety
    ///
    /// It was put into the line.
    #[cold]
    unsafe fn leave(&mut self) {
        let node = NonNull::from(&mut self.waiter);
        let mut lock = self.signal.line().lock();
        let mut waker = None;
        if self.waiter.verdict() == WAITING {
            // SAFETY: our own node, which is in this line.
            waker = unsafe { Waiter::leave(node, &mut lock) };
            self.signal.left(&lock);
        }
        drop(lock);
        drop(waker);
    }
}

impl Future for Changed<'_> {
    type Output = Result<(), RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let coop = ready!(coop::poll_proceed(cx));
        // SAFETY: nothing is moved out of it.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: it is pinned, and was put into the line.
        if this.in_line && unsafe { this.still_waits(cx.waker()) } {
            return Poll::Pending;
        }
        let mut news = this.signal.look().news(*this.seen);
        if let News::Nothing = news {
            // SAFETY: it is pinned.
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
        if self.in_line {
            // SAFETY: it was put into the line, hence pinned, and isn't polled again.
            unsafe { self.leave() };
        }
    }
}
