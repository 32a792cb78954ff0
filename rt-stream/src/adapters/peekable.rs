//! A stream whose next item can be looked at.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::Fuse;

pin_project! {
    /// Stream of [`StreamExt::peekable`](crate::StreamExt::peekable).
    #[must_use = "streams do nothing unless polled"]
    pub struct Peekable<S: Stream> {
        peeked: Option<S::Item>,
        #[pin]
        stream: Fuse<S>,
    }
}

impl<S: Stream> Peekable<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { peeked: None, stream: Fuse::new(stream) }
    }

    /// The next item, which stays in the stream; `None` at its end.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped: an item that has arrived stays the next one.
    ///
    /// ```
    /// use rt_stream::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let mut stream = rt_stream::iter([1, 2]).peekable();
    /// assert_eq!(stream.peek().await, Some(&1));
    /// assert_eq!(stream.next().await, Some(1));
    /// # });
    /// ```
    pub async fn peek(&mut self) -> Option<&S::Item>
    where
        S: Unpin,
    {
        if self.peeked.is_none() {
            self.peeked = poll_fn(|cx| Pin::new(&mut self.stream).poll_next(cx)).await;
        }
        self.peeked.as_ref()
    }
}

impl<S: Stream> Stream for Peekable<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if let Some(item) = this.peeked.take() {
            return Poll::Ready(Some(item));
        }
        Poll::Ready(ready!(this.stream.poll_next(cx)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (lower, upper) = self.stream.size_hint();
        let peeked = usize::from(self.peeked.is_some());
        (lower.saturating_add(peeked), upper.and_then(|upper| upper.checked_add(peeked)))
    }
}

impl<S: Stream + fmt::Debug> fmt::Debug for Peekable<S>
where
    S::Item: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peekable").field("peeked", &self.peeked).field("stream", &self.stream).finish()
    }
}
