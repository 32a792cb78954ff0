//! The future of a notification that keeps the `Notify` alive.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc; // std: in public signatures
use std::task::{Context, Poll};

use super::Notify;
use super::notified::Wait;

/// The future of a notification, which [`Notify::notified_owned`] returns.
#[must_use = "futures do nothing unless polled"]
pub struct OwnedNotified {
    notify: Arc<Notify>,
    wait: Wait,
}

impl OwnedNotified {
    pub(super) fn new(notify: Arc<Notify>) -> Self {
        let wait = Wait::new(&notify);
        Self { notify, wait }
    }

    /// Begins to wait without being polled, and returns whether it has been notified.
    ///
    /// See [`Notified::enable`](super::Notified::enable).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::sync::Arc;
    /// use rt_core::sync::Notify;
    ///
    /// let notify = Arc::new(Notify::new());
    /// let mut notified = pin!(notify.clone().notified_owned());
    /// assert!(!notified.as_mut().enable());
    /// notify.notify_one();
    /// assert!(notified.enable());
    /// ```
    pub fn enable(self: Pin<&mut Self>) -> bool {
        // SAFETY: nothing is moved out of it; the wait is pinned with it, and cancelled when it is dropped.
        unsafe {
            let this = self.get_unchecked_mut();
            this.wait.enable(&this.notify)
        }
    }
}

impl Future for OwnedNotified {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // SAFETY: nothing is moved out of it; the wait is pinned with it, and cancelled when it is dropped.
        unsafe {
            let this = self.get_unchecked_mut();
            this.wait.poll(&this.notify, cx)
        }
    }
}

impl Drop for OwnedNotified {
    fn drop(&mut self) {
        // SAFETY: the wait was pinned if it was polled, and isn't polled again.
        unsafe { self.wait.cancel(&self.notify) };
    }
}

impl fmt::Debug for OwnedNotified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedNotified").field("notify", &self.notify).finish_non_exhaustive()
    }
}
