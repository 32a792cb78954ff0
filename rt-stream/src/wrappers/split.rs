//! The segments of a reader.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;
use rt_core::io::{AsyncBufRead, Split};

pin_project! {
    /// The segments of a reader, without the byte that separates them.
    ///
    /// ```
    /// use rt_core::io::AsyncBufReadExt;
    /// use rt_stream::StreamExt;
    /// use rt_stream::wrappers::SplitStream;
    ///
    /// # futures::executor::block_on(async {
    /// let mut segments = SplitStream::new(AsyncBufReadExt::split(&b"a,b"[..], b','));
    /// assert_eq!(segments.next().await.unwrap()?, b"a");
    /// assert_eq!(segments.next().await.unwrap()?, b"b");
    /// assert!(segments.next().await.is_none());
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct SplitStream<R> {
        #[pin]
        inner: Split<R>,
    }
}

impl<R> SplitStream<R> {
    /// Wraps it.
    pub fn new(split: Split<R>) -> Self {
        Self { inner: split }
    }

    /// What was wrapped.
    pub fn into_inner(self) -> Split<R> {
        self.inner
    }

    /// What was wrapped, pinned as the stream is.
    pub fn as_pin_mut(self: Pin<&mut Self>) -> Pin<&mut Split<R>> {
        self.project().inner
    }
}

impl<R: AsyncBufRead> Stream for SplitStream<R> {
    type Item = io::Result<Vec<u8>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.project().inner.poll_next_segment(cx).map(Result::transpose)
    }
}

impl<R> AsRef<Split<R>> for SplitStream<R> {
    fn as_ref(&self) -> &Split<R> {
        &self.inner
    }
}

impl<R> AsMut<Split<R>> for SplitStream<R> {
    fn as_mut(&mut self) -> &mut Split<R> {
        &mut self.inner
    }
}
