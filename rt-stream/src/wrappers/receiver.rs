//! What a bounded channel receives.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use rt_core::sync::mpsc::Receiver;

/// The messages of a bounded mpsc channel. It ends when all senders are gone, or the channel is closed and
/// empty.
///
/// ```
/// use rt_core::sync::mpsc;
/// use rt_stream::StreamExt;
/// use rt_stream::wrappers::ReceiverStream;
///
/// # rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let (sender, receiver) = mpsc::channel(4);
/// sender.send(1).await.unwrap();
/// drop(sender);
/// assert_eq!(ReceiverStream::new(receiver).collect::<Vec<_>>().await, [1]);
/// # });
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct ReceiverStream<T> {
    inner: Receiver<T>,
}

impl<T> ReceiverStream<T> {
    /// Wraps it.
    pub fn new(inner: Receiver<T>) -> Self {
        Self { inner }
    }

    /// What was wrapped.
    pub fn into_inner(self) -> Receiver<T> {
        self.inner
    }

    /// Closes the channel: senders fail from now on, and what has been sent can still be received.
    pub fn close(&mut self) {
        self.inner.close();
    }
}

impl<T> Stream for ReceiverStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.poll_recv(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // In this order: once it's closed, nothing comes but what has a place already.
        let is_closed = self.inner.is_closed();
        let places = self.inner.max_capacity() - self.inner.capacity();
        let queued = self.inner.len();
        (queued, is_closed.then_some(places.max(queued)))
    }
}

impl<T> AsRef<Receiver<T>> for ReceiverStream<T> {
    fn as_ref(&self) -> &Receiver<T> {
        &self.inner
    }
}

impl<T> AsMut<Receiver<T>> for ReceiverStream<T> {
    fn as_mut(&mut self) -> &mut Receiver<T> {
        &mut self.inner
    }
}

impl<T> From<Receiver<T>> for ReceiverStream<T> {
    fn from(inner: Receiver<T>) -> Self {
        Self::new(inner)
    }
}
