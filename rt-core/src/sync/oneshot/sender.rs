//! The sending side.

use std::fmt;
use std::future::poll_fn;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};
use std::task::{Context, Poll, ready};

use super::shared::Shared;
use crate::base::trace;
use crate::coop;

/// Sends the one value of a channel.
///
/// Made by [`channel`](super::channel). Dropping it without sending ends the receiver's wait with an error.
pub struct Sender<T> {
    shared: NonNull<Shared<T>>,
    trace: trace::Resource,
}

// SAFETY: it gives away a `T`, and shares nothing else but atomics and wakers.
unsafe impl<T: Send> Send for Sender<T> {}
// SAFETY: a shared sender only looks at the state.
unsafe impl<T: Send> Sync for Sender<T> {}

impl<T> Sender<T> {
    pub(super) fn new(shared: NonNull<Shared<T>>, trace: trace::Resource) -> Self {
        Self { shared, trace }
    }

    fn shared(&self) -> &Shared<T> {
        // SAFETY: it lives until the sender leaves.
        unsafe { self.shared.as_ref() }
    }

    /// Sends the value. It never waits, so that it can be called outside of asynchronous code, too.
    ///
    /// `Ok` doesn't mean that the value will be received: the receiver may still go without looking.
    ///
    /// # Errors
    ///
    /// The value, when the receiver is gone or has closed the channel.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::oneshot;
    ///
    /// let (sender, receiver) = oneshot::channel();
    /// assert_eq!(sender.send(3), Ok(()));
    /// drop(receiver);
    ///
    /// let (sender, receiver) = oneshot::channel();
    /// drop(receiver);
    /// assert_eq!(sender.send(4), Err(4));
    /// ```
    #[inline]
    pub fn send(self, value: T) -> Result<(), T> {
        let this = ManuallyDrop::new(self);
        // SAFETY: the sender won't be used or dropped, so that its field is moved out of it once.
        let trace = unsafe { ptr::read(&this.trace) };
        // SAFETY: we are the sender, which won't be used or dropped.
        let sent = unsafe { Shared::send(this.shared, value) };
        if sent.is_ok() {
            trace.update(&[trace::Update::ValueSent(true)]);
        }
        trace.update(&[trace::Update::SenderDropped(true)]);
        sent
    }

    /// Waits until the receiver is gone or has closed the channel.
    ///
    /// To stop working on something that nobody waits for any more.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (mut sender, receiver) = rt_core::sync::oneshot::channel::<u32>();
    /// std::thread::spawn(move || drop(receiver));
    /// sender.closed().await;
    /// # });
    /// ```
    pub async fn closed(&mut self) {
        poll_fn(|cx| self.poll_closed(cx)).await;
    }

    /// Whether the receiver is gone or has closed the channel, so that a `send` would fail.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut receiver) = rt_core::sync::oneshot::channel::<u32>();
    /// assert!(!sender.is_closed());
    /// receiver.close();
    /// assert!(sender.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.shared().look().is_closed()
    }

    /// Checks whether the receiver is gone or has closed the channel; when not, has the task woken when
    /// that happens.
    ///
    /// Only the task of the last call is woken.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::future::poll_fn;
    ///
    /// # futures::executor::block_on(async {
    /// let (mut sender, mut receiver) = rt_core::sync::oneshot::channel::<u32>();
    /// receiver.close();
    /// poll_fn(|cx| sender.poll_closed(cx)).await;
    /// # });
    /// ```
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let coop = ready!(coop::poll_proceed(cx));
        // SAFETY: we are the sender, and a sender that is there hasn't sent.
        if !self.is_closed() && unsafe { self.shared().register_sender(cx.waker()) } {
            return Poll::Pending;
        }
        coop.made_progress();
        Poll::Ready(())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        // SAFETY: we are the sender, and it goes.
        unsafe { Shared::drop_sender(self.shared) };
        self.trace.update(&[trace::Update::SenderDropped(true)]);
    }
}

impl<T: fmt::Debug> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("closed", &self.is_closed()).finish()
    }
}
