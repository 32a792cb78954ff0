//! What an unbounded channel receives.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use rt_core::sync::mpsc::UnboundedReceiver;

/// The messages of an unbounded mpsc channel. It ends when all senders are gone, or the channel is closed and
/// empty.
///
/// ```
/// use rt_core::sync::mpsc;
/// use rt_stream::StreamExt;
/// use rt_stream::wrappers::UnboundedReceiverStream;
///
/// # rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let (sender, receiver) = mpsc::unbounded_channel();
/// sender.send(1).unwrap();
/// drop(sender);
/// assert_eq!(UnboundedReceiverStream::new(receiver).collect::<Vec<_>>().await, [1]);
/// # });
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct UnboundedReceiverStream<T> {
    inner: UnboundedReceiver<T>,
}

impl<T> UnboundedReceiverStream<T> {
    /// Wraps it.
    pub fn new(inner: UnboundedReceiver<T>) -> Self {
        Self { inner }
    }

    /// What was wrapped.
    pub fn into_inner(self) -> UnboundedReceiver<T> {
        self.inner
    }

    /// Closes the channel: senders fail from now on, and what has been sent can still be received.
    pub fn close(&mut self) {
        self.inner.close();
    }
}

impl<T> Stream for UnboundedReceiverStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.poll_recv(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // In this order: once it's closed, the number is final.
        let is_closed = self.inner.is_closed();
        let queued = self.inner.len();
        (queued, is_closed.then_some(queued))
    }
}

impl<T> AsRef<UnboundedReceiver<T>> for UnboundedReceiverStream<T> {
    fn as_ref(&self) -> &UnboundedReceiver<T> {
        &self.inner
    }
}

impl<T> AsMut<UnboundedReceiver<T>> for UnboundedReceiverStream<T> {
    fn as_mut(&mut self) -> &mut UnboundedReceiver<T> {
        &mut self.inner
    }
}

impl<T> From<UnboundedReceiver<T>> for UnboundedReceiverStream<T> {
    fn from(inner: UnboundedReceiver<T>) -> Self {
        Self::new(inner)
    }
}
