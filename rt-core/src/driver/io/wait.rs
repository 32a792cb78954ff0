//! Waiting for readiness as one of any number of futures.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::registration::Registration;
use super::waiter::Waiter;
use super::{Event, Ready};

/// Waits until the resource is ready for something of `mask`. Cancel safe: dropping it leaves the list.
pub(super) struct Wait<'a> {
    registration: &'a Registration,
    mask: Ready,
    /// Structurally pinned; linked in the source's list between a `Pending` and the next `Ready` or the drop.
    waiter: Waiter,
}

impl<'a> Wait<'a> {
    pub(super) fn new(registration: &'a Registration, mask: Ready) -> Self {
        Self { registration, mask, waiter: Waiter::new() }
    }
}

impl Future for Wait<'_> {
    type Output = io::Result<Event>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.into_ref().get_ref();
        let source = this.registration.source();
        // SAFETY: the future is pinned, the waiter is never moved out of it, and its drop leaves the list.
        match unsafe { source.poll_list(&this.waiter, this.mask, cx.waker()) } {
            Poll::Ready(event) => Poll::Ready(Registration::unless_ended(event)),
            Poll::Pending => match this.registration.attach() {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            },
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        // SAFETY: it waited for no other source.
        unsafe { self.registration.source().leave(&self.waiter) };
    }
}
