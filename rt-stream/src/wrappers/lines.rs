//! The lines of a reader.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;
use rt_core::io::{AsyncBufRead, Lines};

pin_project! {
    /// The lines of a reader, without their ends.
    ///
    /// ```
    /// use rt_core::io::AsyncBufReadExt;
    /// use rt_stream::StreamExt;
    /// use rt_stream::wrappers::LinesStream;
    ///
    /// # futures::executor::block_on(async {
    /// let mut lines = LinesStream::new(b"one\ntwo\n".lines());
    /// assert_eq!(lines.next().await.unwrap()?, "one");
    /// assert_eq!(lines.next().await.unwrap()?, "two");
    /// assert!(lines.next().await.is_none());
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct LinesStream<R> {
        #[pin]
        inner: Lines<R>,
    }
}

impl<R> LinesStream<R> {
    /// Wraps it.
    pub fn new(lines: Lines<R>) -> Self {
        Self { inner: lines }
    }

    /// What was wrapped.
    pub fn into_inner(self) -> Lines<R> {
        self.inner
    }

    /// What was wrapped, pinned as the stream is.
    pub fn as_pin_mut(self: Pin<&mut Self>) -> Pin<&mut Lines<R>> {
        self.project().inner
    }
}

impl<R: AsyncBufRead> Stream for LinesStream<R> {
    type Item = io::Result<String>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.project().inner.poll_next_line(cx).map(Result::transpose)
    }
}

impl<R> AsRef<Lines<R>> for LinesStream<R> {
    fn as_ref(&self) -> &Lines<R> {
        &self.inner
    }
}

impl<R> AsMut<Lines<R>> for LinesStream<R> {
    fn as_mut(&mut self) -> &mut Lines<R> {
        &mut self.inner
    }
}
