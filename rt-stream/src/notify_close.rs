//! A stream whose end is an item.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;

pin_project! {
    /// Wraps a stream so that its end is an item as well: each item as `Some`, then one `None`, and only
    /// then the end.
    ///
    /// Inside a [`StreamMap`](crate::StreamMap), which drops streams that end without a word, it tells
    /// which stream did.
    ///
    /// ```
    /// use rt_stream::{StreamExt, StreamNotifyClose};
    ///
    /// # futures::executor::block_on(async {
    /// let stream = StreamNotifyClose::new(rt_stream::iter([1, 2]));
    /// assert_eq!(stream.collect::<Vec<_>>().await, [Some(1), Some(2), None]);
    /// # });
    /// ```
    #[must_use = "streams do nothing unless polled"]
    pub struct StreamNotifyClose<S> {
        #[pin]
        inner: Option<S>,
    }
}

impl<S> StreamNotifyClose<S> {
    /// Wraps `stream`.
    pub fn new(stream: S) -> Self {
        Self { inner: Some(stream) }
    }

    /// The stream inside, unless it has ended.
    pub fn into_inner(self) -> Option<S> {
        self.inner
    }
}

impl<S: Stream> Stream for StreamNotifyClose<S> {
    type Item = Option<S::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut inner = self.project().inner;
        let Some(stream) = inner.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let item = ready!(stream.poll_next(cx));
        if item.is_none() {
            inner.set(None);
        }
        Poll::Ready(Some(item))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let Some(inner) = &self.inner else { return (0, Some(0)) };
        let (lower, upper) = inner.size_hint();
        (lower.saturating_add(1), upper.and_then(|upper| upper.checked_add(1)))
    }
}
